import type { Measurement } from '../../experiment/series.ts'
import { wasLate } from '../../measure/timing-reason.ts'
import type { Result, Run } from '../../result/document.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import { keepResult } from '../publication.ts'

/** How often a run is measured at most. */
export const ATTEMPTS = 3

/** A measurement whose late runs were measured again. */
export interface Retried extends Measurement {
  /** What others stand in the place of. */
  readonly replaced: readonly Run[]
}

/**
 * Measures the late runs of a measurement again, each by its own schedule, and puts what is not late
 * in their place. What there is stays where it cannot be measured once more.
 * @param again measures a scenario of one run
 */
export async function withSecondChances(
  measurement: Measurement,
  scenario: Scenario,
  again: (scenario: Scenario, run: Run) => Promise<Measurement>,
): Promise<Retried> {
  const runs: Run[] = []
  const replaced: Run[] = []
  for (const run of measurement.runs) {
    let best = run
    for (let attempt = 2; attempt <= ATTEMPTS && wasLate(best); attempt++) {
      const { transport, repetition, seed = scenario.seed } = run
      const once = { ...scenario, transports: [transport], repeat: 1, seed }
      const [next] = await again(once, run).then(
        (measured) => measured.runs,
        () => [],
      )
      if (next === undefined || next.partial) break
      replaced.push(best)
      best = { ...next, repetition }
    }
    runs.push(best)
  }
  return { ...measurement, runs, replaced }
}

/**
 * Saves runs that others stand in the place of, for themselves: by another moment of its start their
 * result is stored beside the one that counts.
 */
export async function keepReplaced(
  runs: readonly Run[],
  { environment, ...rest }: Result,
  folder: string | null,
): Promise<void> {
  if (runs.length === 0) return
  const startedAt = new Date().toISOString()
  const result = { ...rest, environment: { ...environment, startedAt }, runs, missing: [] }
  await keepResult(result, folder)
}
