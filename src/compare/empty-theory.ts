import type { RecordedScenario, Run } from '../result/document.ts'

/**
 * The share of answers without an event that theory gives to clients that ask at an interval T,
 * each for one channel with λ events per second: e^(−λT) by Poisson arrivals; by constant ones
 * 1 − λT, since each of them comes into an answer of its own, and none from λT = 1 on. Null where
 * there is no such theory: without an interval, or of a client that is answered when there is an
 * event.
 */
export function theoreticalEmptyRatio(
  { rate, intervalMs, arrivals }: RecordedScenario,
  { technique, exchanges }: Run,
): number | null {
  if (exchanges.emptyRatio === null || !technique.traits.keepsInterval || intervalMs === 0) {
    return null
  }
  const events = (rate * intervalMs) / 1000
  return arrivals === 'poisson' ? Math.exp(-events) : Math.max(0, 1 - events)
}
