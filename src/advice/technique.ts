import type { TechniqueAdvice, Workload } from '../result/advice.ts'
import type { Result } from '../result/document.ts'
import type { Transport } from '../transports/transport.ts'
import { estimateOf, isRequest } from './estimate.ts'
import { type Witness, whyNoWitness, witnessOf } from './evidence.ts'
import { extrapolationsOf, LEAST_INTERVAL_MS } from './extrapolation.ts'
import { idleCostOf, NO_IDLE_COST } from './idle-cost.ts'
import { largestIntervalMs, overheadUs, polledUs } from './interval.ts'
import { type MessageCost, messageCost } from './message.ts'

/** What is asked of a technique without measuring it. */
export type Technique = Pick<Transport, 'name' | 'label' | 'traits'>

/** A measured poller that is this far from what theory has it is told of. */
const THEORY_SLACK = 0.1

/** What a technique gives and costs for a workload, from the run that is nearest to it. */
export function adviseTechnique(
  technique: Technique,
  results: readonly Result[],
  workload: Workload,
): TechniqueAdvice {
  const { name, label, traits } = technique
  const witness = witnessOf(name, results, workload)
  const obstacles = obstaclesOf(technique, workload)
  const asks = witness !== null && witness.run.exchanges.emptyRatio !== null
  const idleCost = witness === null || asks ? NO_IDLE_COST : idleCostOf(witness.run, results)
  const bare = {
    transport: name,
    label,
    complexity: traits.complexity,
    complexityGrade: traits.complexityGrade,
    bidirectional: traits.bidirectional,
    evidence: witness === null ? null : { ...witness.evidence, silenceKnown: idleCost.isKnown },
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
  const messages = isRequest(witness.run, workload) ? messageCost(workload, results) : null
  const estimate = estimateOf(witness, workload, intervalMs, { idleCost, messages, results })
  const stretches = extrapolationsOf(witness.evidence, estimate, asks)
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
      ...messageNote(messages, technique, workload),
    ],
    intervalMs,
    latencyUs,
    latencyLowerUs,
    estimate,
  }
}

/** Neither for nor against it. */
const UNTOLD =
  "of its latency so much may be the instrument's own that it is on both sides of what is wanted"

function messageNote(
  messages: MessageCost | null,
  { traits }: Technique,
  { clientToServer, messagesPerUserPerSecond }: Workload,
): readonly string[] {
  if (clientToServer === 'none') return []
  if (traits.bidirectional) return ['what a client sends goes on its connection, and is not costed']
  const is = 'what a client sends is a request of its own'
  if (messages !== null) return [`${is}, and is costed as one of a short poll`]
  const why =
    messagesPerUserPerSecond === null
      ? 'it is not known how often one comes: give --client-to-server as a rate'
      : 'no valid run of short polling tells what one costs'
  return [`${is}, and is not costed, as ${why}`]
}

/** What keeps it from working at all, whatever was measured. */
function obstaclesOf({ traits }: Technique, { proxies, browsers }: Workload): readonly string[] {
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
    Math.abs(evidence.latencyUs / theory - 1) > THEORY_SLACK
  return [
    ...(evidence.verdict === 'suspect' ? ['its run is suspect: take its figures with care'] : []),
    ...(isOff ? ['its measured latency is not what its interval alone would make it'] : []),
  ]
}
