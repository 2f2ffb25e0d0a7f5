/**
 * What workers and publisher note for a history while they measure, as arrays of numbers: a delivery is
 * 21 bytes and no object, and nothing is formatted where time is measured.
 */
import { nowNs } from '../measure/clock.ts'
import type { PublishFate } from './record.ts'

/** The kinds of what happens to a client. */
export const Happening = {
  delivery: 0,
  replay: 1,
  /** With a text: the cursor. */
  open: 2,
  subscribed: 3,
  /** With a text: the cause. */
  lost: 4,
  gap: 5,
  damaged: 6,
  foreign: 7,
  /** It ended, subscribed until then. */
  left: 8,
  /** It ended, and was not. */
  gone: 9,
} as const
export type Happening = (typeof Happening)[keyof typeof Happening]

export const FATES: readonly PublishFate[] = ['acknowledged', 'refused', 'unknown']

/** Of a publish whose instance a front chose. */
export const NO_INSTANCE = 0xffff

/** What happened to a worker's clients, in its order. */
export interface ClientBatch {
  /** Each a {@link Happening}. */
  readonly kinds: Uint8Array
  readonly clients: Uint32Array
  /** The stream and the sequence of a delivery. */
  readonly streams: Uint32Array
  readonly sequences: Uint32Array
  readonly atNs: Float64Array
  /** Of those that have one, in their order. */
  readonly texts: readonly string[]
}

/** Publishes whose fate is known. */
export interface PublishBatch {
  readonly streams: Uint32Array
  readonly sequences: Uint32Array
  /** By their place in {@link FATES}. */
  readonly fates: Uint8Array
  readonly instances: Uint16Array
  readonly intendedNs: Float64Array
  readonly sentNs: Float64Array
  readonly settledNs: Float64Array
  /** Of those that were not acknowledged, in their order. */
  readonly causes: readonly string[]
}

export interface HistoryBatch {
  readonly clients: ClientBatch | null
  readonly publishes: PublishBatch | null
}

const FIRST_CAPACITY = 4096
/** So many are handed over at once, if not before. */
const FULL = 16_384

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array

/** A copy of a column with room for so many; its type is kept. */
function resized<Kind extends Column>(column: Kind, length: number, keep: number): Kind {
  const grown = new (column.constructor as new (length: number) => Kind)(length)
  grown.set(column.subarray(0, keep))
  return grown
}

/** Notes what happens to a worker's clients. */
export class ClientRecorder {
  #count = 0
  #capacity = FIRST_CAPACITY
  #kinds = new Uint8Array(FIRST_CAPACITY)
  #clients = new Uint32Array(FIRST_CAPACITY)
  #streams = new Uint32Array(FIRST_CAPACITY)
  #sequences = new Uint32Array(FIRST_CAPACITY)
  #atNs = new Float64Array(FIRST_CAPACITY)
  #texts: string[] = []
  /** By client, when it was subscribed anew; 0 where it was never cut. */
  readonly #resumedNs: Float64Array
  /** By client: 0 before it was first subscribed, 1 from then on, 2 once it was cut after that. */
  readonly #states: Uint8Array
  readonly #first: number

  /** @param first number of the worker's clients, and how many there are */
  constructor(first: number, clients: number) {
    this.#first = first
    this.#resumedNs = new Float64Array(clients)
    this.#states = new Uint8Array(clients)
  }

  /** Once, while it fills. */
  get isFull(): boolean {
    return this.#count === FULL
  }

  delivery(
    client: number,
    stream: number,
    sequence: number,
    atNs: number,
    intendedAtNs: number,
  ): void {
    const isReplay = intendedAtNs < (this.#resumedNs[client - this.#first] as number)
    const at = this.#next(isReplay ? Happening.replay : Happening.delivery, client, atNs)
    this.#streams[at] = stream
    this.#sequences[at] = sequence
  }

  opened(client: number, cursor: string): void {
    this.#next(Happening.open, client, nowNs())
    this.#texts.push(cursor)
  }

  subscribed(client: number): void {
    const at = nowNs()
    const index = client - this.#first
    if (this.#states[index] === 2) this.#resumedNs[index] = at
    this.#states[index] = 1
    this.#next(Happening.subscribed, client, at)
  }

  lost(client: number, cause: string): void {
    const index = client - this.#first
    if (this.#states[index] === 1) this.#states[index] = 2
    this.#next(Happening.lost, client, nowNs())
    this.#texts.push(cause)
  }

  note(kind: Happening, client: number): void {
    this.#next(kind, client, nowNs())
  }

  /** Leaves out what was noted since the last take. */
  forget(): void {
    this.#count = 0
    this.#texts = []
  }

  /** Null where nothing happened since the last take. */
  take(): ClientBatch | null {
    const count = this.#count
    if (count === 0) return null
    const batch = {
      kinds: this.#kinds.slice(0, count),
      clients: this.#clients.slice(0, count),
      streams: this.#streams.slice(0, count),
      sequences: this.#sequences.slice(0, count),
      atNs: this.#atNs.slice(0, count),
      texts: this.#texts,
    }
    this.forget()
    return batch
  }

  #next(kind: Happening, client: number, atNs: number): number {
    const at = this.#count++
    if (at === this.#capacity) this.#grow()
    this.#kinds[at] = kind
    this.#clients[at] = client
    this.#atNs[at] = atNs
    return at
  }

  #grow(): void {
    const from = this.#capacity
    this.#capacity *= 2
    this.#kinds = resized(this.#kinds, this.#capacity, from)
    this.#clients = resized(this.#clients, this.#capacity, from)
    this.#streams = resized(this.#streams, this.#capacity, from)
    this.#sequences = resized(this.#sequences, this.#capacity, from)
    this.#atNs = resized(this.#atNs, this.#capacity, from)
  }
}

/** A publish, as it is noted. */
export interface Published {
  readonly stream: number
  readonly sequence: number
  readonly instance: number
  readonly intendedAtNs: number
  readonly sentAtNs: number
}

/** Notes publishes as their fates become known. */
export class PublishRecorder {
  #count = 0
  #capacity = FIRST_CAPACITY
  #streams = new Uint32Array(FIRST_CAPACITY)
  #sequences = new Uint32Array(FIRST_CAPACITY)
  #fates = new Uint8Array(FIRST_CAPACITY)
  #instances = new Uint16Array(FIRST_CAPACITY)
  #intendedNs = new Float64Array(FIRST_CAPACITY)
  #sentNs = new Float64Array(FIRST_CAPACITY)
  #settledNs = new Float64Array(FIRST_CAPACITY)
  #causes: string[] = []

  get isFull(): boolean {
    return this.#count >= FULL
  }

  /** @param cause why it was not acknowledged; null where it was */
  settled(
    { stream, sequence, instance, intendedAtNs, sentAtNs }: Published,
    fate: 'accepted' | 'dropped' | 'unknown',
    cause: string | null,
  ): void {
    const at = this.#count++
    if (at === this.#capacity) this.#grow()
    this.#streams[at] = stream
    this.#sequences[at] = sequence
    this.#fates[at] = fate === 'accepted' ? 0 : fate === 'dropped' ? 1 : 2
    this.#instances[at] = instance
    this.#intendedNs[at] = intendedAtNs
    this.#sentNs[at] = sentAtNs
    this.#settledNs[at] = nowNs()
    if (fate !== 'accepted') this.#causes.push(cause ?? '')
  }

  /** Null where nothing was settled since the last take. */
  take(): PublishBatch | null {
    const count = this.#count
    if (count === 0) return null
    const batch = {
      streams: this.#streams.slice(0, count),
      sequences: this.#sequences.slice(0, count),
      fates: this.#fates.slice(0, count),
      instances: this.#instances.slice(0, count),
      intendedNs: this.#intendedNs.slice(0, count),
      sentNs: this.#sentNs.slice(0, count),
      settledNs: this.#settledNs.slice(0, count),
      causes: this.#causes,
    }
    this.#count = 0
    this.#causes = []
    return batch
  }

  #grow(): void {
    const from = this.#capacity
    this.#capacity *= 2
    this.#streams = resized(this.#streams, this.#capacity, from)
    this.#sequences = resized(this.#sequences, this.#capacity, from)
    this.#fates = resized(this.#fates, this.#capacity, from)
    this.#instances = resized(this.#instances, this.#capacity, from)
    this.#intendedNs = resized(this.#intendedNs, this.#capacity, from)
    this.#sentNs = resized(this.#sentNs, this.#capacity, from)
    this.#settledNs = resized(this.#settledNs, this.#capacity, from)
  }
}
