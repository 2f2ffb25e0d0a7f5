import { RtbenchError } from '../error.ts'

/** The most clients that a machine carries, and what it says about one more. */
export interface Ceiling {
  readonly clients: number
  /** Null where all that were wanted can be carried. */
  readonly reason: string | null
}

/**
 * Finds by trying how far a planner goes, so that the machine's end is known before anything is
 * measured. What it refuses, it refuses to all greater numbers.
 *
 * @param plan throws an RtbenchError where so many clients cannot be carried
 * @throws RtbenchError the planner's, where not even the least can
 */
export function ceilingOf(
  plan: (clients: number) => unknown,
  least: number,
  most: number,
): Ceiling {
  plan(least)
  let reason = refusalOf(() => plan(most))
  if (reason === null) return { clients: most, reason: null }
  let carried = least
  let refused = most
  while (refused - carried > 1) {
    const between = Math.floor((carried + refused) / 2)
    const refusal = refusalOf(() => plan(between))
    if (refusal === null) carried = between
    else {
      refused = between
      reason = refusal
    }
  }
  return { clients: carried, reason: reason.message }
}

/** What a planner has against its work; null where it has nothing. */
export function refusalOf(plan: () => unknown): RtbenchError | null {
  try {
    plan()
    return null
  } catch (error) {
    if (error instanceof RtbenchError) return error
    throw error
  }
}
