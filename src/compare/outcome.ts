import { isLateWithBounds } from '../measure/reason.ts'
import type { Result, Run } from '../result/document.ts'
import type { Answer } from './threshold.ts'

/** How a measurement ended, for scripts and gates; the command line has an exit code for each. */
export type Outcome =
  | 'done'
  /** The server, a worker or the target could not be started or reached. */
  | 'couldNotRun'
  /** A wrong flag, or a wrong scenario. */
  | 'usage'
  /** A threshold was not kept. */
  | 'threshold'
  /** The figures are not to be believed. */
  | 'invalid'
  /** The figures do not tell what was asked. */
  | 'inconclusive'
  /**
   * A worker or the server was lost, or a run could not be measured; the rest is reported. Or the run's history says
   * otherwise than the run.
   */
  | 'partial'
  /** The result could not be written, interrupted or not; it was printed. */
  | 'notWritten'
  /** Ctrl-C or SIGTERM; what was measured by then is written. */
  | 'interrupted'

/** What decides over the outcome of a measurement that has something to show. */
export interface Ending {
  readonly result: Result
  /** Of all runs to all thresholds. */
  readonly answers: readonly Answer[]
  /** The result was saved, or was not to be. */
  readonly written: boolean
  readonly interrupted: boolean
  readonly allowInvalid: boolean
  /** A history of it was judged, and the law was broken, or it counts otherwise. */
  readonly contradicted?: boolean
}

/**
 * The gravest first: who cannot believe the figures need not ask whether they are kept. But a run whose
 * bounds alone are too far apart has answered what was asked of it, where both of them say the same; and
 * what failed for certain has failed, whatever cannot be told beside it.
 */
export function outcomeOf(ending: Ending): Outcome {
  const { result, answers, written, interrupted, allowInvalid, contradicted = false } = ending
  const { runs, missing } = result
  if (!written) return 'notWritten'
  if (interrupted) return 'interrupted'
  if (contradicted || missing.length > 0 || runs.some((run) => run.partial)) return 'partial'
  const isInvalid = (run: Run): boolean =>
    run.validity.verdict === 'invalid' && !(isLateWithBounds(run) && answers.length > 0)
  if (!allowInvalid && runs.some(isInvalid)) return 'invalid'
  if (answers.some(({ verdict }) => verdict === 'missed')) return 'threshold'
  const isUntold = answers.some(({ verdict }) => verdict === 'untold')
  return isUntold && !allowInvalid ? 'inconclusive' : 'done'
}

/** The gravest of several outcomes. */
export function gravestOf(outcomes: readonly Outcome[]): Outcome {
  return GRAVEST_FIRST.find((outcome) => outcomes.includes(outcome)) ?? 'done'
}

const GRAVEST_FIRST: readonly Outcome[] = [
  'usage',
  'notWritten',
  'interrupted',
  'couldNotRun',
  'partial',
  'invalid',
  'threshold',
  'inconclusive',
]
