import { nowNs } from '../measure/clock.ts'
import type { Target, VirtualClient } from '../transports/transport.ts'
import { requestHead } from '../wire/request.ts'
import { SharedReader } from '../wire/socket.ts'
import { type Fate, PublishConnection, type Sending } from './publish-connection.ts'

/** How long an acknowledgement is waited for. */
const ANSWER_NS = 10e9
const ANSWER_MS = 10_000
/** How long an idle connection is trusted: less than the reference server's 120 s. */
const IDLE_MS = 100_000
const ACCEPTED = 202
/** One read is an answer, or a few. */
const READ_BYTES = 16 * 1024

/** A message that a client sends. */
export interface Message {
  /** Index of its sender among the worker's clients; clients of all workers have numbers. */
  readonly index: number
  readonly number: number
  /** By its name. */
  readonly channel: string
  readonly data: string
  /** 1, 2, 3… of its sender; 0 where nobody hears it. */
  readonly sequence: number
  readonly intendedAtNs: number
  readonly handedOverAtNs: number
  /** It belongs to the window. */
  readonly counted: boolean
}

/** Whoever is told what becomes of messages. */
export interface Outbox {
  /** @param requests that were written for it: 1, or 0 where it needed none */
  onWritten(message: Message, requests: number): void
  /** Once for each; later than `onWritten`, if it was written. */
  onSettled(message: Message, fate: Fate, cause: string | null): void
}

/** The way of clients' messages to the server. */
export interface WayUp {
  /** Of connections that are for this alone. */
  readonly openSockets: number
  readonly bytesSent: number
  readonly bytesReceived: number
  send(message: Message): void
  /** Gives up what took too long; to be called now and then. */
  look(): void
  /** Gives up all that is under way, and accounts for it. */
  close(): void
}

/** By requests on a kept connection of each client's own, opened when it first sends. */
export class RequestsUp implements WayUp {
  readonly #reader: SharedReader
  readonly #outbox: Outbox
  readonly #targetOf: (client: number) => Target
  readonly #connections: (PublishConnection | undefined)[] = []
  readonly #heads = new Map<string, string>()

  constructor(outbox: Outbox, targetOf: (client: number) => Target, onRead: () => void) {
    this.#reader = new SharedReader(onRead, READ_BYTES)
    this.#outbox = outbox
    this.#targetOf = targetOf
  }

  get openSockets(): number {
    return this.#reader.openSockets
  }

  get bytesSent(): number {
    return this.#reader.bytesSent
  }

  get bytesReceived(): number {
    return this.#reader.bytesReceived
  }

  send(message: Message): void {
    const target = this.#targetOf(message.number)
    const connection =
      this.#connections[message.index] ?? new PublishConnection(target, this.#reader, false)
    this.#connections[message.index] = connection
    const body = `{"channel":"${message.channel}","data":"${message.data}"}`
    const head = `${this.#headOf(target)}${body.length}\r\n\r\n`
    connection.send(new PostedMessage(message, Buffer.from(head + body, 'latin1'), this.#outbox))
  }

  look(): void {
    for (const connection of this.#connections) connection?.look(ANSWER_MS, IDLE_MS)
  }

  close(): void {
    for (const connection of this.#connections) connection?.close()
  }

  #headOf(target: Target): string {
    const known = this.#heads.get(target.authority)
    if (known !== undefined) return known
    const headers = { 'Content-Type': 'application/json' }
    const head = `${requestHead(target, 'POST', '/publish', headers)}Content-Length: `
    this.#heads.set(target.authority, head)
    return head
  }
}

class PostedMessage implements Sending {
  readonly #message: Message
  readonly #bytes: Buffer
  readonly #outbox: Outbox
  #isWritten = false

  constructor(message: Message, bytes: Buffer, outbox: Outbox) {
    this.#message = message
    this.#bytes = bytes
    this.#outbox = outbox
  }

  /** Asked for when they are written. */
  get bytes(): Buffer {
    if (!this.#isWritten) this.#outbox.onWritten(this.#message, 1)
    this.#isWritten = true
    return this.#bytes
  }

  refusalOf(status: number): string | null {
    return status === ACCEPTED ? null : `http-${status}`
  }

  settled(fate: Fate, cause: string | null): void {
    this.#outbox.onSettled(this.#message, fate, cause)
  }
}

/** By the connections on which clients receive. */
export class OwnSocketsUp implements WayUp {
  readonly openSockets = 0
  bytesSent = 0
  bytesReceived = 0
  readonly #outbox: Outbox
  readonly #clientAt: (index: number) => VirtualClient | null
  /** Written and not settled, by their references, in the order of writing. */
  readonly #awaited = new Map<number, { readonly message: Message; readonly atNs: number }>()
  /** Of clients whose connection is not there, by index. */
  readonly #unsent = new Map<number, Message[]>()
  #lastRef = 0

  constructor(outbox: Outbox, clientAt: (index: number) => VirtualClient | null) {
    this.#outbox = outbox
    this.#clientAt = clientAt
  }

  send(message: Message): void {
    const waiting = this.#unsent.get(message.index)
    if (waiting !== undefined) waiting.push(message)
    else if (!this.#say(message)) this.#unsent.set(message.index, [message])
  }

  /** A client can send again. */
  subscribed(index: number): void {
    const waiting = this.#unsent.get(index)
    if (waiting === undefined) return
    this.#unsent.delete(index)
    for (const message of waiting) this.send(message)
  }

  /** A client's connection is gone: nobody knows what of it the server took. */
  cut(index: number, cause: string): void {
    for (const [ref, { message }] of this.#awaited) {
      if (message.index === index) this.#settle(ref, message, 'unknown', cause)
    }
  }

  acknowledged(ref: number, refusal: string | null, bytes: number): void {
    this.bytesReceived += bytes
    const message = this.#awaited.get(ref)?.message
    if (message === undefined) return
    this.#settle(ref, message, refusal === null ? 'accepted' : 'dropped', refusal)
  }

  look(): void {
    const now = nowNs()
    for (const [ref, { message, atNs }] of this.#awaited) {
      if (now - atNs < ANSWER_NS) return
      this.#settle(ref, message, 'unknown', 'timeout')
    }
  }

  close(): void {
    for (const [ref, { message }] of this.#awaited) {
      this.#settle(ref, message, 'unknown', 'unanswered')
    }
    for (const waiting of this.#unsent.values()) {
      for (const message of waiting) this.#outbox.onSettled(message, 'dropped', 'unanswered')
    }
    this.#unsent.clear()
  }

  #say(message: Message): boolean {
    const ref = this.#lastRef + 1
    const bytes = this.#clientAt(message.index)?.say?.(message.channel, message.data, ref) ?? 0
    if (bytes === 0) return false
    this.#lastRef = ref
    this.bytesSent += bytes
    this.#awaited.set(ref, { message, atNs: nowNs() })
    this.#outbox.onWritten(message, 0)
    return true
  }

  #settle(ref: number, message: Message, fate: Fate, cause: string | null): void {
    this.#awaited.delete(ref)
    this.#outbox.onSettled(message, fate, cause)
  }
}
