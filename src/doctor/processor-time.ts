import { hostUtilisation, readHostTime } from '../measure/host.ts'
import type { LoadReading } from './reading.ts'

/** Time of some processors since they started, ticks. */
export interface Ticks {
  readonly total: number
  readonly busy: number
  /** Taken by the hypervisor for others. */
  readonly stolen: number
}

/** What the processors have done up to a moment. */
export interface ProcessorTime {
  /** Null where the system does not tell. */
  readonly ticks: Ticks | null
  /** Of all processors, whatever this process may use. */
  readonly host: ReturnType<typeof readHostTime>
}

/**
 * @param stat of proc(5)
 * @param status this process's, which tells the processors that it may use: others have nothing to do
 *   with what it measures
 */
export function processorTime(stat: string | null, status: string | null): ProcessorTime {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status ?? '')?.[1] ?? null
  return { ticks: parseTicks(stat, parseCpuList(list)), host: readHostTime() }
}

/** `0-1,8` */
export function parseCpuList(list: string | null): ReadonlySet<number> | null {
  if (list === null || !/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(list)) return null
  const cpus = list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, at) => first + at)
  })
  return new Set(cpus)
}

/** The `cpu0`, `cpu1`… lines of proc(5) for these processors, in sum. */
export function parseTicks(stat: string | null, cpus: ReadonlySet<number> | null): Ticks | null {
  let [total, busy, stolen] = [0, 0, 0]
  for (const [, cpu, figures = ''] of (stat ?? '').matchAll(/^cpu(\d+) +(.+)$/gm)) {
    if (cpus !== null && !cpus.has(Number(cpu))) continue
    // Guests' time, the ninth and tenth, is part of the users' already.
    const ticks = figures.split(/\s+/).slice(0, 8).map(Number)
    const [, , , idle = 0, waiting = 0, , , taken = 0] = ticks
    const all = ticks.reduce((sum, one) => sum + one, 0)
    total += all
    busy += all - idle - waiting - taken
    stolen += taken
  }
  return total > 0 ? { total, busy, stolen } : null
}

/** Null where no time went by. */
export function loadBetween(before: ProcessorTime, after: ProcessorTime): LoadReading | null {
  const total = (after.ticks?.total ?? 0) - (before.ticks?.total ?? 0)
  if (before.ticks !== null && after.ticks !== null && total > 0) {
    return {
      busy: (after.ticks.busy - before.ticks.busy) / total,
      stolen: (after.ticks.stolen - before.ticks.stolen) / total,
    }
  }
  const busy = hostUtilisation(before.host, after.host)
  return busy === null ? null : { busy, stolen: null }
}
