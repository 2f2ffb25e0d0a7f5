import { counted } from '../text.ts'
import { isAnswered, mostFrequent, type NothingDeliveredFacts, nothingDelivered } from './cause.ts'
import type { ClockOffset } from './clock.ts'
import {
  checkLateness,
  checkProbe,
  checkRate,
  milliseconds,
  type PunctualityFacts,
} from './punctuality.ts'
import type { Note, Reason, Severity } from './reason.ts'

/** Mishaps of a run: processes that were lost, answers that were wrong, a signal. */
export interface Mishaps {
  /** Connects that a listen queue of this host had no room for; null where it does not tell. */
  readonly listenDrops: number | null
  /** Processes that ended before the run did. */
  readonly lostWorkers: number
  /** Clients of the lost workers. */
  readonly lostClients: number
  readonly lostInstances: number
  /** In a line, how the front ended; null where there is none, or it did not. */
  readonly frontLost: string | null
  readonly publisherLost: boolean
  /** Null without any. */
  readonly wrongStatistics: WrongStatistics | null
  /** Null where no signal cut it short. */
  readonly interruption: Interruption | null
}

/** An outage of the bus between instances. */
export interface BusOutage {
  readonly name: string
  /** Of one instance. */
  readonly longestMs: number
  readonly isOver: boolean
  /** Its store lost its events. */
  readonly beganAnew: boolean
  /** In a line; null where only the store is known to have lost events. */
  readonly cause: string | null
}

/** Facts that the self-checks of a run look at. Times in microseconds; null where it is not known. */
export interface ValidityFacts extends PunctualityFacts, Mishaps, NothingDeliveredFacts {
  readonly requested: number
  /** Sends that were due and not accepted. */
  readonly dropped: number
  readonly expected: number
  readonly delivered: number
  readonly lost: number
  /** Missing in gaps that the server declared to the client; none of them is lost. */
  readonly gapped: number
  /** Clients for which something was published, and of these who heard nothing at all. */
  readonly provable: number
  readonly unproven: number
  /** Sequences that came and that nobody has published. */
  readonly forged: number
  /** Received before they were intended. */
  readonly negative: number
  /** By the stamps of the server's acceptance; null where they are of one clock with the rest. */
  readonly clockOffset: ClockOffset | null
  readonly overflows: number
  readonly samples: number
  /** The server did not tell its statistics at one of the window's edges. */
  readonly serverSilent: boolean
  /** Own instances that nothing connects, on purpose; 0 otherwise. */
  readonly unconnected: number
  /** Null without any. */
  readonly busOutage: BusOutage | null
  /** What was done to the run on purpose: `cut=30%@10s`. */
  readonly disruptions: readonly string[]
  /** Of these, in a line each, what could not be. */
  readonly undone: readonly string[]
}

/** The part of a run that a signal cut short: all that is measured, a part of the window, or the wait after it. */
export type Interruption = 'before-window' | 'window' | 'drain'

/** Answers of a server in a run that cannot be, and count as missing. */
export interface WrongStatistics {
  readonly count: number
  /** Of the first one: where it came from, and in a line what it was. */
  readonly at: string
  readonly problem: string
}

export interface Validity {
  readonly verdict: 'valid' | Severity
  readonly reasons: readonly Reason[]
}

/**
 * Decides whether a run's figures may be believed: whether the generator kept its schedule, had the
 * time to read, and accounts for every event. The limits are in docs/validity.md, too.
 */
export function judge(facts: ValidityFacts): Validity {
  const reasons: Reason[] = []
  const note: Note = (severity, code, message, value = null, limit = null) => {
    reasons.push({ code, severity, message, value, limit })
  }
  checkProcesses(facts, note)
  if (facts.interruption !== 'before-window') checkConnects(facts, note)
  checkProven(facts, note)
  checkBus(facts, note)
  checkDisruptions(facts, note)
  checkRate(facts, note)
  checkPublishes(facts, note)
  checkLateness(facts, note)
  checkProbe(facts, note)
  checkArrival(facts, note)
  checkAccounts(facts, note)
  reasons.sort((a, b) => Number(b.severity === 'invalid') - Number(a.severity === 'invalid'))
  return { verdict: reasons[0]?.severity ?? 'valid', reasons }
}

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
  if (facts.frontLost !== null) {
    const message = `${facts.frontLost}, and with it every client's way to the server; look at the memory, use fewer clients`
    note('invalid', 'front-lost', message)
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
  const message = `${facts.connected} of ${facts.requested} clients connected${mostFrequent(facts.errors)}; ${isUpgradeStripped(facts.errors) ? 'the upgrade to WebSocket was answered 426, as by a server that was not asked for one: something in between strips Upgrade; have it passed on (docs/proxies.md)' : isAnswered(facts.errors) ? 'look at what the server answers and at the paths' : facts.connected === 0 ? 'look at the server, and at how it is reached' : 'use fewer clients or a longer --ramp-up'}`
  note(share < 0.99 ? 'invalid' : 'suspect', 'connected', message, share, share < 0.99 ? 0.99 : 1)
}

/** The answer to who did not ask for an upgrade, as clients do who count it. */
function isUpgradeStripped(errors: ValidityFacts['errors']): boolean {
  return (errors['http-426'] ?? 0) > 0
}

/** Who claims to be subscribed and hears nothing was hardly ever subscribed. */
function checkProven(facts: ValidityFacts, note: Note): void {
  const { provable, unproven, delivered, unconnected } = facts
  // Who is at another instance than its events is meant to hear nothing.
  if (unproven === 0 || delivered === 0 || unconnected > 0) return
  const share = unproven / provable
  const message = `${counted(unproven, 'client')} of ${provable} heard nothing, not even a canary before the window; see whether they are subscribed, or the server loses what is published for them`
  note(share > 0.01 ? 'invalid' : 'suspect', 'unproven', message, share, share > 0.01 ? 0.01 : 0)
}

function checkBus({ unconnected, busOutage, lost }: ValidityFacts, note: Note): void {
  if (unconnected > 0) {
    const message = `nothing connects the ${unconnected} instances, so that an event reaches the clients of the one that it entered, a share of 1/${unconnected}; take --backplane memory, or a bus's URL`
    note('suspect', 'no-backplane', message, unconnected, 1)
  }
  if (busOutage === null) return
  const { name, longestMs, isOver, beganAnew, cause } = busOutage
  const what =
    cause === null
      ? 'its store did not reach back to what instances had last'
      : `instances could not reach it for ${isOver ? '' : 'more than '}${milliseconds(longestMs * 1_000)} (${cause})`
  const outcome =
    lost === 0
      ? 'nothing was lost'
      : `${lost === 1 ? '1 delivery is' : `${lost.toLocaleString('en-US')} deliveries are`} lost for good`
  const message = `the bus between the instances (${name}) failed: ${what}${beganAnew ? ', and it began anew with an empty store' : ''}; ${outcome}`
  note('suspect', 'bus-lost', message, longestMs, 0)
}

/** What was done on purpose is no fault; that it cost events for good is what was asked. */
function checkDisruptions(facts: ValidityFacts, note: Note): void {
  const { disruptions, undone, lost } = facts
  if (undone.length > 0) {
    note('invalid', 'not-disrupted', `what was to be done to the run was not: ${undone.join('; ')}`)
  }
  if (disruptions.length === 0 || lost === 0 || facts.busOutage !== null) return
  const message = `${lost === 1 ? '1 delivery is' : `${lost.toLocaleString('en-US')} deliveries are`} lost for good, and no gap was declared for ${lost === 1 ? 'it' : 'them'}, under ${disruptions.join(', ')}; see which clients did not notice, or what the server did not replay`
  note('suspect', 'disrupted-lost', message, lost, 0)
}

function checkPublishes({ dropped, refusals, disruptions }: ValidityFacts, note: Note): void {
  if (dropped === 0) return
  if (disruptions.length > 0) {
    const message = `${dropped === 1 ? '1 publish was' : `${dropped.toLocaleString('en-US')} publishes were`} not accepted${mostFrequent(refusals)} in a run that was disrupted, and nobody is owed what they said`
    note('suspect', 'disrupted-publishes', message, dropped, 0)
    return
  }
  const message = `${dropped} ${dropped === 1 ? 'publish was' : 'publishes were'} not accepted${mostFrequent(refusals)}; ${isAnswered(refusals) ? 'look at what the server answers and at the path' : 'look at the server, or lower the rate'}`
  note('invalid', 'dropped', message, dropped, 0)
}

/** Silence where events were due tells of the set-up, and of no latency or loss. */
function checkArrival(facts: ValidityFacts, note: Note): void {
  const { due, connected, expected, delivered } = facts
  const isBroken =
    facts.lostWorkers + facts.lostInstances > 0 || facts.frontLost !== null || facts.publisherLost
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
    (expected !== delivered + lost + facts.gapped && facts.forged === 0) ||
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
    const off = leastUs === null ? '' : `${milliseconds(leastUs)} or more `
    const message = `by its stamps the server's clock is ${off}${direction === 'ahead' ? 'ahead of' : 'behind'} this machine's, so that there is no service latency; if it runs elsewhere, give its own address by --url`
    note('suspect', 'clock-offset', message, count, 0)
  }
  if (overflows > 0) {
    const message = `${overflows} deliveries were more than an hour late, and count as an hour; lower the rate`
    note('invalid', 'overflow', message, overflows, 0)
  }
}
