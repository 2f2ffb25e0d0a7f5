/**
 * Whether two figures are too near to each other for a choice between them: within a tenth of the
 * smaller one, or within the slack, in the figures' unit.
 */
export function isTie(one: number, other: number, slack = 0): boolean {
  const nearer = Math.min(Math.abs(one), Math.abs(other))
  return Math.abs(one - other) <= Math.max(slack, nearer / 10)
}

/** Latencies within a millisecond are equal, whatever their ratio. */
export const latencySlackUs = 1000
