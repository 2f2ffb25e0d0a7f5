/**
 * NATS as a backplane. A JetStream stream in memory takes each message, and its sequence is the position;
 * what it has taken it publishes again, by core NATS, with the sequence in a header: one order, as fast
 * as a consumer of the stream, and subscribed to by channel. Where it is published again has the epoch in
 * its name, so that nothing of another store is ever heard.
 */
import { randomBytes } from 'node:crypto'
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node'
import { RtbenchError } from '../error.ts'
import type { BusMessage, BusOptions, BusReading, Delivered, OpenBackplane } from './backplane.ts'
import { shownUrl } from './bus-url.ts'
import {
  causeOf,
  DIAL_MS,
  type Extent,
  type Link,
  type LinkEar,
  openLinked,
  type Replayed,
  type Told,
} from './linked.ts'
import { processBehind, readProcess } from './listening-process.ts'
import { decodeMessage, encodeMessage } from './message.ts'
import { greetingServers } from './nats-greeting.ts'
import { loadOptional } from './optional-package.ts'

interface Nats {
  readonly core: typeof import('@nats-io/transport-node')
  readonly stream: typeof import('@nats-io/jetstream')
}

type Manager = Awaited<ReturnType<Nats['stream']['jetstreamManager']>>
type StreamInfo = Awaited<ReturnType<Manager['streams']['info']>>

const ASK_MS = 4_000
/** How long who leaves waits for another member to say that it is there. */
const LEAVE_MS = 500
/** Of a namespace that nobody took leave of the events go after so long. */
const KEPT_MS = 24 * 3600 * 1000
/** Messages in one answer of the stream. */
const REPLAYED = 100
const EPOCH_BYTES = 10
const SEQUENCE_HEADER = 'Nats-Sequence'
/** Of the one before on the same subject: what several publish at once is published again out of order. */
const PREVIOUS_HEADER = 'Nats-Last-Sequence'
/** In the place of the channel where all is for all. */
const ANY = '_'
/** Of JetStream's errors. */
const STREAM_NOT_FOUND = 10_059
const MONITOR_MS = 2_000

export const open: OpenBackplane = async (url, options) => {
  const address = parseUrl(url)
  const nats = await loadOptional(
    url,
    '@nats-io/transport-node@3 @nats-io/jetstream@3',
    async () => ({
      core: await import('@nats-io/transport-node'),
      stream: await import('@nats-io/jetstream'),
    }),
  )
  return openLinked(url, 'NATS there that can be used', options, (ear) =>
    NatsLink.dial(nats, address, options, ear),
  )
}

interface Address {
  readonly servers: string[]
  readonly login: { readonly user?: string; readonly pass?: string; readonly token?: string }
  readonly isTls: boolean
  /** Of the first server's monitor; null where the URL does not say. */
  readonly monitor: string | null
}

/** Of `nats://[USER:PASSWORD@|TOKEN@]HOST[:PORT][,HOST[:PORT]…][?monitor=PORT]`. */
function parseUrl(url: string): Address {
  const match = /^(nats|tls):\/\/(?:(.*)@)?([^/?#@]+)\/?(?:\?monitor=(\d{1,5}))?$/i.exec(url)
  const [, scheme = '', login = '', hosts = '', monitorPort] = match ?? []
  const servers = hosts.split(',')
  const isHost = (host: string): boolean => /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i.test(host)
  if (match === null || !servers.every(isHost)) {
    throw new RtbenchError(
      'cannot-run',
      `--backplane ${shownUrl(url)}: expected nats://[USER:PASSWORD@]HOST[:PORT][,HOST:PORT][?monitor=PORT]`,
    )
  }
  const [user = '', ...rest] = login.split(':').map(decoded)
  const pass = rest.join(':')
  const host = servers[0]?.replace(/:\d+$/, '')
  return {
    servers,
    login: login === '' ? {} : rest.length > 0 ? { user, pass } : { token: user },
    isTls: scheme.toLowerCase() === 'tls',
    monitor: monitorPort === undefined ? null : `http://${host}:${monitorPort}/varz`,
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A publish that is not acknowledged in full yet. */
interface Publishing {
  left: number
  resolve(): void
  reject(error: Error): void
}

class NatsLink implements Link {
  readonly epoch: string
  readonly #nats: Nats
  readonly #connection: NatsConnection
  readonly #manager: Manager
  readonly #address: Address
  readonly #options: BusOptions
  readonly #ear: LinkEar
  readonly #name: string
  readonly #here: Subscription
  readonly #subscribed = new Map<string, Subscription>()
  readonly #acks: string
  readonly #publishing = new Map<number, Publishing>()
  #serial = 0
  /** What came in one reading of the socket. */
  #heard: Told[] = []
  #heardBytes = 0
  #isOver = false
  /** Null where it is not on this machine, or not looked for yet. */
  #pid: number | null = null

  static async dial(
    nats: Nats,
    address: Address,
    options: BusOptions,
    ear: LinkEar,
  ): Promise<NatsLink> {
    const untilMs = performance.now() + DIAL_MS
    let connection: NatsConnection | null = null
    try {
      const { servers, login, isTls } = address
      connection = await nats.core.connect({
        servers: await greetingServers(servers),
        ...login,
        ...(isTls ? { tls: {} } : {}),
        reconnect: false,
        ignoreClusterUpdates: true,
        maxReconnectAttempts: 0,
        timeout: DIAL_MS,
        noAsyncTraces: true,
      })
      const timeout = Math.max(1, untilMs - performance.now())
      const manager = await nats.stream.jetstreamManager(connection, { timeout })
      const info = await storeOf(nats, manager, options)
      const link = new NatsLink(nats, connection, manager, epochOf(info), address, options, ear)
      if (options.routing === 'broadcast') await link.subscribe([ANY])
      else await connection.flush()
      return link
    } catch (error) {
      void connection?.close()
      throw new Error(refusal(error), { cause: error })
    }
  }

  private constructor(
    nats: Nats,
    connection: NatsConnection,
    manager: Manager,
    epoch: string,
    address: Address,
    options: BusOptions,
    ear: LinkEar,
  ) {
    this.#nats = nats
    this.#connection = connection
    this.#manager = manager
    this.epoch = epoch
    this.#address = address
    this.#options = options
    this.#ear = ear
    this.#name = nameOf(options)
    this.#acks = nats.core.createInbox()
    connection.subscribe(`${this.#acks}.*`, { callback: (_, ack) => this.#onAck(ack) })
    this.#here = connection.subscribe(`${this.#name}-here`, {
      callback: (_, question) => void question.respond(),
    })
    void connection.closed().then((error) => {
      this.cut(error ? causeOf(error) : 'its connection was closed')
    })
  }

  publish(messages: readonly BusMessage[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const publishing: Publishing = { left: messages.length, resolve, reject }
      let bytes = 0
      try {
        for (const message of messages) {
          const event = encodeMessage(message)
          bytes += event.length
          this.#publishing.set(++this.#serial, publishing)
          const reply = `${this.#acks}.${this.#serial}`
          this.#connection.publish(this.#subject(message.channel), event, { reply })
        }
      } catch (error) {
        reject(error as Error)
      }
      this.#ear.onSent(bytes)
    })
  }

  #onAck(ack: Msg): void {
    const serial = Number(ack.subject.slice(this.#acks.length + 1))
    const publishing = this.#publishing.get(serial)
    if (publishing === undefined) return
    this.#publishing.delete(serial)
    const fault = faultOf(ack)
    if (fault !== null) publishing.reject(new Error(fault))
    else if (--publishing.left === 0) publishing.resolve()
  }

  async subscribe(channels: readonly string[]): Promise<void> {
    for (const channel of channels) {
      const subject = `${this.#name}-live.${this.epoch}.${tokenOf(channel)}`
      const callback = (error: Error | null, message: Msg): void => {
        if (error === null) this.#onMessage(message)
      }
      this.#subscribed.set(channel, this.#connection.subscribe(subject, { callback }))
    }
    await this.#connection.flush()
  }

  unsubscribe(channel: string): void {
    this.#subscribed.get(channel)?.unsubscribe()
    this.#subscribed.delete(channel)
  }

  #onMessage({ headers, data }: Msg): void {
    const position = Number(headers?.get(SEQUENCE_HEADER))
    const message = messageOf(data)
    if (!(position > 0) || message === null) return
    if (this.#heard.length === 0) queueMicrotask(this.#tell)
    const previous = Number(headers?.get(PREVIOUS_HEADER))
    this.#heard.push({ position, previous, message })
    this.#heardBytes += data.length
  }

  readonly #tell = (): void => {
    const events = this.#heard
    const bytes = this.#heardBytes
    this.#heard = []
    this.#heardBytes = 0
    if (!this.#isOver) this.#ear.onEvents(events, bytes)
  }

  async extent(): Promise<Extent> {
    const info = await found(this.#manager.streams.info(this.#name))
    if (info === null || epochOf(info) !== this.epoch) {
      this.cut('its stream was removed')
      throw new Error('its stream was removed')
    }
    const { first_seq, last_seq } = info.state
    // What is published again is not in one order with answers.
    return { newest: last_seq, lostUpTo: Math.max(0, first_seq - 1), told: 0 }
  }

  async replay(after: number, channel: string | null): Promise<Replayed> {
    const extent = await this.extent()
    const events: Delivered[] = []
    if (extent.newest > Math.max(after, extent.lostUpTo)) {
      await this.#read(after, extent.newest, channel, events)
    }
    const { lostUpTo } = this.#options.routing === 'broadcast' ? extent : await this.extent()
    return { ...extent, lostUpTo, events }
  }

  /** Reads the stream, after a position and up to the newest that there was. */
  async #read(
    after: number,
    newest: number,
    channel: string | null,
    into: Delivered[],
  ): Promise<void> {
    const jetstream = this.#nats.stream.jetstream(this.#connection, { timeout: ASK_MS })
    const consumer = await jetstream.consumers.get(this.#name, {
      opt_start_seq: after + 1,
      ...(channel === null ? {} : { filter_subjects: this.#subject(channel) }),
    })
    const { num_pending } = await consumer.info()
    if (num_pending > 0) {
      const messages = await consumer.consume({ max_messages: REPLAYED })
      let bytes = 0
      for await (const { seq, data, info } of messages) {
        const message = messageOf(data)
        bytes += data.length
        if (message !== null && seq <= newest) into.push({ position: seq, message })
        if (seq >= newest || info.pending === 0) break
      }
      await messages.close()
      this.#ear.onEvents([], bytes)
    }
    // It would go by itself in some minutes.
    void consumer.delete().catch(() => {})
  }

  async read(): Promise<BusReading | null> {
    const { monitor } = this.#address
    const here = this.#process()
    const own = { cpuUs: here?.cpuUs ?? null, rssBytes: here?.rssBytes ?? null }
    if (monitor === null) return here && { ...own, bytesIn: null, bytesOut: null }
    const answer = await fetch(monitor, { signal: AbortSignal.timeout(MONITOR_MS) })
    const told = (await answer.json()) as Record<string, unknown>
    const number = (name: string): number | null => {
      const value = told[name]
      return typeof value === 'number' ? value : null
    }
    return {
      // It tells a share of CPU time at the moment, no sum.
      cpuUs: own.cpuUs,
      rssBytes: number('mem') ?? own.rssBytes,
      bytesIn: number('in_bytes'),
      bytesOut: number('out_bytes'),
    }
  }

  /** Of the server's process where that is on this machine. */
  #process() {
    const [, host = '', port = ''] =
      /^\[?([^\]]+?)\]?:(\d+)$/.exec(this.#connection.getServer()) ?? []
    const remoteAddress = host === 'localhost' ? '127.0.0.1' : host
    this.#pid ??= processBehind({ remoteAddress, remotePort: Number(port) }, /nats/i)
    return this.#pid === null ? null : readProcess(this.#pid)
  }

  async close(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    this.#refuseAll('it is closed')
    try {
      this.#here.unsubscribe()
      await this.#connection.request(`${this.#name}-here`, undefined, { timeout: LEAVE_MS })
    } catch (error) {
      const isAlone = error instanceof this.#nats.core.RequestError ? error.isNoResponders() : false
      if (isAlone) await this.#manager.streams.delete(this.#name).catch(() => {})
    }
    await this.#connection.close()
  }

  cut(cause: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#refuseAll(cause)
    void this.#connection.close()
    this.#ear.onEnd(cause)
  }

  #refuseAll(cause: string): void {
    for (const publishing of this.#publishing.values()) publishing.reject(new Error(cause))
    this.#publishing.clear()
  }

  #subject(channel: string): string {
    const token = this.#options.routing === 'broadcast' ? ANY : tokenOf(channel)
    return `${this.#name}.${token}`
  }
}

function nameOf({ namespace }: BusOptions): string {
  return `rtbench-${namespace}`
}

/** Finds the stream, or makes it: whoever comes second finds what the first made. */
async function storeOf(nats: Nats, manager: Manager, options: BusOptions): Promise<StreamInfo> {
  const name = nameOf(options)
  const first = await found(manager.streams.info(name))
  if (first !== null) return first
  const epoch = randomBytes(EPOCH_BYTES).toString('hex')
  try {
    return await manager.streams.add({
      name,
      subjects: [`${name}.*`],
      storage: nats.stream.StorageType.Memory,
      discard: nats.stream.DiscardPolicy.Old,
      max_msgs: options.retain,
      max_age: nats.core.nanos(KEPT_MS),
      republish: { src: `${name}.*`, dest: `${name}-live.${epoch}.{{wildcard(1)}}` },
    })
  } catch (error) {
    const other = await found(manager.streams.info(name))
    if (other === null) throw error
    return other
  }
}

/** Null where there is no such stream. */
async function found(asked: Promise<StreamInfo>): Promise<StreamInfo | null> {
  try {
    return await asked
  } catch (error) {
    if ((error as { code?: unknown }).code === STREAM_NOT_FOUND) return null
    throw error
  }
}

/** A stream's epoch is a part of where it publishes again. */
function epochOf({ config }: StreamInfo): string {
  return config.republish?.dest.split('.').at(-2) ?? ''
}

/** A channel as a part of a subject: without what means something there. */
function tokenOf(channel: string): string {
  return encodeURIComponent(channel).replaceAll('.', '%2E').replaceAll('*', '%2A')
}

function messageOf(data: Uint8Array): BusMessage | null {
  return decodeMessage(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
}

/** What an acknowledgement says against it; null for nothing. */
function faultOf(ack: Msg): string | null {
  if (ack.headers?.code === 503) return 'its stream was removed'
  try {
    const { error } = ack.json<{ error?: { description?: string } }>()
    return error === undefined ? null : (error.description ?? 'it was refused')
  } catch {
    return 'its answer is not understood'
  }
}

/** What NATS refused, with what to do about it. */
function refusal(error: unknown): string {
  const cause = causeOf(error)
  if (/authorization violation/i.test(cause)) {
    return 'it refuses the login, or wants one: nats://USER:PASSWORD@HOST'
  }
  if (/jetstream (?:is )?not enabled/i.test(cause)) {
    return 'its JetStream, which gives events their order, is not enabled: nats-server --jetstream'
  }
  if (/connection refused/i.test(cause)) return 'nothing listens there (ECONNREFUSED)'
  return cause
}
