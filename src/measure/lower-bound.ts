import { NS_PER_US } from './clock.ts'
import { EventBlocks, type TimedSamples } from './event-blocks.ts'
import { LatencyHistogram, type LatencySummary } from './histogram.ts'
import type { Wait } from './lateness.ts'

/** Latencies with what is known of the instrument's part in them, one by one; microseconds. */
export interface LateSamples extends TimedSamples {
  /** The most that the instrument was late at both ends, the publisher's and the client's. */
  readonly latenessesUs: Uint32Array
  /** For how long before its receipt a server could have served it, at most: since it was asked. */
  readonly servableUs: Uint32Array
}

/** No delivery that waits are sought for began longer ago. */
const MEMORY_NS = 120e9

/**
 * The distribution of latencies as if the instrument had been on time: of each delivery the most that
 * the instrument may have been late is taken off. So are an own server's waits for a processor, since
 * it competes for them: those of the time in which it could serve the delivery, and those before that
 * it had not caught up with.
 */
export class LowerBound {
  readonly histogram = new LatencyHistogram()
  /** The same by when their events were intended. */
  readonly blocks = new EventBlocks()
  /** By server process; empty where none tells of its waits. */
  readonly #waits: readonly WaitAccount[]
  /** Taken off for the servers' waits, summed over deliveries. */
  #waitedUs = 0
  /** Until the servers have told of the time of them. */
  #pending: LateSamples[] = []

  /** @param servers how many of them tell of their waits */
  constructor(servers = 0) {
    this.#waits = Array.from({ length: servers }, () => new WaitAccount())
  }

  take(samples: LateSamples): void {
    if (this.#waits.length === 0) this.#book(samples)
    else if (samples.latenciesUs.length > 0) this.#pending.push(samples)
  }

  /** A server tells of all its waits up to a moment that were not told of before. */
  tell(server: number, waits: readonly Wait[], untilNs: number): void {
    this.#waits[server]?.take(waits, untilNs)
    const toldNs = Math.min(...this.#waits.map((account) => account.toldNs))
    const isKnown = ({ sinceNs, receivedUs }: LateSamples): boolean =>
      sinceNs + (receivedUs.at(-1) ?? 0) * NS_PER_US <= toldNs
    for (const samples of this.#pending) if (isKnown(samples)) this.#book(samples)
    this.#pending = this.#pending.filter((samples) => !isKnown(samples))
  }

  /**
   * After the last word of the servers: what they have not told of by now they will not.
   * @param events of which the deliveries are
   */
  summary(events?: number): LatencySummary {
    for (const samples of this.#pending.splice(0)) this.#book(samples)
    return this.histogram.summary(events)
  }

  /** The servers' part, the mean over deliveries, microseconds; null where none tells. */
  get serverWaitUs(): number | null {
    const { count } = this.histogram
    if (this.#waits.every(({ toldNs }) => toldNs === 0)) return null
    return count === 0 ? 0 : this.#waitedUs / count
  }

  destroy(): void {
    this.#pending = []
    this.histogram.destroy()
  }

  #book({ latenciesUs, latenessesUs, servableUs, receivedUs, sinceNs }: LateSamples): void {
    for (let at = 0; at < latenciesUs.length; at++) {
      const latencyUs = latenciesUs[at] as number
      let lateUs = latenessesUs[at] as number
      const receivedNs = sinceNs + (receivedUs[at] as number) * NS_PER_US
      const intendedNs = receivedNs - latencyUs * NS_PER_US
      if (this.#waits.length > 0 && lateUs < latencyUs) {
        const waitedUs = this.#waitOf(
          receivedNs - (servableUs[at] as number) * NS_PER_US,
          receivedNs,
        )
        this.#waitedUs += waitedUs
        lateUs += waitedUs
      }
      const boundUs = Math.max(0, Math.round(latencyUs - lateUs))
      this.histogram.record(boundUs)
      this.blocks.record(intendedNs, boundUs)
    }
  }

  /** A delivery goes through one of the servers; which one, nobody tells. */
  #waitOf(startNs: number, endNs: number): number {
    let most = 0
    for (const account of this.#waits) most = Math.max(most, account.within(startNs, endNs))
    return most / NS_PER_US
  }
}

/** The waits of one process, in the order of time and without overlap. */
class WaitAccount {
  #waits: Wait[] = []
  /** Waits before each of them, summed. */
  #sums: number[] = []
  #sum = 0
  toldNs = 0

  take(waits: readonly Wait[], untilNs: number): void {
    for (const wait of waits) {
      this.#waits.push(wait)
      this.#sums.push(this.#sum)
      this.#sum += wait.waitNs
    }
    this.toldNs = Math.max(this.toldNs, untilNs)
    const old = this.#after(untilNs - MEMORY_NS)
    if (old > 10_000) {
      this.#waits = this.#waits.slice(old)
      this.#sums = this.#sums.slice(old)
    }
  }

  /** By how much less a span would have been without waits, at most, nanoseconds. */
  within(startNs: number, endNs: number): number {
    const first = this.#after(startNs)
    const last = this.#before(endNs)
    const waitedNs =
      this.#behindAt(first, startNs) + this.#sumUntil(last, endNs) - this.#sumBefore(first)
    return Math.max(0, Math.min(waitedNs, endNs - startNs))
  }

  /** How far behind the process was before a wait; of a time that it has not told of, nobody knows. */
  #behindAt(index: number, atNs: number): number {
    const wait = this.#waits[index]
    if (wait !== undefined) return wait.behindNs
    if (atNs >= this.toldNs) return 0
    const last = this.#waits.at(-1)
    return last === undefined || last.endNs === last.startNs ? 0 : last.behindNs + last.waitNs
  }

  #sumBefore(index: number): number {
    return this.#sums[index] ?? this.#sum
  }

  #sumUntil(index: number, atNs: number): number {
    const wait = this.#waits[index]
    if (wait === undefined) return 0
    return this.#sumBefore(index) + Math.min(wait.waitNs, atNs - wait.startNs)
  }

  /** Index of the first that ends after a moment. */
  #after(atNs: number): number {
    return partition(this.#waits, ({ endNs }) => endNs <= atNs)
  }

  /** Index of the last that begins before a moment; -1 where none does. */
  #before(atNs: number): number {
    return partition(this.#waits, ({ startNs }) => startNs < atNs) - 1
  }
}

/** How many of a sorted list, from its beginning on, something holds of. */
function partition<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(items[middle] as Item)) low = middle + 1
    else high = middle
  }
  return low
}
