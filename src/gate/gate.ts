import type { CiCase, Judging } from '../cli/ci/options.ts'
import { endOf, gravestOf } from '../cli/end.ts'
import { ExitCode } from '../cli/exit-code.ts'
import { answersOf } from '../compare/threshold.ts'
import { ABSENT } from '../experiment/series.ts'
import { type Check, validityOfSide } from '../report/check.ts'
import { type Suite, suiteOf } from '../report/junit.ts'
import type { Result } from '../result/document.ts'
import { countingOnly, isTimed } from './judge.ts'
import { confirmed, type Looked } from './second-look.ts'

/** In a technique's place, what is of all of a case's. */
const ALL = 'all'

/** What was measured of a case. */
export interface Measured extends Looked {
  /** All that was to be saved is. */
  readonly written: boolean
  /** All of its looks, with their servers' starts and ramp-ups. */
  readonly tookMs: number
}

/** A case with its verdict. */
export interface Gated {
  /** What was measured; null where nothing was. */
  readonly candidate: Result | null
  readonly suite: Suite
  readonly notes: readonly string[]
  readonly code: ExitCode
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
export function gate({ file, scenario }: CiCase, measured: Measured, options: GateOptions): Gated {
  const { candidate, baseline, against, looks, failure } = measured
  const { startedAt } = options
  const { tookMs: durationMs } = measured
  if (candidate === null) {
    const message = failure?.message ?? ABSENT.stopped
    const check = notMeasured(ALL, message)
    const suite = { name: scenario.name, file, startedAt, durationMs, checks: [check] }
    const code = failure === null ? ExitCode.interrupted : ExitCode.couldNotRun
    return { candidate, suite, notes: [], code }
  }
  const counted = options.deterministicOnly ? countingOnly : (result: Result) => result
  const other = against === null || baseline === null ? null : counted(baseline)
  const asked = [
    ...confirmed(looks).map((check) => (options.gating ? check : accepted(check))),
    ...(other === null || against === null ? [] : validityOfSide(other, against)),
  ]
  const checks = [...asked, ...(failure === null ? [] : brokenOff(asked, failure))]
  const regressed = checks.some(isRegression)
  const missed = checks.some(({ kind, outcome }) => kind === 'threshold' && outcome === 'failed')
  const end = (result: Result): ExitCode =>
    endOf({
      result,
      answers: answersOf(result)
        .filter(({ threshold }) => !options.deterministicOnly || !isTimed(threshold))
        // What was missed is told by the checks, which may be those of several looks.
        .map((answer) => (answer.verdict === 'missed' ? { ...answer, verdict: 'kept' } : answer)),
      failed: regressed || missed,
      written: measured.written,
      interrupted: options.interrupted,
      allowInvalid: options.allowInvalid,
    })
  const codes = [
    end(counted(candidate)),
    ...(other === null ? [] : [end(other)]),
    ...(failure === null ? [] : [ExitCode.partial]),
  ]
  return {
    candidate,
    suite: { ...suiteOf(candidate, file, checks), durationMs },
    notes: [
      ...[...new Set(looks.flatMap(({ notes }) => notes))].map(
        (note) => `${scenario.name}: ${note}`,
      ),
      ...(failure === null ? [] : [`${scenario.name}: could not go on: ${failure.message}`]),
    ],
    code: gravestOf(codes),
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
