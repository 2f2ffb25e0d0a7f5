import { documentOf, type MeasurementOptions, measureScenario } from '../experiment/experiment.ts'
import type { Measurement } from '../experiment/series.ts'
import type { Environment, Result } from '../result/document.ts'
import { readEnvironment } from '../result/environment.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Judging } from './judge.ts'
import {
  type Attempt,
  type Attempted,
  keeperOf,
  MOST_ATTEMPTS,
  withLateRetries,
  withRegressionRetries,
} from './retry.ts'
import { type Case, measureServed, servedRevision, WORKING } from './revision.ts'

/** How cases are measured, and with what. */
export interface Measurer {
  measure(one: Case): Promise<Attempted>
  close(): Promise<void>
}

/** Keeps what is measured, so that nothing of it is lost whatever comes next. */
export interface Keeper {
  /** After each run, what there is of a result by then. */
  soFar(result: Result): Promise<void>
  /** An attempt at a run, for another one may stand in its place later. */
  attempt(result: Result): Promise<void>
}

/** What measuring takes beside a case. */
export interface MeasurerOptions {
  readonly environment: Environment
  readonly setting: MeasurementOptions
  readonly keeper: Keeper
  readonly judging: Judging
  /** Starts the server of a run; null where one runs already, or rtbench's own is measured. */
  readonly serve: string | null
  /** What is measured becomes the baseline, so that nothing can have regressed. */
  readonly isUpdating: boolean
}

/**
 * Measures cases by this program. A baseline was measured at another time: what regressed since then
 * must show each time, for the machine may have had other things to do.
 */
export function measurerAgainst(
  baselines: ReadonlyMap<string, Result>,
  options: MeasurerOptions,
): Measurer {
  const { environment, setting, judging, isUpdating } = options
  const { signal, progress } = setting
  return {
    measure: async ({ file, scenario }) => {
      const baseline = baselines.get(scenario.name) ?? null
      const measure = async (one: Scenario, environment: Environment): Promise<Attempt> => {
        const measurement = await measureOnce({ file, scenario: one }, { ...options, environment })
        const { runs, failure } = measurement
        const candidate =
          runs.length === 0 ? null : documentOf({ scenario: one }, environment, measurement)
        return { candidate, baseline, against: null, failure }
      }
      return withRegressionRetries(await measure(scenario, environment), {
        most: isUpdating ? 1 : MOST_ATTEMPTS,
        judging,
        signal,
        again: async (transports) => {
          progress.note(
            `${scenario.name}: ${transports.join(', ')} regressed; once more, to be sure`,
          )
          // By another moment of its start it is stored beside the first attempt, and not over it.
          return measure({ ...scenario, transports }, await readEnvironment())
        },
      })
    },
    close: async () => {},
  }
}

/** The runs of a case; what was late is measured again, where times are judged. */
async function measureOnce(
  { file, scenario }: Case,
  { environment, setting, keeper, judging, serve }: MeasurerOptions,
): Promise<Measurement> {
  const { signal, progress } = setting
  const note = (line: string): void => progress.note(line)
  const onRun = (soFar: Measurement): Promise<void> =>
    keeper.soFar(documentOf({ scenario }, environment, soFar))
  // A run by itself does not know that it is one of several.
  const alone = { ...setting, withEcho: scenario.repeat > 1 }
  const place = { side: WORKING, folder: process.cwd() }
  const revision = serve === null ? null : servedRevision(serve, place, alone)
  const measuring =
    revision === null
      ? measureScenario(scenario, { ...setting, onRun })
      : measureServed({ file, scenario }, revision, { signal, onRun, note })
  const first = await measuring.catch((failure: Error) => ({ runs: [], missing: [], failure }))
  if (judging.deterministicOnly) return first
  return withLateRetries(first, scenario, {
    signal,
    again: (once) =>
      revision === null ? measureScenario(once, alone) : revision.measure({ file, scenario: once }),
    keep: keeperOf(documentOf({ scenario }, environment, first), keeper.attempt),
    note,
  })
}
