import type { ErrorCode } from '../error.ts'

/** Every way in which the command ends; scripts rely on the numbers. */
export const ExitCode = {
  done: 0,
  /** The server, a worker or the target could not be started or reached. */
  couldNotRun: 1,
  /** A wrong flag, or a wrong scenario. */
  usage: 2,
  /** A threshold was not kept. */
  threshold: 3,
  /** The figures are not to be believed, or do not tell what was asked. */
  invalid: 4,
  /** A worker or the server was lost, or a run could not be measured; the rest is reported. */
  partial: 5,
  /** The result could not be written, interrupted or not; it was printed. */
  notWritten: 6,
  /** Ctrl-C or SIGTERM; what was measured by then is written. */
  interrupted: 130,
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

export function exitCodeOf(error: ErrorCode): ExitCode {
  switch (error) {
    case 'usage':
      return ExitCode.usage
    case 'not-written':
      return ExitCode.notWritten
    case 'interrupted':
      return ExitCode.interrupted
    case 'cannot-run':
    case 'bad-result':
      return ExitCode.couldNotRun
  }
}
