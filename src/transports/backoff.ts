/** How long clients wait before they connect anew. */
import type { Scenario } from '../scenario/scenario.ts'

/** How much of a wait is chance. */
export type Backoff = Scenario['backoff']

/** The ceiling of the first wait, where the server tells none; it doubles with each attempt. */
export const FIRST_DELAY_MS = 100
export const LONGEST_DELAY_MS = 3_000
/** The floor, whatever a server tells: one that asks for 0 gets no tight loop. */
export const SHORTEST_DELAY_MS = 10
/** A server may tell to wait for so long; what is more is a mistake, or malice, and nobody heeds it. */
export const LONGEST_TOLD_MS = 3_600_000

/**
 * The wait before an attempt: exponential, with as much chance in it as is asked for, so that clients cut
 * together do not come back together (M. Brooker, "Exponential Backoff And Jitter", 2015). What the server
 * told, by `retry` of its stream or by Retry-After, is a lower bound with the jitter on top of it, which then
 * begins at as much again.
 *
 * @param attempt 0 is the first one after a cut
 * @param random on [0, 1)
 * @param toldMs by the server; 0 where it said nothing
 */
export function backoffMs(kind: Backoff, attempt: number, random: number, toldMs = 0): number {
  const lowerMs = toldMs > 0 && toldMs <= LONGEST_TOLD_MS ? toldMs : 0
  const ceilingMs = Math.min(
    LONGEST_DELAY_MS,
    Math.max(FIRST_DELAY_MS, lowerMs) * 2 ** Math.min(attempt, 20),
  )
  return Math.max(SHORTEST_DELAY_MS, waitOf(kind, ceilingMs, random, lowerMs))
}

function waitOf(kind: Backoff, ceilingMs: number, random: number, lowerMs: number): number {
  switch (kind) {
    case 'full-jitter':
      return lowerMs + random * ceilingMs
    case 'equal':
      return lowerMs + ((1 + random) / 2) * ceilingMs
    case 'none':
      return Math.max(lowerMs, ceilingMs)
  }
}
