import { LEVEL } from '../compare/statistical.ts'
import { documentOf, type MeasurementOptions, measureScenario } from '../experiment/experiment.ts'
import type { Measurement } from '../experiment/series.ts'
import type { Environment, Result } from '../result/document.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { type Judged, type Judging, judge } from './judge.ts'
import { type Case, measureServed, servedRevision, WORKING } from './revision.ts'

/** How cases are measured, and with what. */
export interface Measurer {
  measure(one: Case): Promise<Measured>
  close(): Promise<void>
}

/** What was measured of a case, and what the last look says of it. */
export interface Measured {
  /** Null where nothing was measured. */
  readonly candidate: Result | null
  /** What it is compared with; null where there is nothing. */
  readonly baseline: Result | null
  /** The commit of the baseline, where that was measured now, too; null where it was stored before. */
  readonly against: string | null
  /** What kept runs from being measured, if it was no interruption. */
  readonly failure: Error | null
  /** Null where nothing was measured. */
  readonly judged: Judged | null
}

/** What measuring takes beside a case. */
export interface MeasurerOptions {
  readonly environment: Environment
  readonly setting: MeasurementOptions
  /** Told after each run what there is of a result by then, so that nothing is lost whatever comes next. */
  keep(soFar: Result): Promise<void>
  readonly judging: Judging
  /** Starts the server of a run; null where one runs already, or rtbench's own is measured. */
  readonly serve: string | null
  /** What is measured becomes the baseline, so that nothing can have regressed. */
  readonly isUpdating: boolean
}

/** As often as a case is repeated when nothing is open after as much of it. */
const MORE = 2

/**
 * Measures cases by this program, against baselines that were measured at another time. What is open after the
 * scenario's repetitions is measured twice as often again, and looked at once more, for the last time.
 */
export function measurerAgainst(
  baselines: ReadonlyMap<string, Result>,
  options: MeasurerOptions,
): Measurer {
  const { environment, setting, judging, isUpdating } = options
  return {
    measure: async ({ file, scenario }) => {
      const baseline = baselines.get(scenario.name) ?? null
      const documentFrom = (measurement: Measurement): Result =>
        documentOf({ scenario }, environment, measurement)
      const first = await measureOnce({ file, scenario }, NOTHING, options)
      const measured = { baseline, against: null, failure: first.failure }
      if (first.runs.length === 0) return { ...measured, candidate: null, judged: null }
      const candidate = documentFrom(first)
      const look = { ...judging, level: LEVEL / 2, isPaired: false, isUpdating }
      const earlier = judge(candidate, baseline, { ...look, earlier: null })
      const transports = scenario.transports.filter((name) => earlier.open.includes(name))
      if (
        transports.length === 0 ||
        isUpdating ||
        first.failure !== null ||
        setting.signal.aborted
      ) {
        return { ...measured, candidate, judged: earlier }
      }
      setting.progress.note(
        `${scenario.name}: ${transports.join(', ')} cannot be told yet, or regressed: ${MORE * scenario.repeat} more`,
      )
      const more = await measureOnce(
        { file, scenario: { ...scenario, transports } },
        first,
        options,
      )
      const whole = documentFrom(more)
      return {
        ...measured,
        failure: more.failure,
        candidate: whole,
        judged: judge(whole, baseline, { ...look, earlier }),
      }
    },
    close: async () => {},
  }
}

const NOTHING: Measurement = { runs: [], missing: [], failure: null }

/** The runs of a case: those before, and as many more as its scenario says, or twice as many where there are some. */
async function measureOnce(
  { file, scenario }: Case,
  before: Measurement,
  { environment, setting, keep, serve }: MeasurerOptions,
): Promise<Measurement> {
  const { signal, progress } = setting
  const isMore = before.runs.length > 0
  const repeat = isMore ? MORE * scenario.repeat : scenario.repeat
  const done = isMore ? scenario.repeat : 0
  const planned: Scenario = { ...scenario, repeat, seed: (scenario.seed + done) % 2 ** 32 }
  const after = <Item extends { readonly repetition: number }>(items: readonly Item[]): Item[] =>
    items.map((item) => ({ ...item, repetition: item.repetition + done }))
  const joined = ({ runs, missing, failure }: Measurement): Measurement => ({
    runs: [...before.runs, ...after(runs)],
    missing: [...before.missing, ...after(missing)],
    failure,
  })
  const onRun = (soFar: Measurement): Promise<void> =>
    keep(documentOf({ scenario }, environment, joined(soFar)))
  const note = (line: string): void => progress.note(line)
  if (serve === null) {
    const measuring = measureScenario(planned, { ...setting, onRun })
    return joined(await measuring.catch((failure: Error) => ({ ...NOTHING, failure })))
  }
  // A run by itself does not know that it is one of several.
  const alone = { ...setting, withEcho: repeat > 1 }
  const revision = servedRevision(serve, { side: WORKING, folder: process.cwd() }, alone)
  return joined(await measureServed({ file, scenario: planned }, revision, { signal, onRun, note }))
}
