import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { RtbenchError } from '../error.ts'
import type {
  Backplane,
  BusAccount,
  BusMessage,
  BusOptions,
  BusReading,
  BusReceiver,
  ChannelRouting,
  Delivered,
} from './backplane.ts'
import {
  type Answer,
  eachEvent,
  FrameReader,
  frame,
  jsonFrame,
  KIND,
  publishFrame,
  type Store,
} from './memory-frames.ts'
import { decodeMessage, encodeMessage } from './message.ts'

const SCHEME = 'memory://'
/** What is published while the bus cannot be reached waits for it so long. */
const PATIENCE_MS = 3_000
const RETRY_MS = 50

interface Waiter<Value> {
  readonly resolve: (value: Value) => void
  readonly reject: (error: Error) => void
}

/** Opens the memory bus at `memory://` and the path of its socket. */
export async function open(url: string, options: BusOptions): Promise<Backplane> {
  const member = new MemoryMember(url.slice(SCHEME.length), options)
  try {
    await member.connect()
  } catch (error) {
    throw new RtbenchError(
      'cannot-run',
      `no bus answers at ${url}: ${(error as Error).message}`,
      error,
    )
  }
  return member
}

class MemoryMember implements Backplane {
  readonly #counts = { published: 0, received: 0, bytesOut: 0, bytesIn: 0 }
  readonly channels: ChannelRouting | null
  readonly #path: string
  readonly #options: BusOptions
  readonly #entered = new Set<string>()
  readonly #publishing = new Map<number, Waiter<void>>()
  readonly #asking = new Map<number, Waiter<unknown>>()
  /** Frames of this turn. */
  #outgoing: Buffer[] = []
  #nextId = 1
  #socket: Socket | null = null
  #onWelcome: (() => void) | null = null
  #receiver: BusReceiver | null = null
  #onJoined: Waiter<void> | null = null
  #epoch = ''
  #upTo = 0
  #isLost = false
  #isClosed = false
  /** Events that came before it was known of which store they are. */
  #early: Delivered[] | null = null

  constructor(path: string, options: BusOptions) {
    this.#path = path
    this.#options = options
    const byChannel = { enter: this.#enter, leave: this.#leave }
    this.channels = options.routing === 'by-channel' ? byChannel : null
  }

  get account(): BusAccount {
    const bytesOut = this.#counts.bytesOut + (this.#socket?.bytesWritten ?? 0)
    return { ...this.#counts, bytesOut }
  }

  /** Resolves when the bus has answered. */
  connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#path)
      const reader = new FrameReader((kind, body) => this.#onFrame(kind, body))
      let cause = 'it closed the connection'
      socket.on('error', (error: Error) => {
        cause = error.message
      })
      socket.on('data', (chunk: Buffer) => {
        this.#counts.bytesIn += chunk.length
        if (!reader.read(chunk)) socket.destroy(new Error('it says what nobody understands'))
      })
      socket.once('close', () => {
        this.#counts.bytesOut += socket.bytesWritten
        reject(new Error(cause))
        if (this.#socket === socket) this.#onCut(cause)
      })
      const { namespace, retain } = this.#options
      socket.write(jsonFrame(KIND.hello, { namespace, retain }))
      this.#onWelcome = () => {
        this.#socket = socket
        if (this.#isClosed) socket.destroy()
        resolve()
      }
    })
  }

  join(receiver: BusReceiver): Promise<void> {
    this.#receiver = receiver
    return new Promise((resolve, reject) => {
      this.#onJoined = { resolve, reject }
      this.#sayJoin()
    })
  }

  publish(messages: readonly BusMessage[]): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Error('the bus is closed'))
    if (messages.length === 0) return Promise.resolve()
    const id = this.#nextId++
    this.#nextId %= 2 ** 32
    return new Promise((resolve, reject) => {
      const resolveCounted = (): void => {
        this.#counts.published += messages.length
        resolve()
      }
      this.#publishing.set(id, { resolve: resolveCounted, reject })
      this.#send(publishFrame(id, messages.map(encodeMessage)))
    })
  }

  async read(): Promise<BusReading | null> {
    return (await this.#ask(KIND.read, '')) as BusReading
  }

  close(): Promise<void> {
    const socket = this.#socket
    this.#isClosed = true
    this.#receiver = null
    this.#socket = null
    this.#failAll('the bus is closed')
    if (socket === null || socket.destroyed) return Promise.resolve()
    return new Promise((resolve) => {
      socket.once('close', () => resolve())
      socket.end(frame(KIND.bye))
      socket.destroySoon()
    })
  }

  readonly #enter = async (channel: string): Promise<number> => {
    const lostUpTo = (await this.#ask(KIND.enter, channel)) as number
    this.#entered.add(channel)
    return lostUpTo
  }

  readonly #leave = (channel: string): void => {
    this.#entered.delete(channel)
    if (this.#socket !== null) this.#send(jsonFrame(KIND.leave, { id: 0, channel }))
  }

  #ask(kind: number, channel: string): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(new Error('the bus is closed'))
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#asking.set(id, { resolve, reject })
      this.#send(jsonFrame(kind, { id, channel }))
    })
  }

  /** With all else of this turn; or when the bus is there again, if that is soon. */
  #send(frameToSend: Buffer): void {
    this.#outgoing.push(frameToSend)
    if (this.#outgoing.length === 1) setImmediate(this.#flush)
  }

  readonly #flush = (): void => {
    if (this.#socket === null || this.#outgoing.length === 0) return
    const [only] = this.#outgoing
    this.#socket.write(
      only !== undefined && this.#outgoing.length === 1 ? only : Buffer.concat(this.#outgoing),
    )
    this.#outgoing = []
  }

  #sayJoin(): void {
    const channels = this.channels === null ? null : [...this.#entered]
    this.#early = []
    const join = { epoch: this.#epoch, upTo: this.#upTo, channels }
    this.#socket?.write(jsonFrame(KIND.join, join))
  }

  #onFrame(kind: number, body: Buffer): void {
    if (kind === KIND.events) this.#onEvents(body)
    else if (kind === KIND.taken) {
      const id = body.readUInt32LE(0)
      this.#publishing.get(id)?.resolve()
      this.#publishing.delete(id)
    } else if (kind === KIND.welcome) this.#onWelcome?.()
    else if (kind === KIND.joined) this.#caughtUp(JSON.parse(body.toString()) as Store)
    else if (kind === KIND.answer) {
      const { id, value } = JSON.parse(body.toString()) as Answer
      this.#asking.get(id)?.resolve(value)
      this.#asking.delete(id)
    }
  }

  #onEvents(body: Buffer): void {
    const events: Delivered[] = []
    eachEvent(body, (position, bytes) => {
      const message = decodeMessage(bytes)
      if (message !== null) events.push({ position, message })
    })
    if (this.#early === null) this.#receive(events)
    else for (const event of events) this.#early.push(event)
  }

  #receive(events: readonly Delivered[]): void {
    if (events.length === 0) return
    this.#counts.received += events.length
    this.#upTo = Math.max(this.#upTo, events.at(-1)?.position ?? 0)
    this.#receiver?.receive(events)
  }

  #caughtUp({ epoch, lostUpTo }: Store): void {
    const early = this.#early ?? []
    this.#early = null
    if (epoch !== this.#epoch) {
      this.#epoch = epoch
      this.#upTo = lostUpTo
      this.#receiver?.begin(epoch, lostUpTo)
    } else if (lostUpTo > this.#upTo) {
      this.#upTo = lostUpTo
      this.#receiver?.gap(lostUpTo)
    }
    this.#receive(early)
    if (this.#isLost) this.#receiver?.restored()
    this.#isLost = false
    this.#onJoined?.resolve()
    this.#onJoined = null
    this.#flush()
  }

  #onCut(cause: string): void {
    this.#socket = null
    if (this.#isClosed) return
    // What was on its way may have been taken, or not.
    this.#failAll(`the bus was lost: ${cause}`)
    if (!this.#isLost && this.#receiver !== null) this.#receiver.lost(cause)
    this.#isLost = true
    void this.#reconnect()
  }

  async #reconnect(): Promise<void> {
    const patience = setTimeout(() => this.#failAll('the bus cannot be reached'), PATIENCE_MS)
    while (!this.#isClosed) {
      try {
        await this.connect()
        break
      } catch {
        await sleep(RETRY_MS)
      }
    }
    clearTimeout(patience)
    if (this.#receiver === null) this.#flush()
    else this.#sayJoin()
  }

  #failAll(why: string): void {
    const waiters = [...this.#publishing.values(), ...this.#asking.values()]
    this.#publishing.clear()
    this.#asking.clear()
    this.#outgoing = []
    for (const { reject } of waiters) reject(new Error(why))
    if (this.#isClosed) this.#onJoined?.reject(new Error(why))
  }
}
