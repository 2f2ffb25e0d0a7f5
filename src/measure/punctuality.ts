/** Whether the instrument was on time, and what it was late by: what speaks against a run's times. */
import { areClose, type Bounds, mayDifferUs } from './bounds.ts'
import type { Note, ReasonCode } from './reason.ts'

/** What the checks of the times look at. Times in microseconds; null where it is not known. */
export interface PunctualityFacts {
  /** Of each percentile that the samples carry. */
  readonly bounds: readonly Bounds[]
  readonly lateness: LatenessFact
  readonly offeredPerSecond: number
  readonly achievedPerSecond: number
  /** Share of the whole machine that was busy, and that other programs kept busy. */
  readonly hostUtilisation: number | null
  readonly othersUtilisation: number | null
  /** The server is on this machine, and does not tell how long it waited for a processor. */
  readonly serverMayStarve: boolean
  /** As if the instrument had been on time. */
  readonly lowerP99Us: number | null
  /** Null where the workload does not let it see what the swarm sees, or where it was lost. */
  readonly probe: ProbeFact | null
  readonly probeLost: boolean
}

/** How late the instrument was, and by what. */
interface LatenessFact {
  /** Means over deliveries, microseconds: who was the cause of how much. */
  readonly slipUs: number
  readonly askUs: number
  readonly busyUs: number
  readonly waitUs: number
  readonly stallUs: number
  readonly serverWaitUs: number
  /** Share of deliveries that the instrument made 50 ms late or more. */
  readonly graveShare: number
  /** The longest standstill, microseconds: of a worker, and of the publisher. */
  readonly workerStallUs: number
  readonly publisherStallUs: number
  /** Of the time in which the workers, and the publisher, wanted a processor, the share without one. */
  readonly starvedShare: number
  readonly publisherStarvedShare: number
}

/** What a client saw that had a process for itself. */
interface ProbeFact {
  /** Null where its samples cannot carry it. */
  readonly p99Us: number | null
  /** By how much it may be served earlier than others by the server; null where it is not known. */
  readonly allowanceUs: number | null
}

/** Whether events were published as fast as the schedule asked for. */
export function checkRate(
  { offeredPerSecond, achievedPerSecond }: PunctualityFacts,
  note: Note,
): void {
  if (offeredPerSecond === 0) return
  const off = Math.abs(achievedPerSecond - offeredPerSecond) / offeredPerSecond
  if (off <= 0.02) return
  const message = `${percent(off)} off the offered rate; lower the rate or free a core`
  note(off > 0.1 ? 'invalid' : 'suspect', 'rate', message, off, off > 0.1 ? 0.1 : 0.02)
}

/** Deliveries that the instrument made gravely late: what share of them nobody need worry about. */
const GRAVE_SHARE = 0.001
/** Of the time that own processes wanted a processor, or of the machine: what is beyond matters. */
const STARVED_SHARE = 0.25
const OTHERS_SHARE = 0.1

export function checkLateness(facts: PunctualityFacts, note: Note): void {
  const { bounds, lateness, hostUtilisation } = facts
  const others = facts.othersUtilisation ?? 0
  const [code, cause] = latenessCause(facts)
  const median = bounds[0]
  if (median !== undefined && !areClose(median)) {
    const { lowerUs, upperUs } = median
    const none = !bounds.some(areClose)
    // They make the processors slower as well (shared caches, threads of one core), and nothing tells by how much.
    const isByOthers = code === 'starved' && others > OTHERS_SHARE
    const severity = none || isByOthers ? 'invalid' : 'suspect'
    const message = `of ${none ? 'no percentile' : 'the median'} is known how much is the instrument's own: p50 is ${milliseconds(lowerUs)} to ${milliseconds(upperUs)}, since ${cause}`
    note(severity, code, message, upperUs - lowerUs, mayDifferUs(lowerUs))
  } else if (lateness.graveShare > GRAVE_SHARE) {
    const message = `${percent(lateness.graveShare)} of the deliveries were late by 50 ms and more through the instrument itself, since ${cause}`
    const stallUs = Math.max(lateness.workerStallUs, lateness.publisherStallUs)
    note('suspect', code, message, stallUs > 0 ? stallUs : null)
  } else if (lateness.starvedShare > STARVED_SHARE && others > OTHERS_SHARE) {
    const message = `the clients waited for a processor for ${percent(lateness.starvedShare)} of the time in which they wanted one, while other programs kept ${percent(others)} of this machine busy; end those, or measure elsewhere`
    note('suspect', 'starved', message, lateness.waitUs)
  }
  if (facts.serverMayStarve && hostUtilisation !== null && hostUtilisation > 0.8) {
    const message = `this machine was ${percent(hostUtilisation)} busy, and nobody tells how long the server waited for a processor; use fewer clients or another machine for one of the two`
    note('suspect', 'host-busy', message, hostUtilisation, 0.8)
  }
}

/** What most of the lateness comes from, and what to do. */
export function latenessCause({
  lateness,
  othersUtilisation,
}: Pick<PunctualityFacts, 'lateness' | 'othersUtilisation'>): [ReasonCode, string] {
  const { slipUs, askUs, busyUs, waitUs, stallUs, serverWaitUs } = lateness
  const others = othersUtilisation ?? 0
  const starved = (who: string): [ReasonCode, string] => [
    'starved',
    others > OTHERS_SHARE
      ? `${who} waited for a processor while other programs kept ${percent(others)} of this machine busy; end those, or measure elsewhere`
      : `${who} waited for a processor, which rtbench's own processes kept busy; use fewer clients, a lower rate, or another machine for the server`,
  ]
  const worker = askUs + busyUs + waitUs + stallUs + serverWaitUs
  if (slipUs > worker) {
    if (lateness.publisherStallUs > 0) {
      const length = milliseconds(lateness.publisherStallUs)
      return [
        'stall',
        `the publisher stood still for ${length}; see what stopped it, and run again`,
      ]
    }
    if (lateness.publisherStarvedShare > STARVED_SHARE) return starved('the publisher')
    return ['slip', 'the publisher sent late; lower the rate']
  }
  if (lateness.workerStallUs > 0 && stallUs + askUs + busyUs > waitUs + serverWaitUs) {
    const length = milliseconds(lateness.workerStallUs)
    return ['stall', `a worker stood still for ${length}; see what stopped it, and run again`]
  }
  if (waitUs + serverWaitUs > busyUs + askUs) {
    return starved(serverWaitUs > waitUs ? 'the server' : 'the clients')
  }
  // What they had no time for is read later, by a loop that is at work then.
  if (lateness.starvedShare > STARVED_SHARE) return starved('the clients')
  return [
    'busy',
    'the workers had more to read than they could; use fewer clients or more --workers',
  ]
}

export function checkProbe({ lowerP99Us, probe, probeLost }: PunctualityFacts, note: Note): void {
  if (probeLost) {
    const message =
      "the control probe was lost, so that nothing tells the generator's lag from the server's; run again, with fewer clients if it stays away"
    note('suspect', 'probe-lost', message)
  }
  if (lowerP99Us === null || probe === null) return
  if (probe.p99Us === null || probe.allowanceUs === null) return
  const behindUs = lowerP99Us - probe.p99Us
  const limitUs = Math.max(2_000, 0.2 * probe.p99Us) + probe.allowanceUs
  if (behindUs <= limitUs) return
  const message = `the clients were ${milliseconds(behindUs)} later at p99 than a client in an idle process, beyond what they know to have been late themselves; use fewer clients, more --workers or another machine for the server`
  note('suspect', 'probe', message, behindUs, limitUs)
}

export function milliseconds(us: number): string {
  return `${(us / 1000).toFixed(1)} ms`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
