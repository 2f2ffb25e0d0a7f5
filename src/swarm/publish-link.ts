import { nowNs } from '../measure/clock.ts'
import type { Target } from '../transports/transport.ts'
import type { OpenMark } from '../wire/mark.ts'
import { requestHead } from '../wire/request.ts'
import type { SharedReader } from '../wire/socket.ts'
import {
  type Fate,
  type PublishAccount,
  PublishConnection,
  type Sending,
} from './publish-connection.ts'
import { channelName, type Workload } from './run-order.ts'

/**
 * An event that is written down before it is due, as a request of its own: when it is handed over,
 * only the moment goes into its mark, wherever that stands.
 */
export class Letter {
  readonly channel: number
  readonly sequence: number
  readonly bytes: Buffer
  /** Its body, of the same memory. */
  readonly body: Buffer
  /** It belongs to the window. */
  readonly counted: boolean
  /** The mark tells no earlier hand-over than this, nanoseconds. */
  toldFromNs = 0
  /** When it was handed over, nanoseconds; NaN before. */
  handedOverAtNs = Number.NaN
  readonly mark: OpenMark
  readonly #markAt: readonly number[]

  /**
   * @param head with the empty line at its end; its characters are bytes
   * @param body becomes UTF-8
   */
  constructor(channel: number, head: string, body: string, mark: OpenMark, counted: boolean) {
    this.channel = channel
    this.sequence = mark.sequence
    this.bytes = Buffer.allocUnsafe(head.length + Buffer.byteLength(body))
    this.bytes.write(head, 'latin1')
    this.bytes.write(body, head.length)
    this.body = this.bytes.subarray(head.length)
    this.counted = counted
    this.mark = mark
    const found: number[] = []
    for (let at = -1; ; ) {
      at = this.bytes.indexOf(mark.text, at + 1, 'latin1')
      if (at === -1) break
      found.push(at)
    }
    this.#markAt = found
  }

  /** It is sent now, or has to wait for the server from now on. */
  handOver(atNs: number): void {
    this.handedOverAtNs = atNs
    const toldNs = Math.max(atNs, this.toldFromNs)
    for (const at of this.#markAt) this.mark.stamp(this.bytes, at, toldNs)
  }
}

/** Bytes of a request from which on it is sent: far below what a server refuses. */
const FULL_BATCH_BYTES = 256 * 1024
/**
 * Requests without an answer, from which on events are gathered until one comes. A server that
 * stood still shall find events when it goes on, not one request for each wake-up of ours: taking
 * thousands of requests in would last, and be told as a part of the standstill. A server that is far
 * away comes to it, too: at 100 ms events are gathered for 3 ms at most.
 */
const MAX_OUTSTANDING = 32

const ACCEPTED = 202
const BRACKET = 0x5b
const CLOSING_BRACKET = 0x5d
const COMMA = 0x2c

/** Told once of each letter what became of it, for a history. */
export type RecordFate = (letter: Letter, fate: Fate, cause: string | null) => void

/** The way of the publisher's events to one server. */
export interface PublishLink {
  /** Requests without an answer. */
  readonly outstanding: number
  /** Events wait for the answers to others. */
  readonly isWaiting: boolean
  /** Writes down an event that is not due yet. */
  compose(channel: number, mark: OpenMark, filler: string, counted: boolean): Letter
  /** Goes the way of a letter that is about to be due, but sends nothing. */
  rehearse(letter: Letter): void
  /** It is due: to be sent by the next flush. */
  add(letter: Letter): void
  /** Hands over what was added: sends it, or leaves it to wait for answers. */
  flush(): void
  /** Sends the rest of it at once: nothing will be added any more. */
  finish(): void
  /** Gives up what is still under way, and accounts for it. */
  close(): void
}

/** To an instance of the reference server: gathers events and sends them in batches. */
export class BatchLink implements PublishLink {
  outstanding = 0
  readonly #account: PublishAccount
  readonly #record: RecordFate | null
  readonly #workload: Workload
  readonly #connection: PublishConnection
  /** Up to the length of the body. */
  readonly #head: string
  /** Not sent yet; the last one takes what is added. */
  readonly #batches: Batch[] = []
  readonly #settle: Settle = (letters, fate, counted, cause) => {
    this.outstanding--
    const isOwed = fate !== 'accepted'
    this.#account.settle(fate, counted, cause, isOwed ? letters.filter((one) => one.counted) : [])
    if (this.#record !== null) for (const letter of letters) this.#record(letter, fate, cause)
    this.#sendWhile(MAX_OUTSTANDING)
  }

  constructor(
    target: Target,
    workload: Workload,
    reader: SharedReader,
    account: PublishAccount,
    record: RecordFate | null = null,
  ) {
    this.#workload = workload
    this.#record = record
    this.#account = account
    this.#connection = new PublishConnection(target, reader, false)
    const headers = { 'Content-Type': 'application/json' }
    this.#head = `${requestHead(target, 'POST', '/publish', headers)}Content-Length: `
  }

  get isWaiting(): boolean {
    return this.#batches.length > 0
  }

  compose(channel: number, mark: OpenMark, filler: string, counted: boolean): Letter {
    const name = channelName(this.#workload, channel)
    const body = `[{"channel":"${name}","data":"${mark.text}${filler}"}]`
    return new Letter(channel, `${this.#head}${body.length}\r\n\r\n`, body, mark, counted)
  }

  add(letter: Letter): void {
    const batch = this.#openBatch()
    batch.add(letter)
    if (batch.bodyBytes >= FULL_BATCH_BYTES) this.flush()
  }

  rehearse(letter: Letter): void {
    const batch = new Batch(this.#head, this.#settle)
    batch.add(letter)
    batch.handOver(nowNs())
    this.flush()
    this.#connection.rehearse()
  }

  flush(): void {
    const now = nowNs()
    for (const batch of this.#batches) batch.handOver(now)
    this.#sendWhile(MAX_OUTSTANDING)
  }

  finish(): void {
    this.#sendWhile(Number.POSITIVE_INFINITY)
  }

  close(): void {
    this.#connection.close()
  }

  #sendWhile(maxOutstanding: number): void {
    while (this.outstanding < maxOutstanding) {
      const batch = this.#batches.shift()
      if (batch === undefined) return
      this.outstanding++
      this.#connection.send(batch)
    }
  }

  #openBatch(): Batch {
    const last = this.#batches.at(-1)
    if (last !== undefined && last.bodyBytes < FULL_BATCH_BYTES) return last
    const batch = new Batch(this.#head, this.#settle)
    this.#batches.push(batch)
    return batch
  }
}

type Settle = (
  letters: readonly Letter[],
  fate: Fate,
  counted: number,
  cause: string | null,
) => void

class Batch implements Sending {
  bodyBytes = 0
  readonly #head: string
  readonly #settle: Settle
  readonly #letters: Letter[] = []
  #handedOver = 0
  #counted = 0

  constructor(head: string, settle: Settle) {
    this.#head = head
    this.#settle = settle
  }

  add(letter: Letter): void {
    this.#letters.push(letter)
    this.bodyBytes += letter.body.length
    if (letter.counted) this.#counted++
  }

  handOver(atNs: number): void {
    while (this.#handedOver < this.#letters.length) {
      this.#letters[this.#handedOver++]?.handOver(atNs)
    }
  }

  /** The usual one is alone, and its request was written down before. */
  get bytes(): Buffer {
    const [only] = this.#letters
    if (only !== undefined && this.#letters.length === 1) return only.bytes
    // Each event's body is a list of one, in brackets.
    const length = this.bodyBytes - this.#letters.length + 1
    const head = `${this.#head}${length}\r\n\r\n`
    const bytes = Buffer.allocUnsafe(head.length + length)
    let at = bytes.write(head, 'latin1')
    bytes[at++] = BRACKET
    for (const [index, { body }] of this.#letters.entries()) {
      if (index > 0) bytes[at++] = COMMA
      at += body.copy(bytes, at, 1, body.length - 1)
    }
    bytes[at] = CLOSING_BRACKET
    return bytes
  }

  refusalOf(status: number): string | null {
    return status === ACCEPTED ? null : `http-${status}`
  }

  settled(fate: Fate, cause: string | null): void {
    this.#settle(this.#letters, fate, this.#counted, cause)
  }
}
