import { RtbenchError } from '../error.ts'
import type { Measurement } from '../experiment/series.ts'
import { wasLate } from '../measure/reason.ts'
import type { Check } from '../report/check.ts'
import type { Result, Run } from '../result/document.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { type Judged, type Judging, judge } from './judge.ts'

/** How often a run, or a case that regressed since its baseline, is measured at most. */
export const MOST_ATTEMPTS = 3

interface LateRetries {
  readonly signal: AbortSignal
  /** Measures a scenario of one run. */
  again(scenario: Scenario): Promise<Measurement>
  /** Keeps an attempt for itself, for another one may stand in its place later. */
  keep(run: Run): Promise<unknown>
  /** Says a line. */
  note(line: string): void
}

/**
 * Measures the late runs of a measurement again, each by its own schedule, and puts what is not late
 * in their place. What there is stays where it cannot be measured once more.
 */
export async function withLateRetries(
  measurement: Measurement,
  scenario: Scenario,
  retries: LateRetries,
): Promise<Measurement> {
  const runs: Run[] = []
  for (const run of measurement.runs) runs.push(await inTime(run, scenario, retries))
  return { ...measurement, runs }
}

/** The run, or the first attempt after it that is not late; the last one if all are. */
async function inTime(
  run: Run,
  scenario: Scenario,
  { signal, again, keep, note }: LateRetries,
): Promise<Run> {
  const { transport, repetition, seed = scenario.seed } = run
  const once = { ...scenario, transports: [transport], repeat: 1, seed }
  const name = `${transport} #${repetition}`
  let last = run
  for (let attempt = 2; attempt <= MOST_ATTEMPTS && wasLate(last) && !signal.aborted; attempt++) {
    if (attempt === 2) await keep(run)
    note(`${name} was late: once more`)
    const { runs, failure } = await again(once).catch(failedBy)
    const [next] = runs
    if (failure !== null) note(`${name} could not be measured once more: ${failure.message}`)
    if (next === undefined || next.partial) return last
    last = { ...next, repetition }
    await keep(last)
  }
  return last
}

/** What cannot be measured is no run; any other error is a fault of this program. */
function failedBy(error: unknown): Measurement {
  if (error instanceof RtbenchError) return { runs: [], missing: [], failure: error }
  throw error
}

/**
 * Keeps attempts at runs, each as a result of its own: among the others it would count as one more
 * repetition.
 */
export function keeperOf(
  whole: Result,
  keep: (result: Result) => Promise<void>,
): (run: Run) => Promise<void> {
  return (run) => {
    const scenario = { ...whole.scenario, transports: [run.transport], repeat: 1 }
    const at = { ...whole.environment, startedAt: run.startedAt }
    return keep({ ...whole, scenario, environment: at, runs: [run], missing: [] })
  }
}

/** What one measurement of a case gave. */
export interface Attempt {
  /** Null where nothing was measured. */
  readonly candidate: Result | null
  /** What it is compared with; null where there is nothing. */
  readonly baseline: Result | null
  /** The commit of the baseline, where that was measured now, too; null where it was stored before. */
  readonly against: string | null
  /** What kept runs from being measured, if it was no interruption. */
  readonly failure: Error | null
}

/** The newest that there is of each transport, and where it comes from. */
export interface Attempted extends Attempt {
  /** All that was measured, one after the other and as it was, also by one that failed. */
  readonly attempts: readonly Attempt[]
  /** What each attempt says of the transports that it measured; none where nothing was measured. */
  readonly judged: readonly Judged[]
}

interface RegressionRetries {
  /** How often a case is measured at most. */
  readonly most: number
  readonly judging: Judging
  readonly signal: AbortSignal
  /** Measures some transports of the case again. */
  again(transports: readonly string[]): Promise<Attempt>
}

/**
 * Measures the transports again of which something regressed, as long as one and the same metric
 * did each time: a busy machine slows down now this one and now that one.
 */
export async function withRegressionRetries(
  first: Attempt,
  { most, judging, signal, again }: RegressionRetries,
): Promise<Attempted> {
  const attempts = [first]
  const judged: Judged[] = []
  let last = first
  let transports = first.candidate?.scenario.transports ?? []
  while (last.candidate !== null) {
    const { candidate, baseline, against } = last
    // The others' runs were judged before, and are of another minute than these.
    const anew = only(transports, candidate)
    const found = judge(anew, baseline === null ? null : only(transports, baseline), {
      ...judging,
      isPaired: against !== null,
    })
    judged.push(found)
    if (judged.length === most || last.failure !== null || signal.aborted) break
    const doubts = found.doubts.filter(isIn(judged))
    if (!found.doubtful || doubts.length === 0) break
    const doubted = anew.runs.filter(({ technique }) =>
      doubts.some(({ transport }) => transport === technique.label),
    )
    transports = [...new Set(doubted.map(({ transport }) => transport))]
    const next = await again(transports)
    attempts.push(next)
    // Stopped, or failed: what there is stays.
    if (next.candidate === null || next.failure !== null || signal.aborted) {
      return { ...last, failure: next.failure, attempts, judged }
    }
    last = {
      ...next,
      candidate: replaced(candidate, next.candidate, transports),
      baseline:
        next.against !== null && baseline !== null && next.baseline !== null
          ? replaced(baseline, next.baseline, transports)
          : next.baseline,
    }
  }
  return { ...last, attempts, judged }
}

/** A result whose runs of some transports are those of another one. */
function replaced(result: Result, next: Result, transports: readonly string[]): Result {
  const sourceOf = (name: string): Result => (transports.includes(name) ? next : result)
  const names = result.scenario.transports
  return {
    ...result,
    runs: names.flatMap((name) => sourceOf(name).runs.filter(isOf(name))),
    missing: names.flatMap((name) => sourceOf(name).missing.filter(isOf(name))),
  }
}

function isOf(name: string): (run: { readonly transport: string }) => boolean {
  return ({ transport }) => transport === name
}

/** The part of a result that is of some transports. */
function only(transports: readonly string[], result: Result): Result {
  const isAsked = ({ transport }: { readonly transport: string }): boolean =>
    transports.includes(transport)
  return {
    ...result,
    scenario: {
      ...result.scenario,
      transports: result.scenario.transports.filter((name) => transports.includes(name)),
    },
    runs: result.runs.filter(isAsked),
    missing: result.missing.filter(isAsked),
  }
}

/**
 * What all attempts at a case say of it. A metric that regressed in some of them and not in all that
 * could tell is not confirmed: no failure, and not hidden either.
 */
export function confirmed(judged: readonly Judged[]): readonly Check[] {
  const newest = newestOf(judged)
  const doubts = judged.flatMap((one) => one.doubts)
  // A loss that the baseline at last has none of is no doubt any more.
  const sure = newest.filter((check) => check.outcome === 'failed' && !doubts.includes(check))
  const open = doubts.filter((doubt) => !sure.some(isSame(doubt)))
  const first = open.filter((doubt, i) => open.findIndex(isSame(doubt)) === i)
  const regressed = first.filter(isIn(judged))
  // An attempt that cannot tell leaves what the one before it has told.
  const lastOf = (doubt: Check): Check => open.findLast(isSame(doubt)) ?? doubt
  return [
    ...newest.filter((check) => !first.some(isSame(check))),
    ...regressed.map(lastOf),
    ...first
      .filter((doubt) => !regressed.includes(doubt))
      .map((doubt): Check => {
        const times = doubts.filter(isSame(doubt)).length
        const all = judged.filter(({ told }) => told.some(isSame(doubt))).length
        return {
          ...doubt,
          outcome: 'skipped',
          verdict: 'not confirmed',
          message: `regressed in ${times} of ${all} measurements: ${doubt.message}`,
        }
      }),
  ]
}

/** Of each transport what the last attempt says that measured it. */
function newestOf(judged: readonly Judged[]): readonly Check[] {
  const labels = new Set(judged.flatMap(({ checks }) => checks.map(({ transport }) => transport)))
  return [...labels].flatMap((label) => {
    const own = judged.map(({ checks }) => checks.filter(({ transport }) => transport === label))
    return own.findLast((checks) => checks.length > 0) ?? []
  })
}

/** Regressed in every attempt that could tell. */
function isIn(judged: readonly Judged[]): (doubt: Check) => boolean {
  return (doubt) =>
    judged.every(({ told, doubts }) => !told.some(isSame(doubt)) || doubts.some(isSame(doubt)))
}

function isSame(one: Check): (other: Check) => boolean {
  return (other) =>
    one.kind === other.kind && one.transport === other.transport && one.name === other.name
}
