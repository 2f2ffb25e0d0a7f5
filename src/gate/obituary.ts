import { RtbenchError } from '../error.ts'
import type { Measurement } from '../experiment/series.ts'
import type { Run } from '../result/document.ts'

/** What is known of a server that ended while it was measured: `the server of main ended (exit code 3)`. */
export function obituaryOf(side: string, end: string, lastLine: string): string {
  const said = lastLine === '' ? ', without a word' : `; it said last: ${lastLine}`
  return `the server of ${side} ended (${end})${said}`
}

/** The measurement with what became of its server, wherever it says that something failed. */
export function withObituary<Measured extends Measurement>(
  measurement: Measured,
  obituary: string,
): Measured {
  const { runs, missing, failure } = measurement
  return {
    ...measurement,
    runs: runs.map((run) => explainedRun(run, obituary)),
    missing: missing.map((one) => ({ ...one, reason: `${one.reason}; ${obituary}` })),
    failure: failure === null ? null : explainedError(failure, obituary),
  }
}

export function explainedError(error: Error, obituary: string): Error {
  if (!(error instanceof RtbenchError)) return error
  return new RtbenchError(error.code, `${error.message}; ${obituary}`, error)
}

/** By the reason that tells of the server's end, or else the first that spoils the run. */
function explainedRun(run: Run, obituary: string): Run {
  const { reasons } = run.validity
  const spoiling = reasons.filter(({ severity }) => severity === 'invalid')
  const explained = spoiling.find(({ code }) => code === 'server-lost') ?? spoiling[0]
  return {
    ...run,
    validity: {
      ...run.validity,
      reasons: reasons.map((reason) =>
        reason === explained ? { ...reason, message: `${reason.message}; ${obituary}` } : reason,
      ),
    },
  }
}
