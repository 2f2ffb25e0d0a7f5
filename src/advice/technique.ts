import {
  type Extrapolation,
  FARTHEST,
  type TechniqueAdvice,
  type Workload,
} from '../result/advice.ts'
import type { Result } from '../result/document.ts'
import type { Transport } from '../transports/transport.ts'
import { type Costs, costsOf, estimateOf, tellsCosts } from './costs.ts'
import { type Witness, whyNoWitness, witnessOf } from './evidence.ts'
import { extrapolationsOf, LEAST_INTERVAL_MS } from './extrapolation.ts'
import { largestIntervalMs, overheadUs, polledUs } from './interval.ts'
import type { Load } from './load.ts'
import { isWayUp, type WayUp, wayUpOf } from './way-up.ts'

/** What is asked of a technique without measuring it. */
export type Technique = Pick<Transport, 'name' | 'label' | 'traits'>

/** A measured poller that is this far from what theory has it is told of. */
const THEORY_SLACK = 0.1

/** What a technique gives and costs for a workload: latency by its nearest run, costs by all of them. */
export function adviseTechnique(
  technique: Technique,
  results: readonly Result[],
  workload: Workload,
): TechniqueAdvice {
  const { name, label, traits } = technique
  const witness = witnessOf(name, results, workload)
  const costs = costsOf(name, results)
  const obstacles = obstaclesOf(technique, workload)
  const bare = {
    transport: name,
    label,
    complexity: traits.complexity,
    complexityGrade: traits.complexityGrade,
    bidirectional: traits.bidirectional,
    evidence: witness === null ? null : { ...witness.evidence, runs: costs.witnesses.length },
    stretches: [],
    intervalTooShort: false,
    intervalMs: null,
    latencyUs: null,
    latencyLowerUs: null,
    estimate: null,
  }
  if (witness === null) {
    if (obstacles.length > 0) return { ...bare, status: 'excluded', reasons: obstacles }
    const { status, reason } = whyNoWitness(name, results, workload.wanted.percentile)
    return { ...bare, status, reasons: [reason] }
  }
  const { intervalMs, latencyUs, latencyLowerUs } = paceOf(technique, witness, workload)
  if (latencyUs === null || latencyLowerUs === null) {
    const reason = 'no interval is short enough'
    return { ...bare, status: 'too-slow', reasons: [...obstacles, reason] }
  }
  const asking = costs.asks ? { intervalMs, holdMs: witness.holdMs } : null
  const isSending = workload.clientToServer !== 'none'
  const measured = isSending ? wayUpOf(name, results, tellsCosts) : null
  const sends = measured ?? (isSending && !traits.bidirectional ? pollerOf(results) : null)
  const estimated = estimateOf(costs, workload, asking, sends)
  const stretches = stretchesOf(estimated?.load ?? null, costs, sends, workload)
  const intervalTooShort = intervalMs !== null && intervalMs < LEAST_INTERVAL_MS
  const isSlow = latencyLowerUs > workload.wanted.latencyUs
  const isFast = latencyUs <= workload.wanted.latencyUs
  const isBeyond = stretches.length > 0 || intervalTooShort
  const may = isSlow ? 'too-slow' : !isFast ? 'untold' : isBeyond ? 'beyond' : 'suitable'
  return {
    ...bare,
    status: obstacles.length > 0 ? 'excluded' : may,
    stretches,
    intervalTooShort,
    reasons: [
      ...obstacles,
      ...(may === 'untold' ? [UNTOLD] : []),
      ...(intervalTooShort
        ? [`clients on the web do not keep an interval below ${LEAST_INTERVAL_MS} ms`]
        : []),
      ...notesOf(technique, witness, workload),
      ...messageNote(sends, technique, workload),
    ],
    intervalMs,
    latencyUs,
    latencyLowerUs,
    estimate: estimated?.estimate ?? null,
  }
}

/** The costs of who asks at an interval: a small request and a small answer; null where nobody was measured. */
function pollerOf(results: readonly Result[]): Costs | null {
  const poller = results
    .flatMap(({ runs }) => runs)
    .find(({ technique }) => technique.traits.keepsInterval)
  const costs = poller === undefined ? null : costsOf(poller.transport, results)
  return costs === null || costs.witnesses.length === 0 ? null : costs
}

function stretchesOf(
  load: Load | null,
  { witnesses }: Costs,
  sends: Costs | WayUp | null,
  { users, messagesPerUserPerSecond }: Workload,
): readonly Extrapolation[] {
  if (load === null) return []
  const own = extrapolationsOf(
    load,
    witnesses.map((one) => one.load),
  )
  if (sends === null || messagesPerUserPerSecond === null) return own
  const most = isWayUp(sends)
    ? sends.mostPerSecond
    : Math.max(...sends.witnesses.map((one) => one.load.requests))
  const factor = (users * messagesPerUserPerSecond) / most
  return factor > FARTHEST ? [...own, { of: 'messages', factor }] : own
}

/** Neither for nor against it. */
const UNTOLD = 'what is known of its latency is on both sides of what is wanted'

function messageNote(
  sends: Costs | WayUp | null,
  { traits }: Technique,
  { clientToServer, messagesPerUserPerSecond }: Workload,
): readonly string[] {
  if (clientToServer === 'none') return []
  if (sends !== null && isWayUp(sends) && messagesPerUserPerSecond !== null) {
    const way = sends.requests === 0 ? 'goes on its connection' : 'is a request of its own'
    const runs = `${sends.runs} ${sends.runs === 1 ? 'chat' : 'chats'}`
    return [`what a client sends ${way}, and is costed as measured in ${runs}`]
  }
  if (traits.bidirectional) return ['what a client sends goes on its connection, and is not costed']
  const is = 'what a client sends is a request of its own'
  const isKnown = messagesPerUserPerSecond !== null
  if (sends !== null && isKnown) return [`${is}, and is costed as one of a short poll`]
  const why = !isKnown
    ? 'it is not known how often one comes: give --client-to-server as a rate'
    : 'no valid run of short polling tells what one costs'
  return [`${is}, and is not costed, as ${why}`]
}

/** What keeps it from working at all, whatever was measured. */
export function obstaclesOf(
  { traits }: Technique,
  { proxies, browsers }: Workload,
): readonly string[] {
  return [
    ...(traits.needsUpgrade && proxies.includes('block-upgrades')
      ? ['a proxy that blocks upgrades does not let it through']
      : []),
    ...(traits.streams && proxies.includes('buffer-streams')
      ? ['a proxy that buffers responses holds its events back']
      : []),
    ...(traits.needsModernBrowser && browsers === 'any' ? ['not every browser has it'] : []),
  ]
}

/** The wanted percentile, and of a poller the largest interval that keeps it. */
function paceOf(
  { traits }: Technique,
  { evidence, intervalMs }: Witness,
  { wanted }: Workload,
): Pick<TechniqueAdvice, 'intervalMs' | 'latencyUs' | 'latencyLowerUs'> {
  const { percentile, latencyUs } = wanted
  const { latencyUs: observedUs, latencyLowerUs: onTimeUs } = evidence
  if (!traits.keepsInterval) {
    return { intervalMs: null, latencyUs: observedUs, latencyLowerUs: onTimeUs }
  }
  const overhead = overheadUs(percentile, observedUs, intervalMs)
  const leastOverhead = overheadUs(percentile, onTimeUs, intervalMs)
  // Where what was observed leaves no room for a question, what may be the server's own still may.
  const largest =
    largestIntervalMs(percentile, overhead, latencyUs) ??
    largestIntervalMs(percentile, leastOverhead, latencyUs)
  if (largest === null) return { intervalMs: null, latencyUs: null, latencyLowerUs: null }
  return {
    intervalMs: largest,
    latencyUs: polledUs(percentile, overhead, largest),
    latencyLowerUs: polledUs(percentile, leastOverhead, largest),
  }
}

function notesOf(
  { traits }: Technique,
  { evidence, intervalMs }: Witness,
  { wanted }: Workload,
): readonly string[] {
  const theory = polledUs(wanted.percentile, 0, intervalMs)
  const isOff =
    traits.keepsInterval &&
    intervalMs > 0 &&
    Math.abs(evidence.latencyLowerUs / theory - 1) > THEORY_SLACK
  return [
    ...(evidence.verdict === 'suspect' ? ['its run is suspect: take its figures with care'] : []),
    ...(evidence.isBounded
      ? []
      : [`nothing bounds its ${wanted.percentile} from above but the longest that came`]),
    ...(isOff ? ['its measured latency is not what its interval alone would make it'] : []),
  ]
}
