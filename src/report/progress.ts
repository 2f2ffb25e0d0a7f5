import pc from 'picocolors'
import type { RunPlace, Progress as RunProgress } from '../swarm/run-order.ts'
import { formatCount, formatDuration } from './quantity.ts'

const GAP = '  '

/** What a live run tells at a moment, and where it stands among the runs of its invocation. */
export type Progress = RunProgress & RunPlace

/** `run 2 of 4  sse  steady 4s/10s  10,000/10,000 connected  498 deliveries/s  p50 2.1 ms  40 s left in all` */
export function renderProgress(progress: Progress): string {
  const { head, phase, connected, deliveries, p50, p99, left } = textsOf(progress)
  const texts = [head, phase, connected, deliveries, p50, p99, left]
  return texts.filter((text) => text !== null).join(GAP)
}

/** What a moment has to tell; null of what is not known. */
function textsOf(progress: Progress) {
  const { transport, repetition, runIndex, runCount, phase, timeLeftMs } = progress
  const { connected, clients, held, deliveriesPerSecond, p50Us, p99Us } = progress
  const isAlone = runCount === 1
  const place = isAlone ? '' : `run ${runIndex + 1} of ${runCount}${GAP}`
  const left = isAlone ? 'left' : 'left in all'
  return {
    head: place + transport + (repetition > 1 ? ` #${repetition}` : ''),
    phase: phase + elapsed(progress),
    connected: `${formatCount(connected)}/${formatCount(clients)} connected`,
    deliveries: isCounted(progress) ? `${formatCount(deliveriesPerSecond)} deliveries/s` : null,
    p50: p50Us === null ? null : `p50 ${formatDuration(p50Us)}`,
    p99: p99Us === null ? null : `p99 ${formatDuration(p99Us)}`,
    held: held === null ? null : `${formatCount(held)} held`,
    left: timeLeftMs !== null && timeLeftMs > 0 ? `${timeText(timeLeftMs)} ${left}` : null,
  }
}

/** Deliveries are counted in the steady window only, and told of its last second. */
export function isCounted({ phase, phaseElapsedMs }: Progress): boolean {
  return phase === 'steady' && phaseElapsedMs >= 1000
}

/** ` 4s/10s` of a phase that takes a time. */
function elapsed({ phase, phaseElapsedMs, phaseTotalMs }: Progress): string {
  if (phase === 'starting' || phase === 'done') return ''
  const seconds = Math.floor(phaseElapsedMs / 1000)
  if (phaseTotalMs === null) return ` ${seconds}s`
  return ` ${seconds}s/${Math.round(phaseTotalMs / 100) / 10}s`
}

/** `6 s`, `10 min` */
function timeText(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}

/** From low to high, one column each. */
export const BLOCKS = '▁▂▃▄▅▆▇█'
/** For terminals on which a block is two columns wide, or none at all. */
export const ASCII_BLOCKS = '_.,:-=+#'

/** Values as a row of characters, from zero to the greatest of them; a blank where there is none. */
export function sparkline(values: readonly (number | null)[], blocks: string): string {
  const greatest = values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0)
  return values
    .map((value) => {
      if (value === null) return ' '
      const share = greatest > 0 ? value / greatest : 0
      return blocks[Math.min(blocks.length - 1, Math.floor(share * blocks.length))]
    })
    .join('')
}

/** What one second of the window said. */
export interface LiveSecond {
  readonly deliveriesPerSecond: number
  readonly p99Us: number | null
}

export interface LiveOptions {
  /** Columns of the terminal. */
  readonly width: number
  readonly color: boolean
  /** Nothing beyond ASCII is drawn. */
  readonly ascii: boolean
}

/** A text on a line; those of the highest rank give way first where the line is too short. */
interface Part {
  readonly text: string | null
  readonly rank: number
  readonly paint?: 'bold' | 'dim' | 'cyan'
}

const BAR_COLUMNS = 20
/** Below this, there is no bar. */
const BAR_FROM_WIDTH = 60

/**
 * A run under way, as two lines:
 *
 *     run 2 of 4  sse  steady 4s/10s  ━━━━━━━━━━━━────────  40 s left in all
 *     p99 ▁▂▅▇▆▅ 8.3 ms  p50 2.1 ms  498 deliveries/s  10,000 held
 *
 * @param seconds of the window so far, the last one last
 */
export function renderLive(
  progress: Progress,
  seconds: readonly LiveSecond[],
  options: LiveOptions,
): readonly string[] {
  const texts = textsOf(progress)
  const where: readonly Part[] = [
    { text: texts.head, rank: 0, paint: 'bold' },
    { text: texts.phase, rank: 0 },
    ...(options.width < BAR_FROM_WIDTH ? [] : bar(progress, options)),
    { text: texts.left, rank: 1, paint: 'dim' },
  ]
  const isJoining = progress.connected < progress.clients || progress.phase === 'ramp-up'
  const connected: Part = { text: texts.connected, rank: isJoining ? 0 : 4 }
  const what: readonly Part[] = [
    ...curve(seconds, options),
    { text: texts.p99, rank: 0 },
    { text: texts.p50, rank: 1 },
    { text: texts.deliveries, rank: 2, paint: 'dim' },
    { text: texts.held, rank: 3, paint: 'dim' },
    ...(isJoining ? [connected] : []),
  ]
  return [where, isCounted(progress) ? what : [connected]].map((parts) => lineOf(parts, options))
}

/** How far the phase is, where that is known. */
function bar(progress: Progress, { ascii }: LiveOptions): readonly Part[] {
  const { phase, phaseElapsedMs, phaseTotalMs, connected, clients } = progress
  const share = phase === 'ramp-up' ? connected / clients : phaseElapsedMs / (phaseTotalMs ?? 0)
  if (!Number.isFinite(share) || phase === 'drain' || phase === 'done') return []
  const full = Math.max(0, Math.min(BAR_COLUMNS, Math.round(share * BAR_COLUMNS)))
  const [done, open] = ascii ? ['#', '-'] : ['━', '─']
  return [{ text: done.repeat(full) + open.repeat(BAR_COLUMNS - full), rank: 2, paint: 'cyan' }]
}

/** p99 of the last seconds; deliveries where too few of them make a percentile. */
function curve(seconds: readonly LiveSecond[], { width, ascii }: LiveOptions): readonly Part[] {
  const columns = Math.max(6, Math.min(30, width - 56))
  const latest = seconds.slice(-columns)
  if (latest.length < 2) return []
  const percentiles = latest.map(({ p99Us }) => p99Us)
  const known = percentiles.some((value) => value !== null)
  const values = known ? percentiles : latest.map((second) => second.deliveriesPerSecond)
  const blocks = ascii ? ASCII_BLOCKS : BLOCKS
  return [{ text: sparkline(values, blocks), rank: 2, paint: 'cyan' }]
}

/** One column stays free: a full line would wrap on some terminals. */
function lineOf(parts: readonly Part[], { width, color }: LiveOptions): string {
  const room = Math.max(1, width - 1)
  let kept = parts.flatMap(({ text, ...part }) => (text === null ? [] : [{ ...part, text }]))
  const whole = (): string => kept.map(({ text }) => text).join(GAP)
  // Names of transports and figures are of characters that take a column each.
  while (whole().length > room) {
    const rank = Math.max(...kept.map((part) => part.rank))
    if (rank === 0) return whole().slice(0, room)
    const last = kept.findLastIndex((part) => part.rank === rank)
    kept = kept.filter((_, index) => index !== last)
  }
  const colors = pc.createColors(color)
  return kept.map(({ text, paint }) => (paint === undefined ? text : colors[paint](text))).join(GAP)
}
