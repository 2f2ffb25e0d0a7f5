/** The kind of failure that stopped a command; each code has its exit code in `cli/exit-code.ts`. */
export type ErrorCode =
  /** A flag, a unit or a scenario is wrong. */
  | 'usage'
  /** The server, a worker or the target could not be started or reached. */
  | 'cannot-run'
  /** A stored result cannot be read: truncated, foreign or of another version. */
  | 'bad-result'
  /** A result could not be written. */
  | 'not-written'
  /** It was stopped before anything was measured. */
  | 'interrupted'

/**
 * The one error class of rtbench. Its message is for a person: a line that says what is wrong, where
 * and what to do; of a wrong scenario such a line for each problem. A failing virtual client is data, never one of these.
 */
export class RtbenchError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'RtbenchError'
    this.code = code
  }
}
