import { grouped } from '../grouped.ts'
import { codesOf, isLateWithBounds, isTimingReason } from '../measure/reason.ts'
import type { Result, Run } from '../result/document.ts'
import { sweptName } from '../scenario/sweep.ts'
import type { Column } from './comparison.ts'
import { formatCount, formatDuration, formatPercent } from './quantity.ts'
import { listed } from './wording.ts'

/** Why a result may not be taken at face value. */
export interface Warning {
  readonly severity: 'invalid' | 'suspect' | 'partial' | 'interrupted'
  /** `INVALID: WebSocket: …`, one line. */
  readonly text: string
  /** Whose it is and its code, where it is a reason. */
  readonly of?: { readonly name: string; readonly code: string }
  /** It is no reason, but what to do. */
  readonly isAdvice?: true
}

/** A lighter load may help; where the server says no it does not, and the reason says what does. */
function wasTooMuch({ validity: { verdict, reasons } }: Run): boolean {
  const grave = reasons.filter(({ severity }) => severity === 'invalid')
  return verdict === 'invalid' && (grave.length === 0 || grave.some(isTimingReason))
}

/** A run's reasons of one severity; without one on record the verdict still counts. */
export function reasonsOf(
  { validity: { verdict, reasons } }: Run,
  severity: 'invalid' | 'suspect',
): readonly { readonly code: string; readonly message: string }[] {
  const told = reasons.filter((reason) => reason.severity === severity)
  return verdict === severity && told.length === 0
    ? [{ code: '', message: 'no reason was recorded' }]
    : told
}

/** Why a run is not whole; null where it is. */
export function cutOf(
  run: Run,
): { readonly what: 'interrupted' | 'partial'; readonly text: string } | null {
  const { interrupted, partial, durationMs } = run
  if (interrupted) {
    const when =
      durationMs === 0
        ? 'before its window began: nothing was measured'
        : `after ${formatDuration(durationMs * 1000)} of its window`
    return { what: 'interrupted', text: `stopped ${when}` }
  }
  if (!partial) return null
  if (codesOf(run, 'suspect').includes('disrupted-lost')) {
    const text = 'what was done to it cost deliveries for good; its latencies are of the rest'
    return { what: 'partial', text }
  }
  return { what: 'partial', text: 'a part of it was lost; its figures cover the rest only' }
}

/** Warnings of all runs, the gravest first, and what to do at their end. */
export function warningsOf(result: Result): Warning[] {
  const { repeat } = result.scenario
  const named = (label: string, run: Pick<Run, 'point' | 'repetition'>): string =>
    sweptName(label, result.sweep, run.point) + (repeat > 1 ? `, repetition ${run.repetition}` : '')
  const nameOf = (run: Run): string => named(run.technique.label, run)
  const warnings: Warning[] = []
  for (const severity of ['invalid', 'suspect'] as const) {
    for (const run of result.runs) {
      for (const { code, message } of reasonsOf(run, severity)) {
        const name = nameOf(run)
        const text = `${severity.toUpperCase()}: ${name}: ${message}`
        warnings.push({ severity, text, of: { name, code } })
      }
    }
  }
  const tooMuch = result.runs.filter(wasTooMuch)
  if (tooMuch.length > 0) {
    const what = tooMuch.every(isLateWithBounds)
      ? 'what holds at both bounds of a latency holds, and of the rest nobody knows'
      : 'the figures of an invalid run show the instrument, not the technique'
    const rate = result.scenario.workload === 'chat' ? '--send-rate' : '--rate'
    const text = `What to do: ${what}. Lower --clients or ${rate}, give the machine fewer other tasks, or use a larger one; then run again.`
    warnings.push({ severity: 'invalid', text, isAdvice: true })
  }
  for (const run of result.runs) {
    const cut = cutOf(run)
    if (cut === null) continue
    const text = `${cut.what.toUpperCase()}: ${nameOf(run)}: ${cut.text}`
    warnings.push({ severity: cut.what, text })
  }
  for (const run of result.missing) {
    const text = `MISSING: ${named(run.label, run)}: not measured: ${run.reason}`
    warnings.push({ severity: 'partial', text })
  }
  return warnings
}

/** The same, each reason once, with the others of whom it is told likewise. */
export function briefWarningsOf(result: Result): Warning[] {
  const alike = grouped(warningsOf(result), ({ severity, text, of }) =>
    of === undefined || of.code === '' ? text : `${severity} ${of.code}`,
  )
  return [...alike.values()].map(([first, ...others]) => {
    const names = new Set(others.map(({ of }) => of?.name ?? ''))
    if (first.of !== undefined) names.delete(first.of.name)
    const likewise = names.size === 0 ? '' : ` (likewise ${listed([...names])})`
    return { ...first, text: first.text + likewise }
  })
}

/** The answer where there is no run. */
export const NO_RUN = 'No run was completed: there is nothing to compare.'

/** Why a transport's figures carry no recommendation, over all its repetitions. */
export function faultsOf({ label, runs }: Column, idle: boolean): string[] {
  const faults: string[] = []
  const sum = (count: (run: Run) => number): number =>
    runs.reduce((total, run) => total + count(run), 0)
  const tell = (found: number, text: string): void => {
    if (found > 0) faults.push(`${label} ${text}`)
  }
  const invalid = runs.filter((run) => run.validity.verdict === 'invalid')
  const codes = new Set(invalid.flatMap((run) => codesOf(run, 'invalid')))
  const some = invalid.length < runs.length ? ` in ${invalid.length} of ${runs.length} runs` : ''
  tell(invalid.length, `is invalid${some}${codes.size > 0 ? ` (${[...codes].join(', ')})` : ''}`)
  tell(
    sum((run) => Number(run.partial || run.interrupted)),
    'was not measured to its end',
  )
  const silent = idle ? 0 : sum((run) => Number(run.latency.p50Us === null))
  tell(silent, 'has a run without a delivery')
  const lost = sum((run) => run.delivery.lost)
  const expected = sum((run) => run.delivery.expected)
  const share = expected > 0 ? ` (${formatPercent(lost / expected)})` : ''
  tell(lost, `lost ${formatCount(lost)} of ${formatCount(expected)} deliveries${share}`)
  const kinds = [
    ['duplicates', 'delivered twice'],
    ['outOfOrder', 'delivered out of order'],
    ['misrouted', 'delivered to the wrong client'],
    ['foreign', 'from another run'],
    ['gapSignals', 'where the replay was cut short'],
  ] as const
  for (const [kind, text] of kinds) {
    const found = sum((run) => run.delivery[kind])
    tell(found, `has ${formatCount(found)} ${found === 1 ? 'case' : 'cases'} ${text}`)
  }
  return faults
}

/** In a word why a column is left out of what is told; null where it is not. */
export function leftOutWord(column: Column): 'invalid' | 'left out' | null {
  if (column.run.validity.verdict === 'invalid') return 'invalid'
  return faultsOf(column, true).length > 0 ? 'left out' : null
}

/** Who was to be compared and was not measured as often as asked for. */
export function absent({ missing, sweep }: Result): string[] {
  const labels = missing.map(({ label, point }) => sweptName(label, sweep, point))
  return [...new Set(labels)].map((label) => {
    const times = labels.filter((other) => other === label).length
    return `${label} was not measured${times > 1 ? ` (${times} runs)` : ''}`
  })
}
