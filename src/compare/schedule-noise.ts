import type { Run } from '../result/document.ts'
import type { FixedMetric } from './catalogue.ts'
import type { CountedRun } from './side.ts'

/** As many standard deviations are no chance: one in a thousand comparisons is farther off. */
export const BEYOND_CHANCE = 3.3

/**
 * The standard deviation of the difference that two schedules make to a figure which the protocol
 * fixes otherwise: relative to the figure, of an empty ratio absolute. Events are what counts: all
 * deliveries of an event come and stay away together.
 */
export function scheduleNoise(
  noise: FixedMetric['noise'],
  baseline: readonly CountedRun[],
  candidate: readonly CountedRun[],
): number {
  const [first] = baseline
  if (first === undefined) return 0
  const { emptyRatio } = first.run.exchanges
  if (emptyRatio === null) return 0
  const events = eventNoise(baseline, candidate)
  const edges = Math.hypot(edgeNoise(baseline), edgeNoise(candidate))
  const { keepsInterval } = first.run.technique.traits
  switch (noise) {
    case 'requests':
      // Who asks at an interval asks as often whatever happens; others ask once for each event.
      return keepsInterval ? edges : Math.hypot(events, edges)
    case 'bytes':
      // An answer without an event is paid by those with one.
      return emptyRatio * Math.hypot(events, edges)
    case 'emptyRatio':
      // Of so many answers so many more have an event; where nobody waits in vain, none has less.
      return (1 - emptyRatio) * (keepsInterval ? 1 : emptyRatio) * Math.hypot(events, edges)
  }
}

/** Of the number of events; what is left of it by one schedule is which of them came together. */
function eventNoise(baseline: readonly CountedRun[], candidate: readonly CountedRun[]): number {
  const whole = Math.hypot(deviation(baseline), deviation(candidate))
  return isSameSchedule(baseline, candidate) ? whole * Math.sqrt(sharedAnswers(baseline)) : whole
}

/** None of no runs, as of a theory. */
function deviation(runs: readonly CountedRun[]): number {
  if (runs.length === 0) return 0
  const bySeed = new Map(runs.map(({ run, seed }) => [seed, run.delivery.published]))
  const events = [...bySeed.values()].reduce((sum, one) => sum + one, 0)
  return 1 / Math.sqrt(Math.max(1, events))
}

/** Both sides had the same schedules. */
function isSameSchedule(
  baseline: readonly CountedRun[],
  candidate: readonly CountedRun[],
): boolean {
  const seeds = new Set(baseline.map(({ seed }) => seed))
  const others = new Set(candidate.map(({ seed }) => seed))
  return seeds.size === others.size && [...seeds].every((seed) => others.has(seed))
}

/** Of the window's edges: whose last request is just in and whose just out. */
function edgeNoise(runs: readonly CountedRun[]): number {
  if (runs.length === 0) return 0
  const asked = runs.reduce((sum, { run }) => sum + run.exchanges.requests, 0)
  const clients = runs.reduce((sum, { run }) => sum + run.clients.connected, 0)
  return Math.sqrt(Math.max(1, clients)) / 2 / Math.max(1, asked)
}

/** The share of events that came in an answer with another one. */
export function sharedAnswers(runs: readonly CountedRun[]): number {
  const sum = (figure: (run: Run) => number): number =>
    runs.reduce((total, { run }) => total + figure(run), 0)
  const delivered = sum(({ latency }) => latency.count)
  const answers = sum(({ exchanges }) => exchanges.responses - exchanges.empty)
  return delivered > 0 ? Math.max(0, 1 - answers / delivered) : 0
}
