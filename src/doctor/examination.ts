import pc from 'picocolors'
import { wrap } from '../report/plain-text.ts'
import type { RenderOptions } from '../report/reporter.ts'
import type { Finding, Outcome } from './finding.ts'
import { LIMITS } from './limits.ts'
import type { MachineReading } from './machine.ts'
import { STEADINESS } from './steadiness.ts'

/**
 * All that a machine's reading says about measuring on it.
 * @param clients the crowd that it is judged for; null for any
 */
export function examine(reading: MachineReading, clients: number | null): readonly Finding[] {
  return [...LIMITS, ...STEADINESS].map(([code, title, judge]) => {
    return { code, title, ...judge(reading, clients) }
  })
}

type Form = Required<Pick<RenderOptions, 'color' | 'width'>>

const MARKS = {
  ok: ['✓ ok', 'green'],
  unknown: ['– unknown', 'dim'],
  warn: ['! warn', 'yellow'],
  fail: ['✗ fail', 'red'],
} as const satisfies Record<Outcome, unknown>
const MARK_WIDTH = 10
const TITLE_WIDTH = 20
/** Narrower than this, the text goes below its title. */
const LEAST_TEXT = 40

/** All findings, each with its fix below it, and the sum of them. */
export function printFindings(findings: readonly Finding[], form: Form): string {
  return [...findings.flatMap((finding) => paragraph(finding, form)), '', sumOf(findings)]
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

function paragraph({ outcome, title, text, fix }: Finding, { color, width }: Form): string[] {
  const [mark, paint] = MARKS[outcome]
  const head = `${pc.createColors(color)[paint](mark.padEnd(MARK_WIDTH))}${title.padEnd(TITLE_WIDTH)}`
  const beside = width - MARK_WIDTH - TITLE_WIDTH >= LEAST_TEXT
  const indent = beside ? MARK_WIDTH + TITLE_WIDTH : 2
  const margin = ' '.repeat(indent)
  const [first = '', ...rest] = wrap(text, Math.max(10, width - indent))
  const told = beside
    ? [head + first, ...rest.map((line) => margin + line)]
    : [head, ...[first, ...rest].map((line) => margin + line)]
  // A command is to be copied as it is: no line of ours breaks it.
  return fix === null ? told : [...told, `${margin}fix: ${fix}`]
}

function sumOf(findings: readonly Finding[]): string {
  const counted = (outcome: Outcome): number =>
    findings.filter((finding) => finding.outcome === outcome).length
  const warned = counted('warn')
  const worth = warned === 1 ? '1 thing is' : `${warned} things are`
  const failed = counted('fail')
  if (failed > 0) {
    return `${failed} of ${findings.length} failed${warned === 0 ? '' : `, ${worth} worth a look`}`
  }
  return `nothing stands in the way${warned === 0 ? '' : `; ${worth} worth a look`}`
}
