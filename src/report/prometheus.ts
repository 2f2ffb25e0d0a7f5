import { FIGURES, readFigure } from '../figures/catalogue.ts'
import type { Figure } from '../figures/figure.ts'
import type { Run } from '../result/document.ts'
import { printable } from '../text.ts'
import { collective, type NamedResult } from './reporter.ts'

type Labels = Readonly<Record<string, string>>

interface Subject {
  readonly run: Run
  readonly labels: Labels
}

/** The text form that Prometheus reads, for the textfile collector of its node exporter. */
export const prometheus = collective('prometheus', 'prom', exposition)

function exposition(results: readonly NamedResult[]): string {
  const subjects = distinct(results)
  const valid = gauge(
    'rtbench_run_valid',
    'Whether the figures of the run may be believed: 1 for a valid one.',
    samplesOf(subjects, ({ validity }) => Number(validity.verdict === 'valid')),
  )
  const started = gauge(
    'rtbench_run_started_timestamp_seconds',
    'When the run was started, since the epoch.',
    samplesOf(subjects, ({ startedAt }) => Date.parse(startedAt) / 1000),
  )
  const errors = gauge(
    'rtbench_run_errors',
    'Errors of clients and connections, by cause.',
    subjects.flatMap(({ run, labels }) =>
      causesOf(run).map(([cause, value]): Sample => [{ ...labels, cause }, value]),
    ),
  )
  return [valid, started, ...FIGURES.map((one) => gaugeOf(one, subjects)), errors].join('')
}

type Sample = readonly [labels: Labels, value: number]

function samplesOf(
  subjects: readonly Subject[],
  read: (run: Run) => number | null,
): readonly Sample[] {
  return subjects.flatMap(({ run, labels }) => {
    const value = read(run)
    return value === null ? [] : [[labels, value]]
  })
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
  const samples = samplesOf(subjects, (run) => {
    const value = readFigure(run, figure)
    // Seconds without the noise of the division.
    return value === null ? null : Number((Number(value) * factor).toPrecision(15))
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

/** Nothing where no run has the figure. */
function gauge(name: string, help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return ''
  const lines = samples.map(([labels, value]) => `${name}{${labelText(labels)}} ${value}\n`)
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
  const subjects = results.flatMap(({ result }, from) =>
    result.runs.map((run) => {
      const { name: scenario, engine } = result.scenario
      const { transport, repetition, point } = run
      const at = point === undefined || point === null ? {} : { point: String(point) }
      const labels = { scenario, transport, repetition: String(repetition), engine, ...at }
      return { run, labels, from }
    }),
  )
  const all = subjects.map(({ labels }) => labelText(labels))
  if (new Set(all).size === all.length) return subjects
  const names = results.map(({ name }, i) => name ?? String(i + 1))
  return subjects.map(({ run, labels, from }) => {
    const name = names[from] ?? ''
    const result = names.indexOf(name) === from ? name : `${name} ${from + 1}`
    return { run, labels: { ...labels, result } }
  })
}
