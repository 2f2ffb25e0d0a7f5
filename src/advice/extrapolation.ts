import { type Estimate, type Evidence, type Extrapolation, FARTHEST } from '../result/advice.ts'

/**
 * A timer of a browser keeps no shorter interval for long, and many a round trip takes as long: whoever
 * asks more often asks before the answer is there.
 */
export const LEAST_INTERVAL_MS = 50

/** In what a workload is further from what was measured than figures are trusted; the farthest first. */
export function extrapolationsOf(
  { usersFactor, eventsFactor }: Pick<Evidence, 'usersFactor' | 'eventsFactor'>,
  { loadFactor, messagesFactor }: Pick<Estimate, 'loadFactor' | 'messagesFactor'>,
  asks: boolean,
): readonly Extrapolation[] {
  // Many users of many events; where one of the two is far alone, that says it.
  const isProductAlone = usersFactor <= FARTHEST && eventsFactor <= FARTHEST
  const all: readonly Extrapolation[] = [
    { of: 'users', factor: usersFactor },
    { of: 'events', factor: eventsFactor },
    { of: 'deliveries', factor: isProductAlone ? usersFactor * eventsFactor : 0 },
    { of: 'requests', factor: asks ? loadFactor : 0 },
    { of: 'messages', factor: messagesFactor ?? 0 },
  ]
  return all
    .filter(({ factor }) => factor > FARTHEST)
    .sort((one, other) => other.factor - one.factor)
}

/** As many clients as a measurement needs for so many users. */
export function clientsWithin(users: number): number {
  return Math.ceil(users / FARTHEST)
}
