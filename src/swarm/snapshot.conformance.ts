import type { TakenSamples } from './deliveries.ts'
import type { PublisherReport, Snapshot } from './heard.ts'
import { noAudit, noCounts, noLateness, noSettlement, type Settlement } from './messages.ts'

/** Samples of so many microseconds, none of them the instrument's. */
export function samplesOf(latenciesUs: readonly number[]): TakenSamples {
  return {
    latenciesUs: Uint32Array.from(latenciesUs),
    latenessesUs: new Uint32Array(latenciesUs.length),
    servableUs: Uint32Array.from(latenciesUs),
    receivedUs: new Uint32Array(latenciesUs.length),
    sinceNs: 0,
    serviceLatenciesUs: Uint32Array.from(latenciesUs),
  }
}

/** The snapshot of a worker to which nothing has happened yet, with changes. */
export function snapshotOf(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    atNs: 0,
    second: null,
    counts: noCounts(),
    live: 0,
    openSockets: 0,
    rssBytes: 1_000,
    audit: noAudit(),
    errors: {},
    disguises: {},
    ...samplesOf([]),
    lateness: noLateness(),
    stalls: [],
    connectsUs: new Uint32Array(0),
    outages: [],
    reachedNs: new Float64Array(0),
    missedNs: new Float64Array(0),
    speech: null,
    ...changes,
  }
}

/** A settlement in which nothing was owed, with changes. */
export function settlementOf(changes: Partial<Settlement> = {}): Settlement {
  return { ...noSettlement(), ...changes }
}

/** The report of a publisher that had nothing to publish, with changes. */
export function reportOf(changes: Partial<PublisherReport> = {}): PublisherReport {
  return {
    unheard: 0,
    published: 0,
    sentInTime: 0,
    due: 0,
    accepted: 0,
    dropped: 0,
    unknown: 0,
    refusals: {},
    first: new Uint32Array(0),
    last: new Uint32Array(0),
    perSecond: new Uint32Array(0),
    slipMeanUs: null,
    slipP99Us: null,
    slipMaxUs: null,
    cpuUs: 0,
    waitedUs: 0,
    longestStallUs: 0,
    loop: { delayP50Us: 0, delayP99Us: 0, delayMaxUs: 0, samples: 0, utilisation: 0 },
    ...changes,
  }
}
