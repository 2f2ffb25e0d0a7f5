import { EventBlocks } from '../measure/event-blocks.ts'
import { LatencyHistogram } from '../measure/histogram.ts'
import { type Intervals, intervalsOf } from '../measure/interval.ts'
import type { LatencySummary } from '../result/document.ts'
import type { Span } from './messages.ts'
import type { Readings } from './server-reading.ts'

/** How long events took over the bus, and what other windows would show of that. */
export interface Hops {
  readonly added: LatencySummary | null
  readonly addedIntervals: Intervals | null
}

const NOT_TOLD: Hops = { added: null, addedIntervals: null }

/**
 * Adds up what all instances told at the window's end, block by block; nothing where one of them does not.
 * @param events published in the window: each is as late as its bus, at whatever number of instances
 */
export function hopsOf(end: Readings | null, window: Span | null, events: number): Hops {
  const told = end?.map(({ bus }) => bus?.hops ?? null) ?? []
  if (window === null || told.length === 0 || told.includes(null)) return NOT_TOLD
  const histogram = new LatencyHistogram()
  const blocks = new EventBlocks()
  blocks.begin(window)
  const blockNs = blocks.blockMs * 1e6
  for (const instance of told) {
    for (const [index, pairs] of (instance ?? []).entries()) {
      const atNs = window.startNs + (index + 0.5) * blockNs
      for (let at = 0; at + 1 < pairs.length; at += 2) {
        const us = Math.round(pairs[at] as number)
        const count = Math.round(pairs[at + 1] as number)
        histogram.recordTimes(us, count)
        blocks.record(atNs, Math.min(us, MOST_US), count)
      }
    }
  }
  const added = histogram.summary(events)
  const whole = blocks.until(window.endNs)
  const addedIntervals = intervalsOf(blocks, histogram, added, whole, events)
  histogram.destroy()
  return added.count === 0 ? NOT_TOLD : { added, addedIntervals }
}

/** As blocks count. */
const MOST_US = 2 ** 31
