/**
 * Redis as a backplane, on one connection that speaks RESP3: what is pushed to it and what it is answered
 * come in one order, so that an answer tells what has been pushed. The store is three keys under one
 * hash tag (`redis-scripts.ts`); a member is who subscribes to the namespace's channel.
 */
import { randomBytes } from 'node:crypto'
import type { BusMessage, BusOptions, BusReading, Delivered, OpenBackplane } from './backplane.ts'
import {
  causeOf,
  DIAL_MS,
  type Extent,
  type KnownStore,
  type Link,
  type LinkEar,
  openLinked,
  type Replayed,
} from './linked.ts'
import { decodeMessage, encodeMessage } from './message.ts'
import { loadOptional } from './optional-package.ts'
import { BEGIN, LEAVE, PUBLISH, REPLAY } from './redis-scripts.ts'

type Redis = typeof import('redis')
type Client = ReturnType<typeof clientOf>

interface Address {
  readonly host: string
  readonly port: number
}

const CLOSE_MS = 2_000
/** The store goes when no member has been there for so long, seconds; they say each tenth of it that they are. */
const KEPT_S = 600
/** Of one script: what is pushed to a slow reader may fill its buffer on the server, and the others wait. */
const BATCH = { bytes: 1024 * 1024, messages: 500 }
/** Events in one answer, for the same reasons. */
const REPLAYED = 100
/** Sharded channels came with it. */
const SHARDED_FROM = 7
/** Nodes of a cluster that send one on to another. */
const MOST_MOVES = 3
const EPOCH_BYTES = 5
const EPOCH_LENGTH = 2 * EPOCH_BYTES
const POSITION_LENGTH = 16
/** Before an event: its length, and its place in its batch. */
const HEAD_BYTES = 4 + 2

export const open: OpenBackplane = async (url, options) => {
  const redis = await loadOptional(url, 'redis@6', () => import('redis'))
  return openLinked(url, 'Redis there that can be used', options, (ear, known) =>
    dial(redis, url, options, ear, known),
  )
}

async function dial(
  redis: Redis,
  url: string,
  options: BusOptions,
  ear: LinkEar,
  known: KnownStore,
): Promise<Link> {
  const untilMs = performance.now() + DIAL_MS
  let address: Address | null = null
  for (let move = 0; ; move++) {
    let link: RedisLink | null = null
    let isLate = false
    const giveUp = (): void => {
      isLate = true
      link?.cut('')
    }
    const timer = setTimeout(giveUp, untilMs - performance.now())
    try {
      link = new RedisLink(clientOf(redis, url, address), redis, options, ear)
      await link.begin(known)
      return link
    } catch (error) {
      link?.cut('')
      address = movedTo(error)
      if (isLate) throw new Error(`no answer in ${DIAL_MS / 1000} s`, { cause: error })
      if (address === null || move === MOST_MOVES) throw new Error(refusal(error), { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }
}

function clientOf(redis: Redis, url: string, address: Address | null) {
  // With the URL it would go where that says.
  const { socket, url: _, ...login } = redis.createClient({ url }).options
  return redis.createClient({
    ...login,
    RESP: 3,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    socket: { ...socket, ...address, connectTimeout: DIAL_MS, reconnectStrategy: false },
  })
}

/** Where a node of a cluster says that the keys are. */
function movedTo(error: unknown): Address | null {
  const [, host, port] = /^MOVED \d+ (.*):(\d+)$/.exec((error as Error).message) ?? []
  return host ? { host, port: Number(port) } : null
}

/** What Redis refused, with what to do about it. */
function refusal(error: unknown): string {
  const cause = causeOf(error)
  const kind = /^[A-Z]+/.exec(cause)?.[0]
  if (kind === 'WRONGPASS') return 'it refuses the login (WRONGPASS)'
  if (kind === 'NOAUTH') return 'it wants a login: redis://USER:PASSWORD@HOST (NOAUTH)'
  if (kind === 'NOPERM') return `its login may not do all that is needed (${cause})`
  if (kind === 'READONLY')
    return 'it is a replica that takes nothing in; name its master (READONLY)'
  if (cause === 'Disconnects client') return 'what listens there does not answer as Redis does'
  if (cause === 'Invalid URL') return 'expected redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]'
  if (cause === 'Invalid pathname') return 'the path of the URL is no number of a database'
  if (/unknown command.*HELLO/i.test(cause)) return 'it is older than Redis 6'
  return cause
}

class RedisLink implements Link {
  epoch = ''
  readonly #client: Client
  readonly #buffers: object
  readonly #options: BusOptions
  readonly #ear: LinkEar
  readonly #keys: readonly string[]
  /** What channels begin with; by itself that of all events, or of none with routing by channel. */
  readonly #channel: string
  #isSharded = false
  readonly #hashes = new Map<string, string>()
  #keptAtMs = performance.now()
  #isBegun = false
  #isOver = false

  constructor(client: Client, redis: Redis, options: BusOptions, ear: LinkEar) {
    this.#client = client
    this.#buffers = { typeMapping: { [redis.RESP_TYPES.BLOB_STRING]: Buffer } }
    this.#options = options
    this.#ear = ear
    const tag = `rtbench:{${options.namespace}}:`
    this.#keys = ['store', 'events', 'index'].map((name) => `${tag}${name}`)
    this.#channel = `${tag}to:`
    client.on('error', (error) => this.cut(causeOf(error)))
  }

  async begin({ epoch, newest }: KnownStore): Promise<void> {
    await this.#client.connect()
    const info = await this.#info()
    this.#isSharded = Number.parseInt(info.get('redis_version') ?? '', 10) >= SHARDED_FROM
    for (const script of [BEGIN, PUBLISH, REPLAY, LEAVE]) {
      this.#hashes.set(script, `${await this.#client.sendCommand(['SCRIPT', 'LOAD', script])}`)
    }
    // What a server acknowledged that writes a log outlives its process; what a replica was told may lack the end.
    const isKept = info.get('aof_enabled') === '1' && /^0+$/.test(info.get('master_replid2') ?? '')
    const begun = await this.#run(BEGIN, [
      info.get('run_id') ?? '',
      isKept ? '1' : '0',
      randomBytes(EPOCH_BYTES).toString('hex'),
      epoch,
      `${newest}`,
      `${KEPT_S}`,
    ])
    this.epoch = String(begun)
    await this.subscribe([''])
    this.#isBegun = true
  }

  async publish(messages: readonly BusMessage[]): Promise<void> {
    const taken: Promise<unknown>[] = []
    for (let at = 0; at < messages.length; ) {
      const events: Buffer[] = []
      const from = at
      for (let bytes = 0; at < messages.length && bytes < BATCH.bytes; at++) {
        if (events.length === BATCH.messages) break
        const event = eventOf(messages[at] as BusMessage, events.length)
        events.push(event)
        bytes += event.length
      }
      taken.push(this.#publishBatch(events, messages.slice(from, at)))
    }
    await Promise.all(taken)
  }

  async #publishBatch(events: readonly Buffer[], messages: readonly BusMessage[]): Promise<void> {
    this.#ear.onSent(events.reduce((sum, { length }) => sum + length, 0))
    const channels =
      this.#options.routing === 'by-channel' ? messages.map(({ channel }) => channel) : []
    const isTaken = await this.#run(PUBLISH, [
      this.epoch,
      `${this.#options.retain}`,
      this.#isSharded ? 'SPUBLISH' : 'PUBLISH',
      this.#channel,
      `${events.length}`,
      ...events,
      ...channels,
    ])
    if (isTaken === 1) return
    this.#onOtherStore()
    throw new Error('its store was emptied')
  }

  async subscribe(channels: readonly string[]): Promise<void> {
    const names = channels.map((channel) => this.#channel + channel)
    if (this.#isSharded) await this.#client.sSubscribe(names, this.#onPush, true)
    else await this.#client.subscribe(names, this.#onPush, true)
  }

  unsubscribe(channel: string): void {
    this.#unsubscribe(channel).catch(() => {})
  }

  #unsubscribe(channel: string): Promise<void> {
    const name = this.#channel + channel
    return this.#isSharded
      ? this.#client.sUnsubscribe(name, this.#onPush, true)
      : this.#client.unsubscribe(name, this.#onPush, true)
  }

  readonly #onPush = (pushed: Buffer): void => {
    if (this.#isOver) return
    if (pushed.toString('latin1', 0, EPOCH_LENGTH) !== this.epoch) {
      this.#onOtherStore()
      return
    }
    let at = EPOCH_LENGTH + POSITION_LENGTH
    const first = Number(pushed.toString('latin1', EPOCH_LENGTH, at))
    const events: Delivered[] = []
    while (at < pushed.length) {
      const end = at + pushed.readUInt32LE(at)
      const event = deliveredOf(pushed.subarray(at, end), first)
      if (event !== null) events.push(event)
      at = end
    }
    this.#ear.onEvents(events, pushed.length)
  }

  async extent(): Promise<Extent> {
    if (performance.now() - this.#keptAtMs > KEPT_S * 100) {
      this.#keptAtMs = performance.now()
      for (const key of this.#keys) void this.#send(['EXPIRE', key, `${KEPT_S}`]).catch(() => {})
    }
    return this.#ask(0, 0, null)
  }

  async replay(after: number, channel: string | null): Promise<Replayed> {
    const events: Delivered[] = []
    for (let from = after; ; ) {
      const answer = await this.#ask(from, REPLAYED, channel)
      for (const event of answer.events) events.push(event)
      if (answer.events.length < REPLAYED) return { ...answer, events }
      from = answer.events.at(-1)?.position ?? from
    }
  }

  async #ask(after: number, count: number, channel: string | null): Promise<Replayed> {
    const args = [`${after}`, `${count}`, ...(channel === null ? [] : [channel])]
    const answer = (await this.#run(REPLAY, args)) as [Buffer, Buffer, Buffer, [Buffer, Buffer[]][]]
    const [epoch, newestText, oldestId, found] = answer
    if (epoch.toString() !== this.epoch) {
      this.#onOtherStore()
      throw new Error('its store was emptied')
    }
    const newest = Number(newestText)
    const events: Delivered[] = []
    let bytes = 0
    for (const [id, [, event = Buffer.alloc(0)]] of found) {
      bytes += event.length
      // A position less than its place in the batch gives back the position of the batch.
      const position = Number.parseInt(id.toString(), 10)
      const delivered = deliveredOf(event, position - event.readUInt16LE(4))
      if (delivered !== null) events.push(delivered)
    }
    this.#ear.onEvents([], bytes)
    const oldest = oldestId.length === 0 ? newest + 1 : Number.parseInt(oldestId.toString(), 10)
    return { newest, lostUpTo: oldest - 1, told: newest, events }
  }

  async read(): Promise<BusReading> {
    const info = await this.#info()
    const number = (name: string): number | null => {
      const value = Number.parseFloat(info.get(name) ?? '')
      return Number.isNaN(value) ? null : value
    }
    const user = number('used_cpu_user')
    const system = number('used_cpu_sys')
    return {
      cpuUs: user === null || system === null ? null : Math.round((user + system) * 1e6),
      rssBytes: number('used_memory_rss'),
      bytesIn: number('total_net_input_bytes'),
      bytesOut: number('total_net_output_bytes'),
    }
  }

  async close(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    const timer = setTimeout(() => this.#client.destroy(), CLOSE_MS)
    try {
      await this.#unsubscribe('')
      await this.#run(LEAVE, [this.#isSharded ? 'SHARDNUMSUB' : 'NUMSUB', this.#channel])
    } catch {
      // What it left goes by itself in time.
    }
    clearTimeout(timer)
    this.#client.destroy()
  }

  cut(cause: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#client.destroy()
    if (this.#isBegun) this.#ear.onEnd(cause)
  }

  #onOtherStore(): void {
    this.cut('its store was emptied')
  }

  #run(script: string, args: readonly (string | Buffer)[]): Promise<unknown> {
    const hash = this.#hashes.get(script) ?? ''
    const command = ['EVALSHA', hash, `${this.#keys.length}`, ...this.#keys, ...args]
    return this.#send(command).catch((error: Error) => {
      // Of those that are sent already the order would be lost if each were sent again.
      if (error.message.startsWith('NOSCRIPT')) this.cut('its scripts were removed')
      throw error
    })
  }

  #send(command: readonly (string | Buffer)[]): Promise<unknown> {
    return this.#client.sendCommand(command, this.#buffers)
  }

  async #info(): Promise<ReadonlyMap<string, string>> {
    const text = String(await this.#send(['INFO']))
    return new Map(
      [...text.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name = '', value = '']) => [name, value]),
    )
  }
}

function eventOf(message: BusMessage, place: number): Buffer {
  const encoded = encodeMessage(message)
  const event = Buffer.allocUnsafe(HEAD_BYTES + encoded.length)
  event.writeUInt32LE(event.length, 0)
  event.writeUInt16LE(place, 4)
  encoded.copy(event, HEAD_BYTES)
  return event
}

function deliveredOf(event: Buffer, first: number): Delivered | null {
  const message = decodeMessage(event.subarray(HEAD_BYTES))
  return message === null ? null : { position: first + event.readUInt16LE(4), message }
}
