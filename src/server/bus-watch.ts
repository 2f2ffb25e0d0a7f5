import type { Backplane, Routing } from '../backplane/backplane.ts'
import { NS_PER_US, nowNs } from '../measure/clock.ts'
import { HopMeter } from './hop-meter.ts'
import type { BusListener } from './hub.ts'

/** The most outages that are kept; later ones are counted. */
const MAX_OUTAGES = 1_000

interface Outage {
  readonly startNs: number
  /** Null while it lasts. */
  endNs: number | null
  readonly cause: string
}

/** The account of an instance's bus. */
export class BusWatch implements BusListener {
  readonly #bus: Backplane
  readonly #name: string
  readonly #routing: Routing
  readonly #outages: Outage[] = []
  #epoch = ''
  #epochs = 0
  #gaps = 0
  #lost = 0
  #hopNs = 0
  readonly #hops = new HopMeter()

  /** @param name of the kind of bus */
  constructor(bus: Backplane, name: string, routing: Routing) {
    this.#bus = bus
    this.#name = name
    this.#routing = routing
  }

  begun(epoch: string): void {
    this.#epoch = epoch
    this.#epochs++
  }

  received(atNs: number, acceptedAtNs: readonly number[]): void {
    let sumNs = 0
    for (const acceptedNs of acceptedAtNs) {
      sumNs += atNs - acceptedNs
      this.#hops.record(atNs, atNs - acceptedNs)
    }
    // Of an instance elsewhere, the clock is another one.
    if (sumNs > 0) this.#hopNs += sumNs
  }

  /** A window begins, whose hops are told block by block; of no length none are. */
  reset(blockMs: number): void {
    this.#hops.begin(nowNs(), blockMs)
  }

  gap(): void {
    this.#gaps++
  }

  lost(cause: string): void {
    this.#lost++
    if (this.#outages.length < MAX_OUTAGES) {
      this.#outages.push({ startNs: nowNs(), endNs: null, cause })
    }
  }

  restored(): void {
    const last = this.#outages.at(-1)
    if (last !== undefined) last.endNs ??= nowNs()
  }

  /** @param withHops adds those since the last reset */
  read(withHops = false) {
    return {
      name: this.#name,
      routing: this.#routing,
      epoch: this.#epoch,
      /** Stores that began since the start, the first one included. */
      epochs: this.#epochs,
      /** Times that the store did not reach back far enough. */
      gaps: this.#gaps,
      lost: this.#lost,
      /** From acceptance to receipt, summed over events. */
      hopUs: Math.round(this.#hopNs / NS_PER_US),
      /** By the monotonic clock. */
      outages: this.#outages.map(({ startNs, endNs, cause }) => [startNs, endNs, cause] as const),
      ...this.#bus.account,
      ...(withHops ? { hops: this.#hops.read() } : {}),
    }
  }

  /** With what the bus's process tells of itself; null where it cannot tell just now, or never. */
  async readAll(withHops = false) {
    const reading = await this.#bus.read().catch(() => null)
    return { ...this.read(withHops), process: reading }
  }
}
