import { ABSENT } from '../../experiment/turn.ts'
import type { Check } from '../../report/check.ts'
import { type Suite, suiteOf } from '../../report/junit.ts'
import type { Result } from '../../result/document.ts'
import { endOf, gravestOf } from '../end.ts'
import { ExitCode } from '../exit-code.ts'
import { countingOnly } from './judge.ts'
import type { CiCase, Judging } from './options.ts'
import { confirmed, type Looked } from './second-look.ts'

/** What was measured of a case. */
export interface Measured extends Looked {
  /** All that was to be saved is. */
  readonly written: boolean
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
  /** What is compared decides over the exit code. */
  readonly gating: boolean
}

/** Judges a case. */
export function gate({ file, scenario }: CiCase, measured: Measured, options: GateOptions): Gated {
  const { candidate, baseline, looks, failure } = measured
  const { startedAt } = options
  if (candidate === null) {
    const message = failure?.message ?? ABSENT.stopped
    const check = notMeasured(scenario.name, message)
    const suite = { name: scenario.name, file, startedAt, durationMs: 0, checks: [check] }
    const code = failure === null ? ExitCode.interrupted : ExitCode.couldNotRun
    return { candidate, suite, notes: [], code }
  }
  const checks = confirmed(looks)
  const regressed = options.gating && checks.some(isRegression)
  const missed = checks.some(({ kind, outcome }) => kind === 'threshold' && outcome === 'failed')
  const counted = options.deterministicOnly ? countingOnly : (result: Result) => result
  const end = (result: Result): ExitCode =>
    endOf({
      result: counted(result),
      missed: [],
      written: measured.written,
      interrupted: options.interrupted,
      allowInvalid: options.allowInvalid,
    })
  const codes = [
    end(candidate),
    ...(measured.paired && baseline !== null ? [end(baseline)] : []),
    ...(failure === null ? [] : [ExitCode.partial]),
    ...(regressed || missed ? [ExitCode.threshold] : []),
  ]
  return {
    candidate,
    suite: suiteOf(candidate, file, checks),
    notes: [
      ...[...new Set(looks.flatMap(({ notes }) => notes))].map(
        (note) => `${scenario.name}: ${note}`,
      ),
      ...(failure === null ? [] : [`${scenario.name}: could not go on: ${failure.message}`]),
    ],
    code: gravestOf(codes),
  }
}

function isRegression({ kind, outcome }: Check): boolean {
  return kind === 'comparison' && outcome === 'failed'
}

function notMeasured(transport: string, message: string): Check {
  const verdict = 'not measured'
  return { kind: 'validity', transport, name: 'validity', outcome: 'errored', verdict, message }
}
