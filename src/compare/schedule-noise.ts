import type { RecordedScenario, Run } from '../result/document.ts'
import type { DeterministicMetric } from './metric.ts'
import type { CountedRun } from './side.ts'

/** As many standard deviations are no chance: one in a thousand comparisons is farther off. */
export const BEYOND_CHANCE = 3.3

/**
 * What a stream carries when nothing comes, at most: the reference server's comment, as a chunk. Its
 * pings are shorter and rarer.
 */
const HEARTBEAT = { bytes: 8, periodMs: 15_000 } as const

/**
 * The standard deviation of the difference that two schedules make to a figure which the protocol
 * fixes otherwise: relative to the figure, of an empty ratio absolute. Events are what counts: all
 * deliveries of an event come and stay away together.
 */
export function scheduleNoise(
  noise: DeterministicMetric['noise'],
  scenario: RecordedScenario,
  baseline: readonly CountedRun[],
  candidate: readonly CountedRun[],
): number {
  const [first] = baseline
  if (first === undefined) return 0
  const events = eventNoise(scenario, baseline, candidate)
  const { emptyRatio } = first.run.exchanges
  if (emptyRatio === null) return noise === 'bytes' ? silentShare(first.run) * events : 0
  const edges = Math.hypot(edgeNoise(baseline), edgeNoise(candidate))
  const { keepsInterval } = first.run.technique.traits
  switch (noise) {
    case 'requests':
      // Who asks at an interval asks as often whatever happens; others ask once for each event.
      return keepsInterval ? edges : Math.hypot(events, edges)
    case 'bytes':
      return idleShare(scenario, first.run) * Math.hypot(events, edges)
    case 'emptyRatio':
      // Of so many answers so many more have an event; where nobody waits in vain, none has less.
      return (1 - emptyRatio) * (keepsInterval ? 1 : emptyRatio) * Math.hypot(events, edges)
  }
}

/** The most of a stream's bytes that come whether there are events or not. */
function silentShare({ clients, durationMs, wire }: Run): number {
  const heartbeats = clients.connected * Math.ceil(durationMs / HEARTBEAT.periodMs)
  return Math.min(1, (heartbeats * HEARTBEAT.bytes) / Math.max(1, wire.bytesReceived))
}

/**
 * The most of an asking client's bytes that come whether there are events or not. At an interval all
 * answers do, and an event adds its payload at least; others are answered for an event, or in vain.
 */
function idleShare(
  { payloadBytes }: RecordedScenario,
  { technique, exchanges, wire }: Run,
): number {
  if (!technique.traits.keepsInterval) return exchanges.emptyRatio ?? 0
  return Math.max(0, 1 - payloadBytes / Math.max(1, wire.bytesPerDelivery ?? 0))
}

/** Of the number of events; what is left of it by one schedule is which of them came together. */
function eventNoise(
  scenario: RecordedScenario,
  baseline: readonly CountedRun[],
  candidate: readonly CountedRun[],
): number {
  const whole = Math.hypot(deviation(scenario, baseline), deviation(scenario, candidate))
  return isSameSchedule(baseline, candidate) ? whole * Math.sqrt(sharedAnswers(baseline)) : whole
}

/** None of no runs, as of a theory. */
function deviation(scenario: RecordedScenario, runs: readonly CountedRun[]): number {
  const [first] = runs
  if (first === undefined) return 0
  const bySeed = new Map(runs.map(({ run, seed }) => [seed, run.delivery.published]))
  const events = [...bySeed.values()].reduce((sum, one) => sum + one, 0)
  return Math.sqrt(dispersion(scenario, first.run) / Math.max(1, events))
}

/**
 * Variance of a channel's number of events to its mean: 1 of Poisson arrivals. Of even ones a window
 * holds so many or one more, of each sender where clients send: the whole ones are no chance.
 */
function dispersion({ arrivals, rate, sendRate }: RecordedScenario, { durationMs }: Run): number {
  const events = ((sendRate ?? rate) * durationMs) / 1000
  if (arrivals === 'poisson' || events === 0) return 1
  const part = events % 1
  return (part * (1 - part)) / events
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

/** The share of events that came in an answer with another one; a stream's come each by itself. */
export function sharedAnswers(runs: readonly CountedRun[]): number {
  if (runs[0]?.run.exchanges.emptyRatio === null) return 0
  const sum = (figure: (run: Run) => number): number =>
    runs.reduce((total, { run }) => total + figure(run), 0)
  const delivered = sum(({ latency }) => latency.count)
  const answers = sum(({ exchanges }) => exchanges.responses - exchanges.empty)
  return delivered > 0 ? Math.max(0, 1 - answers / delivered) : 0
}
