import { gravestOf, type Outcome, outcomeOf } from '../compare/outcome.ts'
import { answersOf } from '../compare/threshold.ts'
import { ABSENT } from '../experiment/series.ts'
import { type Check, validityOfSide } from '../report/check.ts'
import { type Suite, suiteOf } from '../report/junit.ts'
import type { Result } from '../result/document.ts'
import { countingOnly, isTimed, type Judging } from './judge.ts'
import { type Attempted, confirmed } from './retry.ts'
import type { Case } from './revision.ts'

/** In a technique's place, what is of all of a case's. */
const ALL = 'all'

/** What was measured of a case. */
export interface Measured extends Attempted {
  /** All that was to be saved is. */
  readonly written: boolean
  /** All of its attempts, with their servers' starts and ramp-ups. */
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

export interface GateOptions extends Pick<Judging, 'deterministicOnly'> {
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly interrupted: boolean
  readonly allowInvalid: boolean
  /** What is compared decides over the verdict; else it is told as accepted. */
  readonly gating: boolean
}

/** Judges a case. */
export function gate({ file, scenario }: Case, measured: Measured, options: GateOptions): Gated {
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
  const counted = options.deterministicOnly ? countingOnly : (result: Result) => result
  const other = against === null || baseline === null ? null : counted(baseline)
  const asked = [
    ...confirmed(judged).map((check) => (options.gating ? check : accepted(check))),
    ...(other === null || against === null ? [] : validityOfSide(other, against)),
  ]
  const checks = [...asked, ...(failure === null ? [] : brokenOff(asked, failure))]
  const regressed = checks.some(isRegression)
  const missed = checks.some(({ kind, outcome }) => kind === 'threshold' && outcome === 'failed')
  const outcomeFor = (result: Result): Outcome =>
    outcomeOf({
      result,
      answers: answersOf(result)
        .filter(({ threshold }) => !options.deterministicOnly || !isTimed(threshold))
        // What was missed is told by the checks, which may be those of several attempts.
        .map((answer) => (answer.verdict === 'missed' ? { ...answer, verdict: 'kept' } : answer)),
      failed: regressed || missed,
      written: measured.written,
      interrupted: options.interrupted,
      allowInvalid: options.allowInvalid,
    })
  const outcomes: readonly Outcome[] = [
    outcomeFor(counted(candidate)),
    ...(other === null ? [] : [outcomeFor(other)]),
    ...(failure === null ? [] : ['partial' as const]),
  ]
  return {
    candidate,
    suite: { ...suiteOf(candidate, file, checks), durationMs },
    notes: [
      ...[...new Set(judged.flatMap(({ notes }) => notes))].map(
        (note) => `${scenario.name}: ${note}`,
      ),
      ...(failure === null ? [] : [`${scenario.name}: could not go on: ${failure.message}`]),
    ],
    outcome: gravestOf(outcomes),
  }
}

/** What ends a case early shows in a table, too, also where the runs before it are all sound. */
function brokenOff(checks: readonly Check[], { message }: Error): readonly Check[] {
  if (checks.some(({ outcome }) => outcome === 'errored')) return []
  return [{ ...notMeasured(ALL, message), verdict: 'partial' }]
}

/** What becomes the baseline is as it is meant to be, and still worth to be seen. */
function accepted(check: Check): Check {
  return isRegression(check) ? { ...check, outcome: 'passed', verdict: 'accepted' } : check
}

function isRegression({ kind, outcome }: Check): boolean {
  return kind === 'comparison' && outcome === 'failed'
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
  invalid: 'a measurement is invalid, or does not tell',
  partial: 'a run is partial or was not measured',
  notWritten: 'something could not be written',
  interrupted: 'interrupted',
}

const VERDICTS: Readonly<Partial<Record<Outcome, string>>> = {
  couldNotRun: 'not measured',
  invalid: 'invalid',
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
