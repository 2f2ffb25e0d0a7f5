import { HistogramLogWriter } from 'hdr-histogram-js'
import { printable } from './plain-text.ts'
import type { NamedResult, Reporter } from './reporter.ts'
import { runHistogram } from './run-histogram.ts'
import { runNames } from './run-names.ts'

/** Of the greatest value that a line tells beside its histogram: milliseconds. */
const US_PER_UNIT = 1000

/**
 * HdrHistogram's log, V2: the push latencies of each run, microseconds, as an interval tagged with
 * its transport. Repetitions have one tag, so that a reader that adds up intervals adds them up.
 */
export const hlog: Reporter = {
  name: 'hlog',
  extension: 'hlog',
  render: (result) => logOf([{ result, name: null }]),
  renderAll: logOf,
}

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
