import { latencyBounds } from '../measure/bounds.ts'
import { codesOf } from '../measure/reason.ts'
import type { Evidence, NoEvidence, Percentile, Workload } from '../result/advice.ts'
import type { Result, Run } from '../result/document.ts'
import { reliedOn } from '../result/evidence.ts'
import { counts } from '../result/repetitions.ts'
import { scenarioAt } from '../scenario/sweep.ts'
import { largestIntervalMs } from './interval.ts'

/** A run that may speak for its technique, and what it was asked. */
export interface Witness {
  readonly run: Run
  readonly evidence: Evidence
  /** Of the run: the poller's interval and the longest hold. */
  readonly intervalMs: number
  readonly holdMs: number
}

const PERCENTILES = { p50: 'p50Us', p95: 'p95Us', p99: 'p99Us' } as const

/**
 * The run of a transport that is nearest to the workload: by users, by events per user and, of a
 * poller, by the interval that it would need, each as a ratio. Null where none may be believed: invalid, partial and lossy ones, and those that have no
 * such percentile, do not count.
 */
export function witnessOf(
  transport: string,
  results: readonly Result[],
  workload: Workload,
): Witness | null {
  const witnesses = results.flatMap((result) =>
    result.runs
      .filter((run) => run.transport === transport && isSound(run))
      .flatMap((run) => witness(run, result, workload)),
  )
  const { percentile, latencyUs } = workload.wanted
  const wantedMs = largestIntervalMs(percentile, 0, latencyUs)
  const distance = ({ evidence }: Witness): number =>
    farness(evidence.usersFactor) +
    farness(evidence.eventsFactor) +
    farness(evidence.intervalMs, wantedMs)
  // Of equally near ones, as repetitions are, the slower one: advice is not to promise too much.
  return (
    witnesses.sort(
      (one, other) =>
        distance(one) - distance(other) || other.evidence.latencyUs - one.evidence.latencyUs,
    )[0] ?? null
  )
}

/** Of a ratio from 1, alike in both directions; nothing where there is none. */
function farness(one: number | null, other: number | null = 1): number {
  return one === null || other === null || one === 0 ? 0 : Math.abs(Math.log(one / other))
}

/** Why none of a transport's runs may be believed: in a word, and in one line. */
export function whyNoWitness(
  transport: string,
  results: readonly Result[],
  percentile: Percentile,
): { readonly status: NoEvidence; readonly reason: string } {
  const runs = results.flatMap((result) => result.runs.filter((run) => run.transport === transport))
  if (runs.length === 0) return { status: 'not-measured', reason: 'no run of it in the results' }
  if (runs.some(isSound)) {
    return { status: 'too-few', reason: `its runs have too few deliveries for a ${percentile}` }
  }
  const invalid = runs.filter(({ validity }) => validity.verdict === 'invalid')
  if (invalid.length === 0) {
    return { status: 'not-counted', reason: 'its runs were stopped, partial, or lost deliveries' }
  }
  return {
    status: 'invalid',
    reason: `${invalidPhrase(invalid, runs.length)}${reasonsOf(invalid)}`,
  }
}

/** `its run is invalid`, `its 3 runs are invalid`, `1 of its 3 runs is invalid` */
function invalidPhrase({ length }: readonly Run[], all: number): string {
  if (all === 1) return 'its run is invalid'
  if (length === all) return `its ${all} runs are invalid`
  return `${length} of its ${all} runs ${length === 1 ? 'is' : 'are'} invalid`
}

/** ` (slip, loop-delay)`: what made them invalid; nothing where they do not say. */
function reasonsOf(invalid: readonly Run[]): string {
  const codes = new Set(invalid.flatMap((run) => codesOf(run, 'invalid')))
  return codes.size === 0 ? '' : ` (${[...codes].join(', ')})`
}

export function isSound(run: Run): boolean {
  return counts(run) && run.delivery.lost === 0
}

function witness(run: Run, { scenario, sweep }: Result, workload: Workload): readonly Witness[] {
  const { clients, throughput, technique, validity } = run
  const { percentile } = workload.wanted
  const bounds = latencyBounds(run, PERCENTILES[percentile])
  const eventsPerClientPerSecond = throughput.deliveriesPerSecond / clients.requested
  if (bounds === null || eventsPerClientPerSecond === 0) return []
  const other = reliedOn(run, percentile)
  // Of so few events, or such that were late together, nothing bounds the tail but what came.
  const mostUs = other?.highUs ?? run.latency.maxUs ?? bounds.upperUs
  const { intervalMs, holdMs } = scenarioAt(scenario, sweep, run.point)
  return [
    {
      run,
      intervalMs,
      holdMs,
      evidence: {
        name: scenario.name,
        clients: clients.requested,
        eventsPerClientPerSecond,
        intervalMs: technique.traits.keepsInterval ? intervalMs : null,
        latencyUs: other === null ? bounds.upperUs : Math.max(bounds.upperUs, mostUs),
        latencyLowerUs: Math.min(bounds.lowerUs, other?.lowUs ?? bounds.lowerUs),
        verdict: validity.verdict === 'suspect' ? 'suspect' : 'valid',
        usersFactor: workload.users / clients.requested,
        eventsFactor: workload.eventsPerUserPerSecond / eventsPerClientPerSecond,
        isBounded: other === null || other.highUs !== null,
        runs: 1,
      },
    },
  ]
}
