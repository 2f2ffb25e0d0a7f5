import { counted } from '../text.ts'
import { areClose, type Bounds, mayDifferUs } from './bounds.ts'
import { isAnswered, mostFrequent, nothingDelivered, type Strays } from './cause.ts'
import type { ClockOffset } from './clock.ts'
import type { ReasonCode } from './reason.ts'

/** What the self-checks of a run look at. Times in microseconds; null where it is not known. */
export interface ValidityFacts {
  readonly requested: number
  readonly connected: number
  /** Of each percentile that the samples carry. */
  readonly bounds: readonly Bounds[]
  readonly lateness: LatenessFact
  readonly offeredPerSecond: number
  readonly achievedPerSecond: number
  /** Sends: due by the schedule, accepted by the server, and neither. */
  readonly due: number
  readonly accepted: number
  readonly dropped: number
  /** Why these were not accepted: sends by cause. */
  readonly refusals: Readonly<Record<string, number>>
  /** What went wrong with the clients and their connections, by cause. */
  readonly errors: Readonly<Record<string, number>>
  /** Share of the whole machine that was busy, and that other programs kept busy. */
  readonly hostUtilisation: number | null
  readonly othersUtilisation: number | null
  /** The server is on this machine, and does not tell how long it waited for a processor. */
  readonly serverMayStarve: boolean
  readonly expected: number
  readonly delivered: number
  readonly lost: number
  /** Clients for which something was published, and of these who heard nothing at all. */
  readonly provable: number
  readonly unproven: number
  /** Sequences that came and that nobody has published. */
  readonly forged: number
  readonly strays: Strays
  /** Received before they were intended. */
  readonly negative: number
  /** By the stamps of the server's acceptance; null where they are of one clock with the rest. */
  readonly clockOffset: ClockOffset | null
  readonly overflows: number
  readonly samples: number
  /** As if the instrument had been on time. */
  readonly lowerP99Us: number | null
  /** Null where the workload does not let it see what the swarm sees, or where it was lost. */
  readonly probe: ProbeFact | null
  readonly probeLost: boolean
  /** Connects that a listen queue of this host had no room for; null where it does not tell. */
  readonly listenDrops: number | null
  /** Processes that ended before the run did. */
  readonly lostWorkers: number
  /** Clients of the lost workers. */
  readonly lostClients: number
  readonly lostInstances: number
  /** Where the server is that rtbench did not start; null of an own one. */
  readonly foreignServer: string | null
  readonly publisherLost: boolean
  /** The server did not tell its statistics at one of the window's edges. */
  readonly serverSilent: boolean
  /** Answers of the server that could not be believed, and what the first one was; null without any. */
  readonly wrongStatistics: WrongStatistics | null
  readonly interruption: Interruption | null
}

/** What a signal cut short: all that is measured, a part of the window, or the wait after it. */
export type Interruption = 'before-window' | 'window' | 'drain'

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

interface WrongStatistics {
  readonly count: number
  readonly at: string
  readonly problem: string
}

/** What a client saw that had a process for itself. */
interface ProbeFact {
  /** Null where its samples cannot carry it. */
  readonly p99Us: number | null
  /** By how much it may be served earlier than others by the server; null where it is not known. */
  readonly allowanceUs: number | null
}

type Severity = 'suspect' | 'invalid'

interface Reason {
  readonly code: ReasonCode
  /** How grave this one is; the verdict is that of the gravest. */
  readonly severity: Severity
  /** One line: what is wrong and what to do. */
  readonly message: string
  readonly value: number | null
  readonly limit: number | null
}

export interface Validity {
  readonly verdict: 'valid' | Severity
  readonly reasons: readonly Reason[]
}

/**
 * Decides whether a run's figures may be believed: whether the generator kept its schedule, had
 * the time to read, and accounts for every event. Pure; the limits stand in the code beside what
 * they limit and in docs/validity.md.
 */
export function judge(facts: ValidityFacts): Validity {
  const reasons: Reason[] = []
  const note = (
    severity: Severity,
    code: ReasonCode,
    message: string,
    value: number | null = null,
    limit: number | null = null,
  ): void => {
    reasons.push({ code, severity, message, value, limit })
  }
  checkProcesses(facts, note)
  if (facts.interruption !== 'before-window') checkConnects(facts, note)
  checkProven(facts, note)
  checkSchedule(facts, note)
  checkLateness(facts, note)
  checkProbe(facts, note)
  checkArrival(facts, note)
  checkAccounts(facts, note)
  const verdict = reasons.some(({ severity }) => severity === 'invalid')
    ? 'invalid'
    : reasons.length > 0
      ? 'suspect'
      : 'valid'
  reasons.sort((a, b) => Number(b.severity === 'invalid') - Number(a.severity === 'invalid'))
  return { verdict, reasons }
}

type Note = (
  severity: Severity,
  code: ReasonCode,
  message: string,
  value?: number | null,
  limit?: number | null,
) => void

function checkProcesses(facts: ValidityFacts, note: Note): void {
  const { lostWorkers, lostInstances } = facts
  if (lostWorkers > 0) {
    note(
      'invalid',
      'worker-lost',
      `${counted(lostWorkers, 'worker')} with ${counted(facts.lostClients, 'client')} ended early; look at the memory, use fewer clients or more --workers`,
      lostWorkers,
      0,
    )
  }
  if (lostInstances > 0) {
    note(
      'invalid',
      'server-lost',
      facts.foreignServer === null
        ? `${counted(lostInstances, 'server instance')} ended early; look at the server's last words and at the memory, use fewer clients`
        : `the server at ${facts.foreignServer} stopped answering; see whether it still runs, and look at its log`,
      lostInstances,
      0,
    )
  }
  if (facts.publisherLost) {
    const message =
      'the publisher ended early, and nobody knows what should have been delivered; look at the memory and lower the rate'
    note('invalid', 'publisher-lost', message)
  }
  if (facts.serverSilent && lostInstances === 0 && facts.wrongStatistics === null) {
    const message =
      "the server did not tell its statistics at the window's edge, so that its figures are of a part, or missing; see whether it stood still, and lower the rate"
    note('suspect', 'server-silent', message)
  }
  if (facts.wrongStatistics !== null) {
    const { count, at, problem } = facts.wrongStatistics
    const message = `the statistics of ${at} were wrong ${counted(count, 'time')} (${problem}), and count as missing; see whether an rtbench of another version, or several, answer there`
    note('suspect', 'server-statistics', message, count, 0)
  }
  if (facts.interruption !== null) {
    note('suspect', 'interrupted', INTERRUPTED[facts.interruption])
  }
}

const INTERRUPTED: Readonly<Record<Interruption, string>> = {
  'before-window': 'stopped before the window began, and nothing was measured; let it run',
  window: 'stopped before the window was over, so that the figures are of its part; let it run',
  drain:
    'stopped while deliveries were still owed, so that some count as lost that may only be late; let it drain',
}

function checkConnects(facts: ValidityFacts, note: Note): void {
  const { listenDrops } = facts
  if (listenDrops !== null && listenDrops > 0) {
    const message = `listen queues of this machine overflowed while the clients connected, for ${listenDrops} connects; take a longer --ramp-up or raise net.core.somaxconn`
    note('suspect', 'listen-overflow', message, listenDrops, 0)
  }
  const share = facts.connected / facts.requested
  if (share === 1) return
  const message = `${facts.connected} of ${facts.requested} clients connected${mostFrequent(facts.errors)}; ${isAnswered(facts.errors) ? 'look at what the server answers and at the paths' : facts.connected === 0 ? 'look at the server, and at how it is reached' : 'use fewer clients or a longer --ramp-up'}`
  note(share < 0.99 ? 'invalid' : 'suspect', 'connected', message, share, share < 0.99 ? 0.99 : 1)
}

/** Who claims to be subscribed and hears nothing was hardly ever subscribed. */
function checkProven({ provable, unproven, delivered }: ValidityFacts, note: Note): void {
  if (unproven === 0 || delivered === 0) return
  const share = unproven / provable
  const message = `${counted(unproven, 'client')} of ${provable} heard nothing, not even a canary before the window; see whether they are subscribed, or the server loses what is published for them`
  note(share > 0.01 ? 'invalid' : 'suspect', 'unproven', message, share, share > 0.01 ? 0.01 : 0)
}

function checkSchedule(facts: ValidityFacts, note: Note): void {
  if (facts.offeredPerSecond > 0) {
    const off = Math.abs(facts.achievedPerSecond - facts.offeredPerSecond) / facts.offeredPerSecond
    const severity = off > 0.1 ? 'invalid' : off > 0.02 ? 'suspect' : null
    if (severity !== null) {
      const message = `${percent(off)} off the offered rate; lower the rate or free a core`
      note(severity, 'rate', message, off, severity === 'invalid' ? 0.1 : 0.02)
    }
  }
  if (facts.dropped > 0) {
    const message = `${facts.dropped} ${facts.dropped === 1 ? 'publish was' : 'publishes were'} not accepted${mostFrequent(facts.refusals)}; ${isAnswered(facts.refusals) ? 'look at what the server answers and at the path' : 'look at the server, or lower the rate'}`
    note('invalid', 'dropped', message, facts.dropped, 0)
  }
}

/** Deliveries that the instrument made gravely late: what share of them nobody need worry about. */
const GRAVE_SHARE = 0.001
/** Of the time that own processes wanted a processor, or of the machine: what is beyond matters. */
const STARVED_SHARE = 0.25
const OTHERS_SHARE = 0.1

function checkLateness(facts: ValidityFacts, note: Note): void {
  const { bounds, lateness, hostUtilisation } = facts
  const others = facts.othersUtilisation ?? 0
  const [code, cause] = causeOf(facts)
  const median = bounds[0]
  if (median !== undefined && !areClose(median)) {
    const { lowerUs, upperUs } = median
    const none = !bounds.some(areClose)
    // They make the processors slower as well (shared caches, threads of one core), and nothing tells by how much.
    const isByOthers = code === 'starved' && others > OTHERS_SHARE
    const severity = none || isByOthers ? 'invalid' : 'suspect'
    const message = `of ${none ? 'no percentile' : 'the median'} is known how much is the instrument's own: p50 is ${ms(lowerUs)} to ${ms(upperUs)}, since ${cause}`
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
export function causeOf({
  lateness,
  othersUtilisation,
}: Pick<ValidityFacts, 'lateness' | 'othersUtilisation'>): [ReasonCode, string] {
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
      const length = ms(lateness.publisherStallUs)
      return [
        'stall',
        `the publisher stood still for ${length}; see what stopped it, and run again`,
      ]
    }
    if (lateness.publisherStarvedShare > STARVED_SHARE) return starved('the publisher')
    return ['slip', 'the publisher sent late; lower the rate']
  }
  if (lateness.workerStallUs > 0 && stallUs + askUs + busyUs > waitUs + serverWaitUs) {
    const length = ms(lateness.workerStallUs)
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

function checkProbe({ lowerP99Us, probe, probeLost }: ValidityFacts, note: Note): void {
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
  const message = `the clients were ${ms(behindUs)} later at p99 than a client in an idle process, beyond what they know to have been late themselves; use fewer clients, more --workers or another machine for the server`
  note('suspect', 'probe', message, behindUs, limitUs)
}

/** Silence where events were due tells of the set-up, and of no latency or loss. */
function checkArrival(facts: ValidityFacts, note: Note): void {
  const { due, connected, expected, delivered } = facts
  const isBroken = facts.lostWorkers + facts.lostInstances > 0 || facts.publisherLost
  if (isBroken || facts.interruption !== null || delivered > 0) return
  // A few clients may be connected that were owed none: that is told by itself.
  if (due > 0 && (expected > 0 || connected === 0)) {
    note('invalid', 'nothing-delivered', nothingDelivered(facts), 0, 1)
  }
}

function checkAccounts(facts: ValidityFacts, note: Note): void {
  const { due, accepted, dropped, expected, delivered, lost, samples, negative, overflows } = facts
  if (
    due !== accepted + dropped ||
    // What was forged is among the deliveries.
    (expected !== delivered + lost && facts.forged === 0) ||
    samples + negative !== delivered
  ) {
    const message = `the accounts do not balance (due ${due}, accepted ${accepted}, dropped ${dropped}; expected ${expected}, delivered ${delivered}, lost ${lost}, samples ${samples}); please report this`
    note('invalid', 'accounting', message)
  }
  if (facts.forged > 0) {
    const message = `${facts.forged} deliveries bear a sequence that was never published; see who else publishes there, and what changes the payload`
    note('invalid', 'forged', message, facts.forged, 0)
  }
  if (negative > 0) {
    const message = `${negative} deliveries came before they were sent; run all processes on one host`
    note('invalid', 'negative-latency', message, negative, 0)
  }
  if (facts.clockOffset !== null) {
    const { direction, count, leastUs } = facts.clockOffset
    const off = leastUs === null ? '' : `${ms(leastUs)} or more `
    const message = `by its stamps the server's clock is ${off}${direction === 'ahead' ? 'ahead of' : 'behind'} this machine's, so that there is no service latency; if it runs elsewhere, give its own address by --url`
    note('suspect', 'clock-offset', message, count, 0)
  }
  if (overflows > 0) {
    const message = `${overflows} deliveries were more than an hour late, and count as an hour; lower the rate`
    note('invalid', 'overflow', message, overflows, 0)
  }
}

function ms(us: number): string {
  return `${(us / 1000).toFixed(1)} ms`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
