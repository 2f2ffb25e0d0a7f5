import type { Run } from '../result/document.ts'
import type { Side } from './side.ts'
import { mannWhitney, median } from './statistics.ts'

/**
 * By how much the machine itself was slower for the candidate than for the baseline, by the echo that
 * it measures before each run: 0.1 is 10 %, and less than 0 is faster; 0 where it is no other, or where
 * nobody knows. One for the whole comparison, since it is one machine.
 */
export interface Drift {
  /** What moves latencies. */
  readonly latency: number
  /** What moves CPU time. */
  readonly cpu: number
}

export const NO_DRIFT: Drift = { latency: 0, cpu: 0 }

/** Fewer echoes than this on a side say more of the moment than of the machine. */
const LEAST_ECHOES = 5
/** How often a machine that is as it was may be taken for another one. */
const SIGNIFICANCE = 0.05

export function driftOf(before: Side, after: Side): Drift {
  const between = (echo: (run: Run) => number | null | undefined): number =>
    driftBetween(echoesOf(before, echo), echoesOf(after, echo))
  return {
    // Latencies of a server on another host are mostly of that one.
    latency: between(({ host }) => (host.sharedWithServer ? host.echoUs : null)),
    cpu: between(({ host }) => host.echoCpuUs),
  }
}

/** By the echoes of both sides, one of each run. */
export function driftBetween(baseline: readonly number[], candidate: readonly number[]): number {
  if (Math.min(baseline.length, candidate.length) < LEAST_ECHOES) return 0
  if (mannWhitney(baseline, candidate).pValue > SIGNIFICANCE) return 0
  const [from, to] = [median(baseline), median(candidate)]
  return from > 0 && to > 0 ? to / from - 1 : 0
}

/** None where a run has none: of the others' machine it was not. */
function echoesOf({ runs }: Side, echo: (run: Run) => number | null | undefined): number[] {
  const all = [...runs.values()].flat().map(({ run }) => echo(run) ?? null)
  const known = all.filter((value) => value !== null)
  return known.length === all.length ? known : []
}

/** How many runs of a side have no echo. */
export function withoutEcho({ runs }: Side): number {
  return [...runs.values()].flat().filter(({ run }) => (run.host.echoCpuUs ?? null) === null).length
}
