import type { Run } from '../result/document.ts'
import type { Reporter } from './reporter.ts'
import { runHistogram } from './run-histogram.ts'
import { runNames } from './run-names.ts'

const TICKS_PER_HALF_DISTANCE = 5
/** Of the values: milliseconds, as the plotter takes them by default. */
const US_PER_UNIT = 1000

/** HdrHistogram's percentile distribution of the push latency, milliseconds, for its plotter. */
export const hgrm: Reporter = {
  name: 'hgrm',
  extension: 'hgrm',
  render: ({ runs }) => runs.map(distributionOf).join('\n'),
  renderRuns: ({ runs }) =>
    runs.map((run, i) => ({ name: runNames(runs)[i] ?? '', text: distributionOf(run) })),
}

function distributionOf(run: Run): string {
  return runHistogram(run).outputPercentileDistribution(TICKS_PER_HALF_DISTANCE, US_PER_UNIT)
}
