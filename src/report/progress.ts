import type { RunPlace, Progress as RunProgress } from '../swarm/run-order.ts'
import { formatCount, formatDuration } from './quantity.ts'

/** What a live run tells at a moment, and where it stands among the runs of its invocation. */
export type Progress = RunProgress & RunPlace

/** `sse  steady 4s/10s  10,000/10,000 connected  498 deliveries/s  p50 2.1 ms  6 s left` */
export function renderProgress(progress: Progress): string {
  const { phase, p50Us, p99Us, timeLeftMs } = progress
  const parts = [
    headOf(progress),
    phase + elapsed(progress),
    `${formatCount(progress.connected)}/${formatCount(progress.clients)} connected`,
  ]
  // They are counted in the steady window only, and told of its last second.
  if (phase === 'steady' && progress.phaseElapsedMs >= 1000) {
    parts.push(`${formatCount(progress.deliveriesPerSecond)} deliveries/s`)
  }
  if (p50Us !== null) parts.push(`p50 ${formatDuration(p50Us)}`)
  if (p99Us !== null) parts.push(`p99 ${formatDuration(p99Us)}`)
  if (timeLeftMs !== null && timeLeftMs > 0) parts.push(`${left(timeLeftMs)} left`)
  return parts.join('  ')
}

/** `3/4 sse #2`: which run it is. */
export function headOf({ transport, repetition, runIndex, runCount }: Progress): string {
  const place = runCount > 1 ? `${runIndex + 1}/${runCount} ` : ''
  return place + transport + (repetition > 1 ? ` #${repetition}` : '')
}

/** ` 4s/10s` of a phase that takes a time. */
export function elapsed({ phase, phaseElapsedMs, phaseTotalMs }: Progress): string {
  if (phase === 'starting' || phase === 'done') return ''
  const seconds = Math.floor(phaseElapsedMs / 1000)
  if (phaseTotalMs === null) return ` ${seconds}s`
  return ` ${seconds}s/${Math.round(phaseTotalMs / 100) / 10}s`
}

/** `6 s`, `10 min` */
export function left(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}
