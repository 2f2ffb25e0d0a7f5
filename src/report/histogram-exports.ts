import { type Histogram, HistogramLogWriter } from 'hdr-histogram-js'
import { RtbenchError } from '../error.ts'
import { mergedHistogram } from '../measure/histogram.ts'
import type { Run } from '../result/document.ts'
import { printable } from '../text.ts'
import { collective, type NamedResult, type Reporter } from './reporter.ts'
import { runNames } from './wording.ts'

/**
 * The push latencies of a run, microseconds.
 * @throws RtbenchError `bad-result` where the document's text is no histogram
 */
function runHistogram({ transport, repetition, latency }: Run): Histogram {
  try {
    return mergedHistogram([latency.histogram])
  } catch (error) {
    const run = `${printable(transport)} #${repetition}`
    const why = 'latency.histogram is damaged or not of HdrHistogram'
    throw new RtbenchError('bad-result', `${run}: ${why}`, error)
  }
}

const TICKS_PER_HALF_DISTANCE = 5
/** Milliseconds, as the plotter takes them by default, and of what a log tells beside its histogram. */
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

/**
 * HdrHistogram's log, V2: the push latencies of each run, microseconds, as an interval tagged with
 * its transport. Repetitions have one tag, so that a reader that adds up intervals adds them up.
 */
export const hlog = collective('hlog', 'hlog', logOf)

function logOf(results: readonly NamedResult[]): string {
  const intervals = results
    .flatMap(({ result, name }) => {
      const tags = runNames(result.runs.map((run) => ({ ...run, repetition: 1 })))
      const own = results.length > 1 ? `-${name ?? result.scenario.name}` : ''
      return result.runs.map((run, i) => ({
        run,
        tag: printable(`${tags[i]}${own}`).replace(/[,\s]+/g, '-'),
      }))
    })
    .sort((one, other) => Date.parse(one.run.startedAt) - Date.parse(other.run.startedAt))
  let text = ''
  const writer = new HistogramLogWriter((line) => {
    text += line
  })
  const baseMs = Date.parse(intervals[0]?.run.startedAt ?? '') || 0
  writer.outputComment('[Push latencies in microseconds, by rtbench]')
  writer.outputLogFormatVersion()
  const base = (baseMs / 1000).toFixed(3)
  writer.outputComment(
    `[StartTime: ${base} (seconds since epoch), ${new Date(baseMs).toISOString()}]`,
  )
  writer.outputLegend()
  for (const { run, tag } of intervals) {
    const histogram = runHistogram(run)
    histogram.tag = tag
    const start = (Date.parse(run.startedAt) - baseMs) / 1000
    writer.outputIntervalHistogram(histogram, start, start + run.durationMs / 1000, US_PER_UNIT)
  }
  return text
}
