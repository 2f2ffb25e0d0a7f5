/** A figure that lies somewhere between two; of most both are the same. */
interface Span {
  readonly lower: number
  readonly upper: number
}

/**
 * Whether two figures are too near to each other for a choice between them: within a tenth of the
 * smaller one, or within the slack, in the figures' unit.
 */
export function isTie(one: number, other: number, slack = 0): boolean {
  const nearer = Math.min(Math.abs(one), Math.abs(other))
  return Math.abs(one - other) <= Math.max(slack, nearer / 10)
}

/** The same of figures that are not known exactly: they differ where they do wherever each lies. */
export function mayTie(one: Span, other: Span, slack = 0): boolean {
  const [low, high] = one.upper <= other.upper ? [one, other] : [other, one]
  return high.lower <= low.upper || isTie(low.upper, high.lower, slack)
}

/** Latencies within a millisecond are equal, whatever their ratio. */
export const latencySlackUs = 1000
