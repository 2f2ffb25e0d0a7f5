import type { RecordedScenario, Run } from './document.ts'

type Workload = Pick<RecordedScenario, 'rate' | 'arrivals' | 'intervalMs' | 'holdMs'> &
  Partial<Pick<RecordedScenario, 'workload'>>

/**
 * The share of answers without an event that theory gives to clients that each ask for one channel
 * with λ events per second, in the long run. Null where there is no theory: without requests, of a
 * client that asks again at once and is answered at once, or of a room whose members each send evenly.
 */
export function theoreticalEmptyRatio(
  { rate, arrivals, intervalMs, holdMs, workload }: Workload,
  { technique, exchanges }: Pick<Run, 'technique' | 'exchanges'>,
): number | null {
  if (exchanges.emptyRatio === null) return null
  if (workload === 'chat' && arrivals === 'constant') return null
  if (!technique.traits.keepsInterval) return heldEmptyRatio((rate * holdMs) / 1000, arrivals)
  return intervalMs === 0 ? null : polledEmptyRatio((rate * intervalMs) / 1000, arrivals)
}

/**
 * Of who asks at an interval T: e^(−λT) by Poisson arrivals; by constant ones 1 − λT, since each of
 * them comes into an answer of its own, and none from λT = 1 on.
 *
 * @param events λT
 */
function polledEmptyRatio(events: number, arrivals: Workload['arrivals']): number {
  return arrivals === 'poisson' ? Math.exp(-events) : Math.max(0, 1 - events)
}

/**
 * Of who is held for H at most: e^(−λH) by Poisson arrivals, of which each answer has a new one to
 * wait for. Between two constant ones fit ⌈1/λH⌉ − 1 holds, each of them an empty answer.
 *
 * @param events λH
 */
function heldEmptyRatio(events: number, arrivals: Workload['arrivals']): number {
  if (arrivals === 'poisson' || events === 0) return Math.exp(-events)
  const empty = Math.ceil(1 / events) - 1
  return empty / (empty + 1)
}
