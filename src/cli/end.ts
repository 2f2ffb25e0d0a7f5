import type { Answer } from '../compare/threshold.ts'
import { isLateWithBounds } from '../measure/reason.ts'
import type { Result, Run } from '../result/document.ts'
import { ExitCode } from './exit-code.ts'

/** How an invocation went that has something to show. */
export interface End {
  readonly result: Result
  /** Of all runs to all thresholds. */
  readonly answers: readonly Answer[]
  /** Something else failed for certain, such as a comparison. */
  readonly failed?: boolean
  /** The result was saved, or was not to be. */
  readonly written: boolean
  readonly interrupted: boolean
  readonly allowInvalid: boolean
}

/**
 * The gravest first: who cannot believe the figures need not ask whether they are kept. But a run whose
 * bounds alone are too far apart has answered what was asked of it, where both of them say the same; and
 * what failed for certain has failed, whatever cannot be told beside it.
 */
export function endOf(end: End): ExitCode {
  const { result, answers, failed = false, written, interrupted, allowInvalid } = end
  const { runs, missing } = result
  if (!written) return ExitCode.notWritten
  if (interrupted) return ExitCode.interrupted
  if (missing.length > 0 || runs.some((run) => run.partial)) return ExitCode.partial
  const isInvalid = (run: Run): boolean =>
    run.validity.verdict === 'invalid' && !(isLateWithBounds(run) && (failed || answers.length > 0))
  if (!allowInvalid && runs.some(isInvalid)) return ExitCode.invalid
  if (failed || answers.some(({ verdict }) => verdict === 'missed')) return ExitCode.threshold
  const isUntold = answers.some(({ verdict }) => verdict === 'untold')
  return isUntold && !allowInvalid ? ExitCode.invalid : ExitCode.done
}

/** Of several invocations' ends the gravest. */
export function gravestOf(codes: readonly ExitCode[]): ExitCode {
  return GRAVEST_FIRST.find((code) => codes.includes(code)) ?? ExitCode.done
}

const GRAVEST_FIRST: readonly ExitCode[] = [
  ExitCode.usage,
  ExitCode.notWritten,
  ExitCode.interrupted,
  ExitCode.couldNotRun,
  ExitCode.partial,
  ExitCode.invalid,
  ExitCode.threshold,
]
