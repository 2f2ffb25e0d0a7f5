import { NS_PER_US, STAMP_TOLERANCE_US } from '../measure/clock.ts'
import type { LateSamples } from '../measure/lower-bound.ts'
import type { AuditCounts } from './messages.ts'

/** The kinds of a delivery, as the audit tells them. */
export const Delivery = {
  /** The one awaited, or one beyond it. */
  inOrder: 0,
  /** Awaited earlier: another one overtook it. */
  outOfOrder: 1,
  duplicate: 2,
  /** So far beyond what was awaited that nobody can have published it. */
  forged: 3,
} as const
export type Delivery = (typeof Delivery)[keyof typeof Delivery]

/** More events than a channel publishes between two deliveries, whatever was lost. */
const LEAP = 2 ** 24

/** Sequences that are missing, both ends included, and whether the server said so. */
interface Hole {
  readonly first: number
  readonly last: number
  readonly declared: boolean
}

/**
 * The delivery audit: a listener receives the sequence 1, 2, 3… of one stream, and every deviation is
 * counted exactly. A delivery in order costs one comparison; only a listener with holes has more memory
 * than one number. A client listens once to its channel, and in a chat once to everybody in the room.
 */
export class DeliveryAudit {
  /** The sequence awaited next, by listener. */
  readonly #next: Uint32Array
  /** The sequences that are missing so far, `first` to `last`. */
  readonly #holes = new Map<number, Hole[]>()
  /** By listener that was told of a gap, and has not heard of its stream since: what it awaited then. */
  readonly #declared = new Map<number, number>()

  constructor(listeners: number) {
    this.#next = new Uint32Array(listeners).fill(1)
  }

  observe(listener: number, sequence: number): Delivery {
    const next = this.#next[listener] as number
    if (sequence === next) {
      this.#next[listener] = next + 1
      return Delivery.inOrder
    }
    if (sequence - next > LEAP) return Delivery.forged
    if (sequence > next) {
      const holes = this.#holes.get(listener) ?? []
      const declared = this.#declared.get(listener) === next
      holes.push({ first: next, last: sequence - 1, declared })
      this.#holes.set(listener, holes)
      this.#next[listener] = sequence + 1
      return Delivery.inOrder
    }
    return this.#fill(listener, sequence) ? Delivery.outOfOrder : Delivery.duplicate
  }

  /** The server says that it cannot replay all that is missing from here on, to what it sends next. */
  declareGap(listener: number): void {
    this.#declared.set(listener, this.#next[listener] as number)
  }

  /**
   * Sequences of `first` to `last`, both included, that the listener has not received.
   * @param onlyDeclared those alone that lie in a gap of which it was told
   */
  missing(listener: number, first: number, last: number, onlyDeclared = false): number {
    const next = this.#next[listener] as number
    const isOpen = !onlyDeclared || this.#declared.get(listener) === next
    let missing = isOpen ? Math.max(0, last - Math.max(next, first) + 1) : 0
    for (const hole of this.#holes.get(listener) ?? []) {
      if (onlyDeclared && !hole.declared) continue
      missing += Math.max(0, Math.min(last, hole.last) - Math.max(first, hole.first) + 1)
    }
    return missing
  }

  isUnheard(listener: number): boolean {
    return this.#next[listener] === 1
  }

  /** Sequences beyond `last` that the listener has received: nobody has published them. */
  beyond(listener: number, last: number): number {
    const next = this.#next[listener] as number
    return next - 1 > last ? next - 1 - last - this.missing(listener, last + 1, next - 1) : 0
  }

  #fill(listener: number, sequence: number): boolean {
    const holes = this.#holes.get(listener)
    if (holes === undefined) return false
    const at = holes.findIndex((hole) => sequence >= hole.first && sequence <= hole.last)
    const hole = holes[at]
    if (hole === undefined) return false
    const before = { ...hole, last: sequence - 1 }
    const after = { ...hole, first: sequence + 1 }
    holes.splice(at, 1, ...[before, after].filter((rest) => rest.first <= rest.last))
    if (holes.length === 0) this.#holes.delete(listener)
    return true
  }
}

const CAPACITY = 16_384
/** What lies above wraps around in 32 bits; it is above what a histogram tells apart, too. */
const MAX_US = 2 ** 32 - 1

/** Samples that were recorded since the last take, microseconds. */
export interface TakenSamples extends LateSamples {
  /** The same deliveries, from their acceptance; empty when unknown. */
  readonly serviceLatenciesUs: Uint32Array
}

/**
 * A worker's latencies until they go to the coordinator, which keeps the histograms: recording
 * costs two stores, and a worker that dies has handed over all but its last second.
 */
export class SampleBuffer {
  readonly #latencies = new Uint32Array(CAPACITY)
  readonly #latenesses = new Uint32Array(CAPACITY)
  readonly #servable = new Uint32Array(CAPACITY)
  readonly #received = new Uint32Array(CAPACITY)
  readonly #services = new Uint32Array(CAPACITY)
  #count = 0
  #serviceCount = 0
  #sinceNs: number
  readonly #audited: Pick<AuditCounts, 'negativeServices' | 'premature'>

  constructor(sinceNs: number, audited: Pick<AuditCounts, 'negativeServices' | 'premature'>) {
    this.#sinceNs = sinceNs
    this.#audited = audited
  }

  get full(): boolean {
    return this.#count === CAPACITY
  }

  /** @param serviceUs NaN when the server does not tell when it accepted the event */
  add(
    latencyUs: number,
    latenessUs: number,
    servableUs: number,
    receivedAtNs: number,
    serviceUs: number,
  ): void {
    this.#servable[this.#count] = Math.min(servableUs, MAX_US)
    this.#latenesses[this.#count] = Math.min(latenessUs, MAX_US)
    this.#received[this.#count] = (receivedAtNs - this.#sinceNs) / NS_PER_US
    this.#latencies[this.#count++] = Math.min(latencyUs, MAX_US)
    if (serviceUs > latencyUs + STAMP_TOLERANCE_US) this.#audited.premature++
    if (serviceUs >= 0) this.#services[this.#serviceCount++] = Math.min(serviceUs, MAX_US)
    else if (serviceUs < 0) this.#audited.negativeServices++
  }

  take(nowNs: number): TakenSamples {
    const taken = {
      latenciesUs: this.#latencies.slice(0, this.#count),
      latenessesUs: this.#latenesses.slice(0, this.#count),
      servableUs: this.#servable.slice(0, this.#count),
      receivedUs: this.#received.slice(0, this.#count),
      sinceNs: this.#sinceNs,
      serviceLatenciesUs: this.#services.slice(0, this.#serviceCount),
    }
    this.#count = 0
    this.#serviceCount = 0
    this.#sinceNs = nowNs
    return taken
  }
}
