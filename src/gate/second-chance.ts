import { join } from 'node:path'
import { storeResult } from '../cli/publication.ts'
import { RtbenchError } from '../error.ts'
import type { Measurement } from '../experiment/series.ts'
import { wasLate } from '../measure/reason.ts'
import type { Result, Run } from '../result/document.ts'
import type { Scenario } from '../scenario/scenario.ts'

/** How often a run is measured at most. */
export const ATTEMPTS = 3

export interface SecondChances {
  readonly signal: AbortSignal
  /** Measures a scenario of one run. */
  again(scenario: Scenario): Promise<Measurement>
  /** Keeps an attempt for itself, for another one may stand in its place later. */
  keep(run: Run): Promise<unknown>
  /** Says a line. */
  note(line: string): void
}

/**
 * Measures the late runs of a measurement again, each by its own schedule, and puts what is not late
 * in their place. What there is stays where it cannot be measured once more.
 */
export async function withSecondChances(
  measurement: Measurement,
  scenario: Scenario,
  chances: SecondChances,
): Promise<Measurement> {
  const runs: Run[] = []
  for (const run of measurement.runs) runs.push(await inTime(run, scenario, chances))
  return { ...measurement, runs }
}

/** The run, or the first attempt after it that is not late; the last one if all are. */
async function inTime(
  run: Run,
  scenario: Scenario,
  { signal, again, keep, note }: SecondChances,
): Promise<Run> {
  const { transport, repetition, seed = scenario.seed } = run
  const once = { ...scenario, transports: [transport], repeat: 1, seed }
  const name = `${transport} #${repetition}`
  let last = run
  for (let attempt = 2; attempt <= ATTEMPTS && wasLate(last) && !signal.aborted; attempt++) {
    if (attempt === 2) await keep(run)
    note(`${name} was late: once more`)
    const { runs, failure } = await again(once).catch(failedBy)
    const [next] = runs
    if (failure !== null) note(`${name} could not be measured once more: ${failure.message}`)
    if (next === undefined || next.partial) return last
    last = { ...next, repetition }
    await keep(last)
  }
  return last
}

/** What cannot be measured is no run; any other error is a fault of this program. */
function failedBy(error: unknown): Measurement {
  if (error instanceof RtbenchError) return { runs: [], missing: [], failure: error }
  throw error
}

/**
 * Saves attempts below a folder of results, each as a result of its own: beside the others it would
 * count as one more repetition. A failure is told, and met again by the result that counts.
 */
export function keeperOf(
  { environment, ...rest }: Omit<Result, 'runs' | 'missing'>,
  folder: string | null,
): (run: Run) => Promise<void> {
  return async (run) => {
    if (folder === null) return
    const scenario = { ...rest.scenario, transports: [run.transport], repeat: 1 }
    const at = { ...environment, startedAt: run.startedAt }
    const result = { ...rest, scenario, environment: at, runs: [run], missing: [] }
    await storeResult(result, join(folder, 'attempts'), { quiet: true })
  }
}
