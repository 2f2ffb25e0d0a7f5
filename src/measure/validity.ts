/** What the self-checks of a run look at. Times in microseconds; null where it is not known. */
export interface ValidityFacts {
  readonly requested: number
  readonly connected: number
  readonly slipP99Us: number | null
  readonly offeredPerSecond: number
  readonly achievedPerSecond: number
  /** Sends: due by the schedule, accepted by the server, and neither. */
  readonly due: number
  readonly accepted: number
  readonly dropped: number
  /** Of every worker, and of the publisher. */
  readonly workerLoops: readonly LoopFact[]
  readonly publisherLoop: LoopFact | null
  /** Share of the whole machine that was busy. */
  readonly hostUtilisation: number | null
  readonly expected: number
  readonly delivered: number
  readonly lost: number
  readonly negative: number
  readonly overflows: number
  readonly samples: number
  readonly p99Us: number | null
  /** Processes that ended before the run did. */
  readonly lostWorkers: number
  readonly lostInstances: number
  readonly publisherLost: boolean
  /** The window was shorter than asked for. */
  readonly interrupted: boolean
}

interface LoopFact {
  readonly delayP99Us: number
  readonly utilisation: number
}

type Severity = 'suspect' | 'invalid'

interface Reason {
  readonly code: string
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
  const found: { severity: Severity; reason: Reason }[] = []
  const note = (
    severity: Severity,
    code: string,
    message: string,
    value: number | null = null,
    limit: number | null = null,
  ): void => {
    found.push({ severity, reason: { code, message, value, limit } })
  }
  checkProcesses(facts, note)
  checkConnected(facts, note)
  checkSchedule(facts, note)
  checkLoops(facts, note)
  checkAccounts(facts, note)
  const verdict = found.some(({ severity }) => severity === 'invalid')
    ? 'invalid'
    : found.length > 0
      ? 'suspect'
      : 'valid'
  found.sort((a, b) => Number(b.severity === 'invalid') - Number(a.severity === 'invalid'))
  return { verdict, reasons: found.map(({ reason }) => reason) }
}

type Note = (
  severity: Severity,
  code: string,
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
      `${lostWorkers} worker(s) ended early; look at the memory`,
      lostWorkers,
      0,
    )
  }
  if (lostInstances > 0) {
    note(
      'invalid',
      'server-lost',
      `${lostInstances} server instance(s) ended early`,
      lostInstances,
      0,
    )
  }
  if (facts.publisherLost) note('invalid', 'publisher-lost', 'the publisher ended early')
  if (facts.interrupted) {
    note(
      'suspect',
      'interrupted',
      'stopped before the window was over; the figures are of its part',
    )
  }
}

function checkConnected(facts: ValidityFacts, note: Note): void {
  const share = facts.connected / facts.requested
  if (share === 1) return
  const message = `${facts.connected} of ${facts.requested} clients connected; see errors, use fewer clients or a longer --ramp-up`
  note(share < 0.99 ? 'invalid' : 'suspect', 'connected', message, share, share < 0.99 ? 0.99 : 1)
}

function checkSchedule(facts: ValidityFacts, note: Note): void {
  const slipLimit = Math.max(2_000, 0.1 * (facts.p99Us ?? 0))
  if (facts.slipP99Us !== null && facts.slipP99Us > slipLimit) {
    const message = `events were sent ${ms(facts.slipP99Us)} late at p99; lower the rate or free a core`
    note('invalid', 'slip', message, facts.slipP99Us, slipLimit)
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
    const message = `${facts.dropped} publishes were not accepted; look at the server`
    note('invalid', 'dropped', message, facts.dropped, 0)
  }
}

function checkLoops(facts: ValidityFacts, note: Note): void {
  const delayLimit = Math.max(5_000, 0.1 * (facts.p99Us ?? 0))
  const loops = [
    ...facts.workerLoops,
    ...(facts.publisherLoop === null ? [] : [facts.publisherLoop]),
  ]
  const delay = Math.max(0, ...loops.map(({ delayP99Us }) => delayP99Us))
  if (delay > delayLimit) {
    const message = `the generator's event loop was ${ms(delay)} late at p99; use fewer clients, more --workers or a larger machine`
    note('invalid', 'loop-delay', message, delay, delayLimit)
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
    const message = `${negative} deliveries came before they were sent; are all processes on one host?`
    note('invalid', 'negative-latency', message, negative, 0)
  }
  if (overflows > 0)
    note('invalid', 'overflow', 'deliveries were more than an hour late', overflows, 0)
}

function ms(us: number): string {
  return `${(us / 1000).toFixed(1)} ms`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
