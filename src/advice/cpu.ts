import type { Result, Run } from '../result/document.ts'
import { isSound } from './evidence.ts'
import { LEAST_RATIO, logRatio } from './log-ratio.ts'

/** What a server takes, in cores: without load, and for each request or delivery per second. */
export interface CpuLine {
  readonly fixed: number
  readonly perLoad: number
  /** Two runs told the two apart; else all of it is taken to go with the load. */
  readonly fixedKnown: boolean
  /** The greatest load of the runs that it is drawn through. */
  readonly measuredTo: number
}

/** What a run's CPU goes with, per second: requests, where it asks, or deliveries, where it is told. */
export function loadOf({ exchanges, durationMs, throughput }: Run): number {
  if (exchanges.emptyRatio === null) return throughput.deliveriesPerSecond
  return exchanges.requests / (durationMs / 1000)
}

/**
 * The line by which a run's CPU is scaled to a load. At a low rate most of it is the process's own, and
 * in proportion to such a run a busy server would cost several times what it does; so the line is drawn
 * through a second run, the one nearest to the load, where there is one. Null where the server did not
 * tell its CPU.
 */
export function cpuLine(run: Run, load: number, results: readonly Result[]): CpuLine | null {
  const cores = coresOf(run)
  if (cores === null || loadOf(run) === 0) return null
  const [other] = results
    .flatMap(({ runs }) => runs)
    .filter((one) => one.transport === run.transport && isSound(one) && isComparable(one, run))
    .sort((one, another) => logRatio(loadOf(one), load) - logRatio(loadOf(another), load))
  const others = other === undefined ? null : coresOf(other)
  if (other === undefined || others === null) return inProportion(run, cores, false)
  const perLoad = (others - cores) / (loadOf(other) - loadOf(run))
  const fixed = cores - perLoad * loadOf(run)
  // A busier run that cost less is noise, or another machine.
  if (perLoad <= 0) return inProportion(run, cores, false)
  // A line that starts below nothing is no guide to less than both of its runs.
  const lower = loadOf(other) < loadOf(run) ? other : run
  if (fixed < 0 && load < loadOf(lower)) return inProportion(lower, coresOf(lower) ?? 0, true)
  return { fixed, perLoad, fixedKnown: true, measuredTo: Math.max(loadOf(run), loadOf(other)) }
}

function inProportion(run: Run, cores: number, fixedKnown: boolean): CpuLine {
  return { fixed: 0, perLoad: cores / loadOf(run), fixedKnown, measuredTo: loadOf(run) }
}

/** Far enough in load, and whoever asks gets about as many events by a request. */
function isComparable(one: Run, other: Run): boolean {
  const isFar = loadOf(one) > 0 && logRatio(loadOf(one), loadOf(other)) >= Math.log(LEAST_RATIO)
  if (!isFar || coresOf(one) === null) return false
  if (other.exchanges.emptyRatio === null) return true
  return logRatio(eventsByRequest(one), eventsByRequest(other)) <= Math.log(LEAST_RATIO)
}

function eventsByRequest(run: Run): number {
  return run.throughput.deliveriesPerSecond / loadOf(run)
}

function coresOf({ server }: Run): number | null {
  return server?.cpuUtilisation ?? null
}
