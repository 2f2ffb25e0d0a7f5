import { NS_PER_MS, NS_PER_US, nowNs } from '../measure/clock.ts'
import type { LoopWatch } from '../measure/lateness.ts'
import type { ReceivedMark } from '../wire/mark.ts'
import { GRAVE_US, noLateness, type WorkerPlan } from './messages.ts'
import { FastestDelivery } from './slip.ts'

/**
 * Who asks later than this after a stall asks along with everybody else: what the answer then takes is
 * no word on the server either.
 */
const HERD_US = 5_000

/** Two questions further apart than this many slots have left one out: an answer was outstanding. */
const SLOTS_APART = 1.5

/** The instrument, as far as it is late itself: its publisher, its questions and its reads. Clients go by their index. */
export class Instrument {
  readonly lateness = noLateness()
  readonly #watch: LoopWatch
  readonly #slotNs: number
  readonly #asks: boolean
  /** By client that asks: when it did last, and how late. */
  readonly #askedAtNs: Float64Array
  readonly #askLateUs: Float32Array
  /** From when on the server's waits count: since the last question, and one before that left out a slot. */
  readonly #servableFromNs: Float64Array
  readonly #fastest = new FastestDelivery()

  constructor({ asks, slotMs, first, end }: WorkerPlan, watch: LoopWatch) {
    const asking = asks ? end - first : 0
    this.#watch = watch
    this.#asks = asks
    this.#slotNs = slotMs === null ? Number.POSITIVE_INFINITY : slotMs * NS_PER_MS
    this.#askedAtNs = new Float64Array(asking)
    this.#askLateUs = new Float32Array(asking)
    this.#servableFromNs = new Float64Array(asking)
  }

  /** How late a read may be that comes now, nanoseconds. */
  readLateNs(atNs: number): number {
    const { busyNs, waitNs, stallNs } = this.#watch.at(atNs)
    return busyNs + waitNs + stallNs
  }

  /** @param dueNs when the client wanted to ask; null where it asks in a read, and as late as that is */
  asked(client: number, dueNs: number | null): void {
    if (!this.#asks) return
    const now = nowNs()
    const before = this.#askedAtNs[client] as number
    this.#askedAtNs[client] = now
    this.#servableFromNs[client] = now - before > SLOTS_APART * this.#slotNs ? before : now
    this.#askLateUs[client] = (dueNs === null ? this.readLateNs(now) : now - dueNs) / NS_PER_US
  }

  /** From when on the server could serve a client what it receives; long ago for one that need not ask. */
  servableFromNs(client: number): number {
    return this.#asks ? (this.#servableFromNs[client] as number) : 0
  }

  /** By how much of a delivery's latency the instrument may have been late, at most. */
  latenessUs(client: number, mark: ReceivedMark, receivedAtNs: number, latencyUs: number): number {
    const { lateness } = this
    const { busyNs, waitNs, stallNs } = this.#watch.at(receivedAtNs)
    const ownedUs = (mark.handedOverAtNs - mark.intendedAtNs) / NS_PER_US
    let askUs = 0
    if (this.#asks && mark.handedOverAtNs < (this.#askedAtNs[client] as number)) {
      askUs = this.#askLateUs[client] as number
      if (askUs > HERD_US) askUs += (receivedAtNs - (this.#askedAtNs[client] as number)) / NS_PER_US
    }
    const otherUs = askUs + (busyNs + waitNs + stallNs) / NS_PER_US
    const slipUs = this.#fastest.slipOf(ownedUs, latencyUs, otherUs)
    lateness.slipUs += slipUs
    lateness.askUs += askUs
    lateness.busyUs += busyNs / NS_PER_US
    lateness.waitUs += waitNs / NS_PER_US
    lateness.stallUs += stallNs / NS_PER_US
    const lateUs = slipUs + otherUs
    if (lateUs >= GRAVE_US) lateness.grave++
    this.#fastest.take(latencyUs, lateUs)
    return lateUs
  }
}
