/** What a probe found, as a page for a terminal. */
import { createColors } from 'picocolors'
import { printFindings } from '../doctor/examination.ts'
import { pageOf, wrap } from '../report/plain-text.ts'
import type { RenderOptions } from '../report/reporter.ts'
import { drawnBelow } from '../report/table.ts'
import { transportNamed } from '../transports/registry.ts'
import { cellOf } from './matrix.ts'
import type { Matrix, Probe } from './probe.ts'

type Form = Required<Pick<RenderOptions, 'color' | 'width'>>

export function printProbe({ findings }: Probe, form: Form): string {
  return printFindings(findings, form)
}

/** A row a way, a column a technique, and the sum of each. */
export function printMatrix({ ways, sentences }: Matrix, { color, width }: Form): string {
  const { bold } = createColors(color)
  const names = Object.keys(sentences)
  const rows = ways.map(({ label, version, configuration, role, techniques }) => [
    `${label} ${version}${role === 'forward' ? ', forward' : ''}: ${configuration}`,
    ...names.map((name) => {
      const facts = techniques.find(({ technique }) => technique === name)
      return facts === undefined ? '' : cellOf(facts)
    }),
  ])
  const head = ['Through', ...names.map((name) => transportNamed(name).label)]
  const form = { width, bold, repeated: 1, texts: [0, ...names.map((_, at) => at + 1)] }
  const sums = names.flatMap((name) =>
    wrap(`${transportNamed(name).label}: ${sentences[name]}.`, width),
  )
  return pageOf([drawnBelow({ head, rows }, form), sums])
}
