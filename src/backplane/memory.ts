/** The memory bus as a backplane, at `memory://` and the path of its socket: what was started with the instances. */
import { connect, type Socket } from 'node:net'
import type { BusMessage, BusOptions, BusReading, Delivered, OpenBackplane } from './backplane.ts'
import {
  causeOf,
  DIAL_MS,
  type Extent,
  type Link,
  type LinkEar,
  openLinked,
  type Replayed,
} from './linked.ts'
import {
  type Answer,
  type Ask,
  eachEvent,
  FrameReader,
  frame,
  jsonFrame,
  KIND,
  publishFrame,
} from './memory-frames.ts'
import { decodeMessage, encodeMessage } from './message.ts'

const SCHEME = 'memory://'

export const open: OpenBackplane = (url, options) =>
  openLinked(url, 'memory bus there', options, (ear) =>
    MemoryLink.dial(url.slice(SCHEME.length), options, ear),
  )

interface Waiter {
  resolve(value: unknown): void
  reject(error: Error): void
}

class MemoryLink implements Link {
  epoch = ''
  readonly #socket: Socket
  readonly #ear: LinkEar
  readonly #waiters = new Map<number, Waiter>()
  #lastId = 0
  /** Frames of this turn after its first one, which has gone out at once; null where there was none. */
  #outgoing: Buffer[] | null = null
  /** What is retained of what the next answer is about. */
  #retained: Delivered[] = []
  #isOver = false

  static async dial(path: string, options: BusOptions, ear: LinkEar): Promise<MemoryLink> {
    const link = new MemoryLink(path, ear)
    const timer = setTimeout(() => link.cut(`no answer in ${DIAL_MS / 1_000} s`), DIAL_MS)
    const { namespace, retain, routing } = options
    try {
      const isRouted = routing === 'by-channel'
      link.epoch = (await link.#ask({ kind: 'hello', namespace, retain, isRouted })) as string
      return link
    } finally {
      clearTimeout(timer)
    }
  }

  private constructor(path: string, ear: LinkEar) {
    this.#ear = ear
    this.#socket = connect(path)
    const reader = new FrameReader((kind, body) => this.#onFrame(kind, body))
    this.#socket.on('data', (chunk: Buffer) => {
      if (!reader.read(chunk)) this.cut('it says what nobody understands')
    })
    this.#socket.on('error', (error) => this.cut(causeOf(error)))
    this.#socket.once('close', () => this.cut('it closed the connection'))
  }

  async publish(messages: readonly BusMessage[]): Promise<void> {
    await this.#send((id) => {
      const published = publishFrame(id, messages.map(encodeMessage))
      this.#ear.onSent(published.length)
      return published
    })
  }

  async subscribe(channels: readonly string[]): Promise<void> {
    await this.#ask({ kind: 'enter', channels })
  }

  unsubscribe(channel: string): void {
    this.#ask({ kind: 'leave', channel }).catch(() => {})
  }

  async extent(): Promise<Extent> {
    return (await this.#ask({ kind: 'extent' })) as Extent
  }

  async replay(after: number, channel: string | null): Promise<Replayed> {
    return (await this.#ask({ kind: 'replay', after, channel })) as Replayed
  }

  async read(): Promise<BusReading> {
    return (await this.#ask({ kind: 'read' })) as BusReading
  }

  close(): Promise<void> {
    if (this.#isOver) return Promise.resolve()
    this.#end('it is closed')
    return new Promise((resolve) => {
      this.#socket.once('close', () => resolve())
      this.#socket.end(frame(KIND.bye))
      this.#socket.destroySoon()
    })
  }

  cut(cause: string): void {
    if (this.#isOver) return
    this.#end(cause)
    this.#socket.destroy()
    this.#ear.onEnd(cause)
  }

  #end(cause: string): void {
    this.#isOver = true
    for (const { reject } of this.#waiters.values()) reject(new Error(cause))
    this.#waiters.clear()
  }

  #ask(ask: Ask): Promise<unknown> {
    return this.#send((id) => jsonFrame(KIND.ask, { id, value: ask }))
  }

  /** Sends a frame, all that come after the first one of a turn together; resolves with its answer. */
  #send(compose: (id: number) => Buffer): Promise<unknown> {
    if (this.#isOver) return Promise.reject(new Error('it is over'))
    this.#lastId = (this.#lastId + 1) % 2 ** 32
    const id = this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiters.set(id, { resolve, reject })
      const composed = compose(id)
      if (this.#outgoing !== null) this.#outgoing.push(composed)
      else {
        this.#outgoing = []
        setImmediate(this.#flush)
        this.#socket.write(composed)
      }
    })
  }

  readonly #flush = (): void => {
    const rest = this.#outgoing ?? []
    this.#outgoing = null
    if (rest.length > 0 && !this.#isOver) this.#socket.write(Buffer.concat(rest))
  }

  #onFrame(kind: number, body: Buffer): void {
    if (this.#isOver) return
    if (kind === KIND.events) this.#ear.onEvents(eventsOf(body), body.length)
    else if (kind === KIND.retained) {
      this.#retained = eventsOf(body)
      this.#ear.onEvents([], body.length)
    } else if (kind === KIND.taken) this.#answer(body.readUInt32LE(0), null)
    else if (kind === KIND.answer) {
      const { id, value } = JSON.parse(body.toString()) as Answer
      this.#answer(id, value)
    } else if (kind === KIND.replayed) {
      const { id, value } = JSON.parse(body.toString()) as Answer
      this.#answer(id, { ...(value as Extent), events: this.#retained })
      this.#retained = []
    }
  }

  #answer(id: number, value: unknown): void {
    this.#waiters.get(id)?.resolve(value)
    this.#waiters.delete(id)
  }
}

function eventsOf(body: Buffer): Delivered[] {
  const events: Delivered[] = []
  eachEvent(body, (position, bytes) => {
    const message = decodeMessage(bytes)
    if (message !== null) events.push({ position, message })
  })
  return events
}
