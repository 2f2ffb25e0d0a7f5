import { latencyBounds } from '../measure/bounds.ts'
import type { Run } from '../result/document.ts'

/** A part of the mean latency, by its key in the document. */
export type MeanPart = 'slipUs' | 'acceptUs' | 'fanOutUs' | 'readUs'

/**
 * How much of the mean was spent there; null where it is not known, or where there is no such part:
 * a server that answers polls has no fan-out. What is negative by rounding is nothing.
 */
export function meanPart({ spent, fanOut }: Run, key: MeanPart): number | null {
  if (spent == null) return null
  if (key === 'fanOutUs' && fanOut != null && fanOut.p99Us === null) return null
  return Math.max(0, spent[key])
}

/**
 * How much of the mean may be the instrument's own at most, microseconds: by so much it is less as if
 * that had been on time. Null where that is not known, as of older results.
 */
export function ownPart(run: Run): number | null {
  if (run.latencyLowerBound === undefined) return null
  const bounds = latencyBounds(run, 'meanUs')
  return bounds === null ? null : bounds.upperUs - bounds.lowerUs
}
