import { latencyBounds } from '../measure/bounds.ts'
import type { RecordedScenario, Result, Run } from '../result/document.ts'
import { theoreticalEmptyRatio } from '../result/empty-theory.ts'
import { scenarioAt } from '../scenario/sweep.ts'
import { formatDuration, formatPercent } from './quantity.ts'

/** From so many holds on it hardly matters how they began. */
const MANY_HOLDS = 10
/** Shares as near as this are the same to a reader. */
const SAME_SHARE = 0.001
/** Longer than servers leave a connection without a word. */
const HEARTBEATS_MS = 60_000

/**
 * The share of answers without an event, and what it is in the long run where the window could not
 * tell: `0 % empty (0 of 9; in the long run 5.0 %)`, with ` empty` as noun and `0 of 9` as counts.
 */
export function emptyShare(
  run: Run,
  scenario: RecordedScenario,
  { noun = '', counts }: { readonly noun?: string; readonly counts?: string } = {},
): string {
  const longRun = unseenEmptyRatio(run, scenario)
  const details = [
    ...(counts === undefined ? [] : [counts]),
    ...(longRun === null ? [] : [`in the long run ${formatPercent(longRun)}`]),
  ]
  const share = formatPercent(run.exchanges.emptyRatio) + noun
  return details.length === 0 ? share : `${share} (${details.join('; ')})`
}

/** What a reader must know of what fell outside of a window. */
export function unseenNotes({ runs, scenario, sweep }: Result): readonly string[] {
  const together = runs
    .map((run) => ({ run, at: scenarioAt(scenario, sweep, run.point) }))
    .find(({ run, at }) => unseenEmptyRatio(run, at) !== null)
  const { target } = scenario
  const silent = runs.find((run) => target?.endpoints[run.transport] !== undefined && !asks(run))
  return [
    ...(together === undefined ? [] : [togetherNote(together.run, together.at)]),
    ...(silent === undefined || silent.durationMs >= HEARTBEATS_MS
      ? []
      : [
          `Heartbeats: how often this server sends them is not known; bytes are those that fell into the window of ${ms(silent.durationMs)}, and one of a minute has a fairer share.`,
        ]),
  ]
}

/**
 * What theory says of the empty answers to polls whose holds began together, at a server that cannot be
 * asked for another one; null where the window has its share of them.
 */
function unseenEmptyRatio(run: Run, scenario: RecordedScenario): number | null {
  const { emptyRatio } = run.exchanges
  const endpoint = scenario.target?.endpoints[run.transport]
  if (emptyRatio === null || run.technique.traits.keepsInterval) return null
  if (endpoint === undefined || endpoint.path.includes('{hold}')) return null
  if (run.durationMs >= MANY_HOLDS * scenario.holdMs) return null
  const theory = theoreticalEmptyRatio(scenario, run)
  return theory === null || Math.abs(theory - emptyRatio) < SAME_SHARE ? null : theory
}

function togetherNote(
  { technique, durationMs }: Run,
  { warmupMs, holdMs }: RecordedScenario,
): string {
  const [hold, window] = [ms(holdMs), ms(durationMs)]
  const begun = `${technique.label}: this server cannot be asked for its hold, so that all holds of ${hold} began together`
  const share =
    warmupMs + durationMs <= holdMs
      ? `and are not over within ${ms(warmupMs)} of warm-up and a window of ${window}`
      : `and a window of ${window} has no even share of their ends`
  return `${begun}, ${share}. The share of empty answers in the long run is that of theory, by rate and hold.`
}

/** Whether it gets events by requests, some of them in vain. */
export function asks({ exchanges }: Run): boolean {
  return exchanges.emptyRatio !== null
}

function ms(milliseconds: number): string {
  return formatDuration(milliseconds * 1000)
}

/** How much of the mean was spent there; null where that is not known, or there is no such part, as of a poll’s fan-out. */
export function meanPart(
  { spent, fanOut }: Run,
  key: 'slipUs' | 'acceptUs' | 'fanOutUs' | 'readUs',
): number | null {
  if (spent == null) return null
  if (key === 'fanOutUs' && fanOut != null && fanOut.p99Us === null) return null
  return Math.max(0, spent[key])
}

/**
 * How much of the mean may be the instrument's own at most, microseconds: by so much it is less as if
 * that had been on time. Null where that is not known, as of older results.
 */
export function ownPart(run: Run): number | null {
  if (run.latencyLowerBound === undefined) return null
  const bounds = latencyBounds(run, 'meanUs')
  return bounds === null ? null : bounds.upperUs - bounds.lowerUs
}
