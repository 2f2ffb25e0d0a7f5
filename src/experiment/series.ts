import type { MissingRun, Run } from '../result/document.ts'
import { ABSENT, absence, type Turn } from './turn.ts'

/** What was measured, and what was not. */
export interface Measurement {
  readonly runs: readonly Run[]
  readonly missing: readonly MissingRun[]
  /** What first kept one of the missing from being measured, if it was no interruption. */
  readonly failure: Error | null
}

/** The same, and which of the missing were begun and failed. */
export interface Series extends Measurement {
  readonly failed: readonly MissingRun[]
}

export interface SeriesOptions {
  /** Leaves out the turns to come. */
  readonly signal: AbortSignal
  /** Told after each run what there is by then; the next one waits for it. */
  onRun(series: Series): Promise<void>
}

/**
 * Measures turn by turn. One that fails takes with it what is the same in later repetitions, and
 * nothing else: what keeps 100,000 clients from connecting does not keep 1,000. Where there is no run
 * yet, it is taken for no matter of the turn, and the series ends: outside a sweep at once, as there
 * is nothing to lose, and in a sweep when a second one fails in the same way.
 */
export async function measureSeries(
  turns: readonly Turn[],
  measure: (turn: Turn) => Promise<Run>,
  { signal, onRun }: SeriesOptions,
): Promise<Series> {
  const runs: Run[] = []
  const missing: MissingRun[] = []
  const failed: MissingRun[] = []
  const failures: Error[] = []
  const until = (next: number, reason: string): Series => ({
    runs: [...runs],
    missing: [...missing, ...turns.slice(next).map((turn) => absence(turn, reason))],
    failure: failures[0] ?? null,
    failed: [...failed],
  })
  for (const [index, turn] of turns.entries()) {
    if (signal.aborted) return until(index, ABSENT.stopped)
    const before = failed.find((one) => isSame(one, turn))
    if (before !== undefined) {
      missing.push(absence(turn, `failed at repetition ${before.repetition}`))
      continue
    }
    try {
      runs.push(await measure(turn))
    } catch (error) {
      // Ctrl-C reaches processes that are about to start, too: their failure is no news then.
      if (signal.aborted) return until(index, ABSENT.stopped)
      const failure = error as Error
      const isTwice = failures.some((earlier) => kindOf(earlier) === kindOf(failure))
      failures.push(failure)
      failed.push(absence(turn, failure.message))
      missing.push(absence(turn, failure.message))
      if (runs.length === 0 && (isTwice || turn.point === undefined)) {
        return until(index + 1, ABSENT.afterFailure)
      }
      continue
    }
    await onRun(until(index + 1, ABSENT.notYet))
  }
  return until(turns.length, '')
}

/**
 * Each turn has processes and ports of its own, which make no other failure. Other figures may be
 * the swept value, for which alone it failed.
 */
function kindOf({ message }: Error): string {
  return message.replace(/(\bprocess |\bport |[\w.\]]:)\d+/g, '$1')
}

function isSame(failed: MissingRun, { name, point }: Turn): boolean {
  return failed.transport === name && failed.point === point
}
