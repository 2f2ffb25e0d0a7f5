import type { Histogram } from 'hdr-histogram-js'
import { RtbenchError } from '../error.ts'
import { mergedHistogram } from '../measure/histogram.ts'
import type { Run } from '../result/document.ts'
import { printable } from './plain-text.ts'

/**
 * The push latencies of a run, microseconds.
 * @throws RtbenchError `bad-result` where the document's text is no histogram
 */
export function runHistogram({ transport, repetition, latency }: Run): Histogram {
  try {
    return mergedHistogram([latency.histogram])
  } catch (error) {
    const run = `${printable(transport)} #${repetition}`
    const why = 'latency.histogram is damaged or not of HdrHistogram'
    throw new RtbenchError('bad-result', `${run}: ${why}`, error)
  }
}
