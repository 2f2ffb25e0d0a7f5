import type { Run } from '../result/document.ts'
import { median } from './median.ts'
import type { CountedRun, Side } from './side.ts'

/**
 * By how much the machine itself was slower for the candidate than for the baseline, by the echo that
 * it measures beside the runs: 0.1 is 10 %, and less than 0 is faster.
 */
export interface Drift {
  /** What moves latencies. */
  readonly latency: number
  /** What moves CPU time. */
  readonly cpu: number
}

/** Fewer echoes than this on a side say more of the moment than of the machine. */
const LEAST_ECHOES = 5

/** Null where a side does not know: who measures once has no echo, and older results have none. */
export function driftOf(before: Side, after: Side): Drift | null {
  const latency = driftIn(before, after, ({ host }) => host.echoUs ?? null)
  const cpu = driftIn(before, after, ({ host }) => host.echoCpuUs ?? null)
  return latency === null || cpu === null ? null : { latency, cpu }
}

function driftIn(before: Side, after: Side, echo: (run: Run) => number | null): number | null {
  const [from, to] = [before, after].map(({ runs }) => {
    const echoes = [...runs.values()].flat().map(({ run }: CountedRun) => echo(run))
    return echoes.filter((value) => value !== null)
  })
  if (from === undefined || to === undefined) return null
  if (Math.min(from.length, to.length) < LEAST_ECHOES) return null
  const [baseline, candidate] = [median(from), median(to)]
  return baseline > 0 && candidate > 0 ? candidate / baseline - 1 : null
}
