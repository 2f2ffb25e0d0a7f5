import { documentOf, type MeasurementOptions, measureScenario } from '../experiment/experiment.ts'
import { seedOf } from '../experiment/series.ts'
import type { Environment, MissingRun, Result, Run } from '../result/document.ts'
import type { Scenario } from '../scenario/scenario.ts'

/** What came of a measurement: a result for each scenario that was measured at all. */
export interface MeasuredBuses {
  readonly results: readonly Result[]
  /** What kept the last run from being measured, if it was no interruption. */
  readonly failure: Error | null
}

export interface BusSetting extends MeasurementOptions {
  readonly environment: Environment
  /** Told before each run. */
  onTurn(scenario: Scenario, round: number): void
  /** Told after each run what there is of its scenario by then; the next one waits for it. */
  onResult(result: Result): Promise<void>
}

/**
 * Measures scenarios in turns, one run of each a round, as often as they are to be repeated: each round has
 * one schedule, and begins with another scenario, so that drift favours none. The first failure ends it.
 */
export async function measureBuses(
  scenarios: readonly Scenario[],
  { environment, onTurn, onResult, ...options }: BusSetting,
): Promise<MeasuredBuses> {
  const taken = scenarios.map((scenario) => ({
    scenario,
    runs: [] as Run[],
    missing: [] as MissingRun[],
  }))
  const measured = (failure: Error | null): MeasuredBuses => ({
    results: taken
      .filter(({ runs }) => runs.length > 0)
      .map((own) => documentOf(own, environment, own)),
    failure,
  })
  const rounds = Math.max(0, ...scenarios.map(({ repeat }) => repeat))
  for (let round = 0; round < rounds; round++) {
    for (const [turn] of taken.entries()) {
      const own = taken[(turn + round) % taken.length]
      if (own === undefined || round >= own.scenario.repeat) continue
      if (options.signal.aborted) return measured(null)
      onTurn(own.scenario, round)
      const repetition = round + 1
      const once = { ...own.scenario, repeat: 1, seed: seedOf(own.scenario, repetition) }
      const { runs, missing, failure } = await measureScenario(once, options)
      own.runs.push(...runs.map((run) => ({ ...run, repetition })))
      own.missing.push(...missing.map((run) => ({ ...run, repetition })))
      if (own.runs.length > 0) await onResult(documentOf(own, environment, own))
      if (failure !== null) return measured(failure)
    }
  }
  return measured(null)
}
