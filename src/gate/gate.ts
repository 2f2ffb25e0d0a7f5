import { gravestOf, type Outcome } from '../compare/outcome.ts'
import { ABSENT } from '../experiment/series.ts'
import { type Check, checksOf, faultsOfSide } from '../report/check.ts'
import { type Suite, suiteOf } from '../report/junit.ts'
import type { Result } from '../result/document.ts'
import { countingOnly, type Judging } from './judge.ts'
import type { Measured } from './measurer.ts'
import type { Case } from './revision.ts'

/** In a technique's place, what is of all of a case's. */
const ALL = 'all'

/** What was measured of a case, and what became of it. */
export interface Stored extends Measured {
  /** All that was to be saved is. */
  readonly written: boolean
  /** All of its runs, with their servers' starts and ramp-ups. */
  readonly tookMs: number
}

/** A case with its verdict. */
export interface Gated {
  /** What was measured; null where nothing was. */
  readonly candidate: Result | null
  readonly suite: Suite
  readonly notes: readonly string[]
  readonly outcome: Outcome
}

export interface GateOptions extends Pick<Judging, 'deterministicOnly' | 'allowInconclusive'> {
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly interrupted: boolean
  readonly allowInvalid: boolean
  /** What is compared decides over the verdict; else it is told as accepted. */
  readonly gating: boolean
}

/** Judges a case. */
export function gate({ file, scenario }: Case, measured: Stored, options: GateOptions): Gated {
  const { candidate, baseline, against, judged, failure } = measured
  const { startedAt } = options
  const { tookMs: durationMs } = measured
  if (candidate === null) {
    const message = failure?.message ?? ABSENT.stopped
    const check = notMeasured(ALL, message)
    const suite = { name: scenario.name, file, startedAt, durationMs, checks: [check] }
    const outcome = failure === null ? 'interrupted' : 'couldNotRun'
    return { candidate, suite, notes: [], outcome }
  }
  const counted = (result: Result): Result =>
    options.deterministicOnly ? countingOnly(result) : result
  const found = judged?.checks ?? [
    ...checksOf(counted(candidate)),
    ...(baseline === null || against === null ? [] : faultsOfSide(counted(baseline), against)),
    NO_PAIR,
  ]
  const asked = options.gating ? found : found.map(accepted)
  const checks = [...asked, ...(failure === null ? [] : brokenOff(asked, failure))]
  return {
    candidate,
    suite: { ...suiteOf(candidate, file, checks), durationMs },
    notes: [
      ...(judged?.notes ?? []).map((note) => `${scenario.name}: ${note}`),
      ...(failure === null ? [] : [`${scenario.name}: could not go on: ${failure.message}`]),
    ],
    outcome: gravestOf([
      ...(options.interrupted ? (['interrupted'] as const) : []),
      ...(measured.written ? [] : (['notWritten'] as const)),
      ...(failure !== null || isPartial(measured) ? (['partial'] as const) : []),
      ...checks.map((check) => outcomeOfCheck(check, options)),
    ]),
  }
}

/** What is invalid may be partial as well. Of pairs, one that is has been left out, where any is left. */
function isPartial({ candidate, baseline, against, judged }: Measured): boolean {
  const sides = against === null ? [candidate] : judged === null ? [candidate, baseline] : []
  return sides.some(
    (side) => side !== null && (side.missing.length > 0 || side.runs.some((run) => run.partial)),
  )
}

/** In the place of a comparison, where not even one could be made. */
const NO_PAIR: Check = {
  kind: 'comparison',
  transport: ALL,
  name: 'comparison',
  outcome: 'errored',
  verdict: 'cannot tell',
  message:
    'no pair of runs counts, so that nothing could be compared; measure on a machine that is less busy',
}

function outcomeOfCheck(
  { kind, outcome, verdict }: Check,
  { allowInvalid, allowInconclusive }: GateOptions,
): Outcome {
  if (outcome === 'failed') return 'threshold'
  if (outcome !== 'errored') return 'done'
  if (verdict === 'partial' || verdict === 'not measured') return 'partial'
  if (verdict === 'invalid') return allowInvalid ? 'done' : 'invalid'
  return allowInconclusive || (allowInvalid && kind === 'threshold') ? 'done' : 'inconclusive'
}

/** What ends a case early shows in a table, too, also where the runs before it are all sound. */
function brokenOff(checks: readonly Check[], { message }: Error): readonly Check[] {
  if (checks.some(({ outcome }) => outcome === 'errored')) return []
  return [{ ...notMeasured(ALL, message), verdict: 'partial' }]
}

/** What becomes the baseline is as it is meant to be, and still worth to be seen. */
function accepted(check: Check): Check {
  if (check.kind !== 'comparison') return check
  if (check.outcome === 'failed') return { ...check, outcome: 'passed', verdict: 'accepted' }
  return check.outcome === 'errored' ? { ...check, outcome: 'skipped' } : check
}

function notMeasured(transport: string, message: string): Check {
  const verdict = 'not measured'
  return { kind: 'validity', transport, name: 'validity', outcome: 'errored', verdict, message }
}

/** As many of what decided are named; the table has all. */
const MOST_NAMED = 3

/** Why a gate ends as it does: `a measurement is invalid (…)`; null where all is well. */
export function causeOf(outcome: Outcome, gated: readonly Gated[]): string | null {
  if (outcome === 'done') return null
  const deciding = gated
    .filter((one) => one.outcome === outcome)
    .flatMap(({ suite: { name, checks } }) =>
      decidersOf(outcome, checks).map((check) => `${name}, ${check.transport}: ${check.name}`),
    )
  const more = deciding.length - MOST_NAMED
  const named = [...deciding.slice(0, MOST_NAMED), ...(more > 0 ? [`${more} more`] : [])].join('; ')
  return `${CAUSES[outcome]}${named === '' ? '' : ` (${named})`}`
}

const CAUSES: Readonly<Record<Outcome, string>> = {
  done: 'nothing regressed',
  couldNotRun: 'a scenario could not be measured',
  usage: 'wrong usage',
  threshold: 'regressed, or a threshold was missed',
  invalid: 'a measurement is invalid',
  inconclusive: 'what was asked cannot be told',
  partial: 'a run is partial or was not measured',
  notWritten: 'something could not be written',
  interrupted: 'interrupted',
}

const VERDICTS: Readonly<Partial<Record<Outcome, string>>> = {
  couldNotRun: 'not measured',
  invalid: 'invalid',
  inconclusive: 'cannot tell',
  partial: 'partial',
}

function decidersOf(outcome: Outcome, checks: readonly Check[]): readonly Check[] {
  if (outcome === 'threshold') return checks.filter((check) => check.outcome === 'failed')
  const decisive = VERDICTS[outcome]
  if (decisive === undefined) return []
  const errored = checks.filter((check) => check.outcome === 'errored')
  const named = errored.filter(({ verdict }) => verdict === decisive)
  // One that is both has but one verdict.
  return named.length > 0 ? named : errored
}
