import { type Extrapolation, FARTHEST } from '../result/advice.ts'
import type { Load } from './load.ts'

/**
 * A timer of a browser keeps no shorter interval for long, and many a round trip takes as long: whoever
 * asks more often asks before the answer is there.
 */
export const LEAST_INTERVAL_MS = 50

/** In what a load is further from what was measured than figures are trusted; the farthest first. */
export function extrapolationsOf(
  wanted: Load,
  measured: readonly Load[],
): readonly Extrapolation[] {
  const times = (figure: (load: Load) => number): number => {
    const most = Math.max(0, ...measured.map(figure))
    return most === 0 ? 0 : figure(wanted) / most
  }
  const users = times(({ connections }) => connections)
  const events = times(({ deliveries, connections }) => deliveries / connections)
  // Many users of many events; where one of the two is far alone, that says it.
  const isProductAlone = users <= FARTHEST && events <= FARTHEST
  const all: readonly Extrapolation[] = [
    { of: 'users', factor: users },
    { of: 'events', factor: events },
    { of: 'deliveries', factor: isProductAlone ? times(({ deliveries }) => deliveries) : 0 },
    { of: 'requests', factor: times(({ requests }) => requests) },
  ]
  return all
    .filter(({ factor }) => factor > FARTHEST)
    .sort((one, other) => other.factor - one.factor)
}
