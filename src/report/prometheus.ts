import { FIGURES, readFigure } from '../figures/catalogue.ts'
import type { Figure } from '../figures/figure.ts'
import type { Run } from '../result/document.ts'
import { printable } from './plain-text.ts'
import type { NamedResult, Reporter } from './reporter.ts'

type Labels = Readonly<Record<string, string>>

/** A run and what tells it from the others. */
interface Subject {
  readonly run: Run
  readonly labels: Labels
}

interface Sample {
  readonly labels: Labels
  readonly value: number
}

/** The text form that Prometheus reads, for the textfile collector of its node exporter. */
export const prometheus: Reporter = {
  name: 'prometheus',
  extension: 'prom',
  render: (result) => exposition([{ result, name: null }]),
  renderAll: exposition,
}

function exposition(results: readonly NamedResult[]): string {
  const subjects = distinct(results)
  const valid = gauge(
    'rtbench_run_valid',
    'Whether the figures of the run may be believed: 1 for a valid one.',
    subjects.map(({ run, labels }) => ({
      labels,
      value: Number(run.validity.verdict === 'valid'),
    })),
  )
  const started = gauge(
    'rtbench_run_started_timestamp_seconds',
    'When the run was started, since the epoch.',
    subjects.map(({ run, labels }) => ({ labels, value: Date.parse(run.startedAt) / 1000 })),
  )
  const errors = gauge(
    'rtbench_run_errors',
    'Errors of clients and connections, by cause.',
    subjects.flatMap(({ run, labels }) =>
      causesOf(run).map(([cause, value]) => ({ labels: { ...labels, cause }, value })),
    ),
  )
  return [valid, started, ...FIGURES.map((one) => gaugeOf(one, subjects)), errors].join('')
}

/** Causes that are written alike are counted together. */
function causesOf({ errors }: Run): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const [cause, count] of Object.entries(errors)) {
    const written = printable(cause)
    counts.set(written, (counts.get(written) ?? 0) + count)
  }
  return [...counts]
}

function gaugeOf(figure: Figure, subjects: readonly Subject[]): string {
  const { name, factor } = metricOf(figure)
  const samples = subjects.flatMap(({ run, labels }) => {
    const value = readFigure(run, figure)
    return value === null ? [] : [{ labels, value: exactly(Number(value) * factor) }]
  })
  return gauge(name, `${figure.path} of a run in the result document${unitOf(name)}.`, samples)
}

/** A name of base units: `latency.p99Us` is `rtbench_latency_p99_seconds`. */
export function metricOf({ keys }: Pick<Figure, 'keys'>): {
  readonly name: string
  readonly factor: number
} {
  const path = keys.join('_')
  const factor = /Us(?![a-z])/.test(path) ? 1e-6 : /Ms(?![a-z])/.test(path) ? 1e-3 : 1
  const words = path
    .replace(/[UM]s(?![a-z])/, 'Seconds')
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_')
    .toLowerCase()
  return { name: `rtbench_${words}`, factor }
}

function unitOf(name: string): string {
  if (name.includes('seconds')) return ', seconds'
  return name.includes('bytes') ? ', bytes' : ''
}

/** Seconds without the noise of the division. */
function exactly(value: number): number {
  return Number(value.toPrecision(15))
}

/** Nothing where no run has the figure. */
function gauge(name: string, help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return ''
  const lines = samples.map(({ labels, value }) => `${name}{${labelText(labels)}} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`
}

function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')
}

function escaped(value: string): string {
  return printable(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"')
}

/** Labels that name each run once: a collector takes no two samples of the same name and labels. */
function distinct(results: readonly NamedResult[]): readonly Subject[] {
  const named = results.map(({ result, name }, i) => ({
    name: name ?? String(i + 1),
    subjects: result.runs.map((run): Subject => {
      const { name: scenario, engine } = result.scenario
      const { transport, repetition, point } = run
      const at = point === undefined || point === null ? {} : { point: String(point) }
      return { run, labels: { scenario, transport, repetition: String(repetition), engine, ...at } }
    }),
  }))
  const all = named.flatMap(({ subjects }) => subjects.map(({ labels }) => labelText(labels)))
  if (new Set(all).size === all.length) return named.flatMap(({ subjects }) => subjects)
  const names = named.map(({ name }) => name)
  return named.flatMap(({ name, subjects }, i) => {
    const result = names.indexOf(name) === i ? name : `${name} ${i + 1}`
    return subjects.map(({ run, labels }) => ({ run, labels: { ...labels, result } }))
  })
}
