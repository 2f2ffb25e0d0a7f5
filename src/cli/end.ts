import type { Miss } from '../compare/threshold.ts'
import type { Result } from '../result/document.ts'
import { ExitCode } from './exit-code.ts'

/** How an invocation went that has something to show. */
export interface End {
  readonly result: Result
  readonly missed: readonly Miss[]
  /** The result was saved, or was not to be. */
  readonly written: boolean
  readonly interrupted: boolean
  readonly allowInvalid: boolean
}

/** The gravest first: who cannot believe the figures need not ask whether they are kept. */
export function endOf({ result, missed, written, interrupted, allowInvalid }: End): ExitCode {
  const { runs, missing } = result
  if (!written) return ExitCode.notWritten
  if (interrupted) return ExitCode.interrupted
  if (missing.length > 0 || runs.some((run) => run.partial)) return ExitCode.partial
  if (!allowInvalid && runs.some((run) => run.validity.verdict === 'invalid')) {
    return ExitCode.invalid
  }
  return missed.length > 0 ? ExitCode.threshold : ExitCode.done
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
