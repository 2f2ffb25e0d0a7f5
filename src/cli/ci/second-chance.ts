import type { Measurement } from '../../experiment/series.ts'
import { wasLate } from '../../measure/timing-reason.ts'
import type { Run } from '../../result/document.ts'
import type { Scenario } from '../../scenario/scenario.ts'

/** How often a run is measured at most. */
export const ATTEMPTS = 3

/**
 * Measures the late runs of a measurement again, each by its own schedule, and puts what is not late
 * in their place.
 * @param again measures a scenario of one run
 */
export async function withSecondChances(
  measurement: Measurement,
  scenario: Scenario,
  again: (scenario: Scenario, run: Run) => Promise<Measurement>,
): Promise<Measurement> {
  const runs: Run[] = []
  for (const run of measurement.runs) {
    let best = run
    for (let attempt = 2; attempt <= ATTEMPTS && wasLate(best); attempt++) {
      const { transport, repetition, seed = scenario.seed } = run
      const once = { ...scenario, transports: [transport], repeat: 1, seed }
      const [next] = (await again(once, run)).runs
      // Stopped, or failed: what there is stays.
      if (next === undefined || next.partial) break
      best = { ...next, repetition }
    }
    runs.push(best)
  }
  return { ...measurement, runs }
}
