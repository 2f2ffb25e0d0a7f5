/**
 * Waits between attempts to reconnect: exponential with full jitter, so that clients cut at one
 * moment do not come back at one moment (M. Brooker, "Exponential Backoff And Jitter", 2015).
 */
export const FIRST_DELAY_MS = 100
export const LONGEST_DELAY_MS = 5_000
/** The floor, whatever a server tells: one that asks for 0 gets no tight loop. */
export const SHORTEST_DELAY_MS = 10

/**
 * The wait before attempt `attempt` (0 is the first after a cut), milliseconds: drawn from
 * [0, first × 2^attempt], and never outside [shortest, longest].
 */
export function backoffMs(attempt: number, random: number, firstMs = FIRST_DELAY_MS): number {
  const ceiling = Math.min(
    LONGEST_DELAY_MS,
    Math.max(SHORTEST_DELAY_MS, firstMs) * 2 ** Math.min(attempt, 20),
  )
  return Math.max(SHORTEST_DELAY_MS, random * ceiling)
}
