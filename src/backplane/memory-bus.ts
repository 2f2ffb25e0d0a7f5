import { randomInt } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import type { BusReading } from './backplane.ts'
import type { Extent } from './linked.ts'
import {
  type Ask,
  type Asked,
  eachMessage,
  eventsFrame,
  FrameReader,
  frame,
  jsonFrame,
  KIND,
  numberBytes,
  type StoredEvent,
} from './memory-frames.ts'
import { channelOf } from './message.ts'

/** Messages that a store retains, whatever their number. */
const MAX_STORE_BYTES = 64 * 1024 * 1024
/** Unsent bytes of a member that does not read: it is cut, and resumes when it reads again. */
const MAX_UNSENT_BYTES = 64 * 1024 * 1024

/**
 * The memory bus: it gives what its members publish an order, keeps the newest of it, and sends it to all,
 * or to those that entered the channel. What comes from a member in one piece goes out in one write a member.
 */
export class MemoryBus {
  readonly #server: Server = createServer((socket) => this.#welcome(socket))
  readonly #stores = new Map<string, Store>()
  readonly #members = new Set<Member>()
  #bytesIn = 0
  #bytesOut = 0

  /** @param path of a socket that is not there yet */
  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(path, resolve)
    })
  }

  close(): Promise<void> {
    for (const { socket } of this.#members) socket.destroy()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  #welcome(socket: Socket): void {
    const member = new Member(socket)
    this.#members.add(member)
    const reader = new FrameReader((kind, body) => this.#onFrame(member, kind, body))
    socket.on('data', (chunk: Buffer) => {
      this.#bytesIn += chunk.length
      try {
        if (!reader.read(chunk)) socket.destroy()
      } catch {
        // Whoever sends nonsense is no member, and costs nobody else anything.
        socket.destroy()
      }
      member.store?.flush()
    })
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      this.#members.delete(member)
      this.#bytesOut += socket.bytesWritten
      member.store?.members.delete(member)
    })
  }

  #onFrame(member: Member, kind: number, body: Buffer): void {
    if (kind === KIND.ask) {
      const { id, value } = JSON.parse(body.toString()) as Asked
      this.#onAsk(member, id, value)
      return
    }
    const { store } = member
    if (store === null) return
    if (kind === KIND.publish) {
      eachMessage(body, (bytes) => store.append(bytes))
      member.owe(frame(KIND.taken, numberBytes(body.readUInt32LE(0))))
    } else if (kind === KIND.bye) {
      store.members.delete(member)
      if (store.members.size === 0) this.#stores.delete(store.namespace)
    }
  }

  #onAsk(member: Member, id: number, ask: Ask): void {
    const answer = (value: unknown, kind: number = KIND.answer): void => {
      member.socket.write(jsonFrame(kind, { id, value }))
    }
    if (ask.kind === 'hello') {
      answer(this.#join(member, ask))
      return
    }
    const { store, channels } = member
    if (store === null) return
    // What comes after an answer is of the time after it.
    store.flush()
    if (ask.kind === 'extent') answer(store.extent)
    else if (ask.kind === 'replay') {
      const retained = store.retained(member, ask.after, ask.channel)
      if (retained.length > 0) member.socket.write(eventsFrame(retained, KIND.retained))
      answer(store.extent, KIND.replayed)
    } else if (ask.kind === 'enter') {
      for (const channel of ask.channels) channels?.add(channel)
      answer(null)
    } else if (ask.kind === 'leave') {
      channels?.delete(ask.channel)
      answer(null)
    } else answer(this.#read())
  }

  /** Its store's epoch. */
  #join(member: Member, { namespace, retain, isRouted }: Ask & { readonly kind: 'hello' }): string {
    let store = this.#stores.get(namespace)
    if (store === undefined) {
      store = new Store(namespace)
      this.#stores.set(namespace, store)
    }
    store.flush()
    store.retain = Math.max(store.retain, retain)
    store.members.add(member)
    member.store = store
    member.channels = isRouted ? new Set() : null
    return store.epoch
  }

  #read(): BusReading {
    const { user, system } = process.cpuUsage()
    let bytesOut = this.#bytesOut
    for (const { socket } of this.#members) bytesOut += socket.bytesWritten
    return {
      cpuUs: user + system,
      rssBytes: process.memoryUsage.rss(),
      bytesIn: this.#bytesIn,
      bytesOut,
    }
  }
}

/** A connection of an instance. */
class Member {
  readonly socket: Socket
  store: Store | null = null
  /** Those that it entered; null where all comes to it. */
  channels: Set<string> | null = null
  readonly #owed: Buffer[] = []

  constructor(socket: Socket) {
    this.socket = socket
  }

  /** Sends a frame with what its piece brings, after the events of it. */
  owe(owed: Buffer): void {
    this.#owed.push(owed)
  }

  send(events: Buffer | null): void {
    const { socket } = this
    if (events !== null) this.#owed.unshift(events)
    if (this.#owed.length === 0) return
    socket.write(this.#owed.length === 1 ? (this.#owed[0] as Buffer) : Buffer.concat(this.#owed))
    this.#owed.length = 0
    if (socket.writableLength > MAX_UNSENT_BYTES) socket.destroy()
  }
}

/** A namespace's events, and who gets them. */
class Store {
  readonly namespace: string
  readonly members = new Set<Member>()
  retain = 0
  readonly epoch = Array.from({ length: 8 }, () => randomInt(36).toString(36)).join('')
  /** Blank where an event has left. */
  #events: (StoredEvent | undefined)[] = []
  #first = 0
  #bytes = 0
  #position = 0
  #lostUpTo = 0
  /** Of the piece that is being read. */
  #fresh: StoredEvent[] = []

  constructor(namespace: string) {
    this.namespace = namespace
  }

  get extent(): Extent {
    return { newest: this.#position, lostUpTo: this.#lostUpTo, told: this.#position }
  }

  append(message: Buffer): void {
    // What was read is of a larger piece, which would stay as long as it does.
    const bytes = Buffer.from(message)
    const event = { position: ++this.#position, channel: channelOf(bytes), bytes }
    this.#events.push(event)
    this.#bytes += bytes.length
    this.#fresh.push(event)
    while (
      this.#events.length - this.#first > this.retain ||
      (this.#bytes > MAX_STORE_BYTES && this.#first < this.#events.length - 1)
    ) {
      this.#evict()
    }
  }

  /** After a position, of a channel or of all that a member wants. */
  retained(member: Member, after: number, channel: string | null): readonly StoredEvent[] {
    const events = this.#after(after)
    return channel === null
      ? this.#eventsFor(member, events)
      : events.filter((event) => event.channel === channel)
  }

  /** Sends what the piece has brought. */
  flush(): void {
    const fresh = this.#fresh
    this.#fresh = []
    let forAll: Buffer | null = null
    for (const member of this.members) {
      let events: Buffer | null = null
      if (fresh.length > 0) {
        if (member.channels === null) {
          forAll ??= eventsFrame(fresh)
          events = forAll
        } else {
          const wanted = this.#eventsFor(member, fresh)
          if (wanted.length > 0) events = eventsFrame(wanted)
        }
      }
      member.send(events)
    }
  }

  #eventsFor({ channels }: Member, events: readonly StoredEvent[]): readonly StoredEvent[] {
    return channels === null ? events : events.filter(({ channel }) => channels.has(channel))
  }

  #after(position: number): readonly StoredEvent[] {
    // Positions have no holes.
    const skipped = Math.max(0, position - this.#lostUpTo)
    return this.#events.slice(this.#first + skipped) as readonly StoredEvent[]
  }

  #evict(): void {
    const event = this.#events[this.#first] as StoredEvent
    this.#events[this.#first++] = undefined
    this.#bytes -= event.bytes.length
    this.#lostUpTo = event.position
    if (this.#first > 1_024 && this.#first * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#first)
      this.#first = 0
    }
  }
}
