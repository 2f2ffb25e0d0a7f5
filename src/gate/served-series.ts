import type { CiCase } from '../cli/ci/options.ts'
import { RtbenchError } from '../error.ts'
import {
  ABSENT,
  type Measurement,
  measureSeries,
  type PlannedRun,
  plannedRuns,
  type SeriesOptions,
  seedOf,
} from '../experiment/series.ts'
import type { Run } from '../result/document.ts'
import type { Contender } from './contender.ts'

/** Measures a case run by run, each with a server of its own, as each side of a pair is. */
export function measureServed(
  { file, scenario }: CiCase,
  contender: Contender,
  { note, ...options }: SeriesOptions & { note(line: string): void },
): Promise<Measurement> {
  const measure = async ({ name, repetition }: PlannedRun): Promise<Run> => {
    note(`${scenario.name}: ${name} #${repetition}`)
    const seed = seedOf(scenario, repetition)
    const once = { ...scenario, transports: [name], repeat: 1, seed }
    const { runs, failure } = await contender.measure({ file, scenario: once })
    const [run] = runs
    if (run === undefined) throw failure ?? new RtbenchError('cannot-run', ABSENT.stopped)
    return { ...run, repetition }
  }
  return measureSeries(plannedRuns({ scenario, sweep: null }), measure, options)
}
