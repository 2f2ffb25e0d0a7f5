import { isAnswered, mostFrequent } from './causes.ts'
import type { ClockOffset } from './clock-offset.ts'
import { counted } from './counted.ts'
import { MIN_SAMPLES_P99 } from './histogram.ts'
import type { ReasonCode } from './reason-code.ts'

/** What the self-checks of a run look at. Times in microseconds; null where it is not known. */
export interface ValidityFacts {
  readonly requested: number
  readonly connected: number
  /** Null where the events were too few for it. */
  readonly slipP99Us: number | null
  readonly slipMaxUs: number | null
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
  /** Of every worker, and of the publisher. */
  readonly workerLoops: readonly LoopFact[]
  readonly publisherLoop: LoopFact | null
  /** Share of the whole machine that was busy. */
  readonly hostUtilisation: number | null
  readonly expected: number
  readonly delivered: number
  readonly lost: number
  /** Received before they were intended. */
  readonly negative: number
  /** By the stamps of the server's acceptance; null where they are of one clock with the rest. */
  readonly clockOffset: ClockOffset | null
  readonly overflows: number
  readonly samples: number
  readonly p99Us: number | null
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

interface WrongStatistics {
  readonly count: number
  readonly at: string
  readonly problem: string
}

interface LoopFact {
  readonly delayP99Us: number
  readonly samples: number
  readonly utilisation: number
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
  checkSchedule(facts, note)
  checkLoops(facts, note)
  checkProbe(facts, note)
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
  const message = `${facts.connected} of ${facts.requested} clients connected${mostFrequent(facts.errors)}; ${isAnswered(facts.errors) ? 'look at what the server answers and at the paths' : 'use fewer clients or a longer --ramp-up'}`
  note(share < 0.99 ? 'invalid' : 'suspect', 'connected', message, share, share < 0.99 ? 0.99 : 1)
}

function checkSchedule(facts: ValidityFacts, note: Note): void {
  const slipLimit = Math.max(2_000, 0.1 * (facts.p99Us ?? 0))
  if (facts.slipP99Us !== null && facts.slipP99Us > slipLimit) {
    const message = `events were sent ${ms(facts.slipP99Us)} late at p99; lower the rate or free a core`
    note('invalid', 'slip', message, facts.slipP99Us, slipLimit)
  }
  if (facts.slipP99Us === null && facts.slipMaxUs !== null && facts.slipMaxUs > slipLimit) {
    const message = `of a few events one was sent ${ms(facts.slipMaxUs)} late; take a longer --duration`
    note('suspect', 'slip', message, facts.slipMaxUs, slipLimit)
  }
  if (facts.offeredPerSecond > 0) {
    const off = Math.abs(facts.achievedPerSecond - facts.offeredPerSecond) / facts.offeredPerSecond
    const severity = off > 0.1 ? 'invalid' : off > 0.02 ? 'suspect' : null
    if (severity !== null) {
      const message = `${percent(off)} off the offered rate; lower the rate or free a core`
      note(severity, 'rate', message, off, severity === 'invalid' ? 0.1 : 0.02)
    }
  }
  if (facts.dropped > 0) {
    const message = `${facts.dropped} publishes were not accepted${mostFrequent(facts.refusals)}; ${isAnswered(facts.refusals) ? 'look at what the server answers and at the path' : 'look at the server, or lower the rate'}`
    note('invalid', 'dropped', message, facts.dropped, 0)
  }
}

function checkLoops(facts: ValidityFacts, note: Note): void {
  const delayLimit = Math.max(5_000, 0.1 * (facts.p99Us ?? 0))
  const loops = [
    ...facts.workerLoops,
    ...(facts.publisherLoop === null ? [] : [facts.publisherLoop]),
  ]
  const delay = latest(loops.filter(({ samples }) => samples >= MIN_SAMPLES_P99))
  const once = latest(loops)
  if (delay > delayLimit) {
    const message = `the generator's event loop was ${ms(delay)} late at p99; use fewer clients, more --workers or a larger machine`
    note('invalid', 'loop-delay', message, delay, delayLimit)
  } else if (once > delayLimit) {
    // The highest of a few samples: a single pause, which is no word on the rest.
    const message = `the generator's event loop was ${ms(once)} late, of fewer than ${MIN_SAMPLES_P99} samples; take a longer --duration to know more`
    note('suspect', 'loop-delay', message, once, delayLimit)
  }
  const busiest = Math.max(0, ...facts.workerLoops.map(({ utilisation }) => utilisation))
  if (busiest > 0.8) {
    const message = `a worker was busy ${percent(busiest)} of the time; use fewer clients or more --workers`
    const invalid = busiest > 0.95
    note(invalid ? 'invalid' : 'suspect', 'utilisation', message, busiest, invalid ? 0.95 : 0.8)
  }
  if (facts.hostUtilisation !== null && facts.hostUtilisation > 0.8) {
    const message = `this machine was ${percent(facts.hostUtilisation)} busy; use fewer clients or a larger machine`
    note('suspect', 'host-idle', message, facts.hostUtilisation, 0.8)
  }
}

function checkProbe({ p99Us, probe, probeLost }: ValidityFacts, note: Note): void {
  if (probeLost) {
    const message =
      "the control probe was lost, so that nothing tells the generator's lag from the server's; run again, with fewer clients if it stays away"
    note('suspect', 'probe-lost', message)
  }
  if (p99Us === null || probe === null || probe.p99Us === null || probe.allowanceUs === null) return
  const behindUs = p99Us - probe.p99Us
  const limitUs = Math.max(2_000, 0.2 * p99Us) + probe.allowanceUs
  if (behindUs <= limitUs) return
  const message = `the clients were ${ms(behindUs)} later at p99 than a client in an idle process, so that much of the latency may be the generator's; use fewer clients, more --workers or another machine for the server`
  note('suspect', 'probe', message, behindUs, limitUs)
}

function latest(loops: readonly LoopFact[]): number {
  return Math.max(0, ...loops.map(({ delayP99Us }) => delayP99Us))
}

function checkAccounts(facts: ValidityFacts, note: Note): void {
  const { due, accepted, dropped, expected, delivered, lost, samples, negative, overflows } = facts
  if (
    due !== accepted + dropped ||
    expected !== delivered + lost ||
    samples + negative !== delivered
  ) {
    const message = `the accounts do not balance (due ${due}, accepted ${accepted}, dropped ${dropped}; expected ${expected}, delivered ${delivered}, lost ${lost}, samples ${samples}); please report this`
    note('invalid', 'accounting', message)
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
