/**
 * Kafka as a backplane: a topic for the namespace, of one partition, whose offsets are the positions.
 * Each instance reads the whole of it, in no group; the topic's id is the epoch.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { RtbenchError } from '../error.ts'
import type {
  Backplane,
  BusMessage,
  BusOptions,
  BusReading,
  BusReceiver,
  Delivered,
} from './backplane.ts'
import { shownUrl } from './bus-url.ts'
import {
  answered,
  causeOf,
  type FetchedPartition,
  isFinal,
  isRefusal,
  type KafkaLink,
  KafkaTopic,
} from './kafka-link.ts'
import { processBehind, readProcess } from './listening-process.ts'
import { decodeMessage, encodeMessage } from './message.ts'
import { WaitingRoom } from './waiting.ts'

const OPEN_MS = 6_000
const CLOSE_MS = 5_000
/** A publish that is not acknowledged after so long is refused. */
const PUBLISH_MS = 4_000
/** A broker that takes so long to be reached, or is so much later than it promised, cannot be reached. */
const PATIENCE_MS = 3_000
const RETRY_MS = 200
/** Until a broker that has just begun is asked again. */
const LOADING_MS = 20
/** How long a broker waits for events until it answers that there are none. */
const WAIT_MS = 1_000
/** Of events in one request to publish or one answer; a larger one goes by itself. */
const BATCH_BYTES = 1024 * 1024
/** Kept beyond what is to be retained, for who is still reading while the store is trimmed. */
const SPARE = 10_000
/** The store is trimmed each time that so many events have come. */
const TRIMMED_AFTER = 2_500
/** Of a topic's id, which is 32 random hexadecimal digits. */
const EPOCH_LENGTH = 24

/** As `OpenBackplane`. */
export async function open(url: string, options: BusOptions): Promise<Backplane> {
  const topic = await KafkaTopic.of(url, `rtbench-${options.namespace}`)
  const untilMs = performance.now() + OPEN_MS
  try {
    const link = await topic.dial(untilMs)
    await topic.check(link, untilMs)
    const bus = new KafkaBackplane(topic, link, options)
    await bus.prepare(link, untilMs)
    return bus
  } catch (error) {
    topic.close()
    throw new RtbenchError(
      'cannot-run',
      `--backplane ${shownUrl(url)}: no Kafka there that can be used: ${causeOf(error)}`,
      error,
    )
  }
}

/** What one call of `publish` handed in. */
interface Entry {
  readonly messages: readonly BusMessage[]
  readonly values: readonly Buffer[]
  readonly bytes: number
  readonly sinceMs: number
  resolve(): void
  reject(error: Error): void
}

/** By it the broker knows a batch that it was sent before: taken once, and in order. */
interface Producer {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly topicId: string
  readonly sequences: InstanceType<KafkaTopic['client']['NumericMap']>
}

class KafkaBackplane implements Backplane {
  readonly channels = null
  readonly #topic: KafkaTopic
  readonly #options: BusOptions
  readonly #isOwned: boolean
  readonly #queue: Entry[] = []
  readonly #room = new WaitingRoom()
  #producing: Promise<void> | null = null
  #following: Promise<void> | null = null
  /** Requests of one connection are answered one after the other: who waits for events has one to itself. */
  #writing: KafkaLink | null
  #producer: Producer | null = null
  #receiver: BusReceiver | null = null
  #topicId = ''
  /** Offset of the next event to be read. */
  #next = 0
  /** The store did not reach back to it. */
  #isGap = false
  #brokerPid: number | null = null
  #published = 0
  #received = 0
  readonly #closing = new AbortController()

  constructor(topic: KafkaTopic, link: KafkaLink, options: BusOptions) {
    this.#topic = topic
    this.#writing = link
    this.#options = options
    this.#isOwned = topic.isNew && options.isOwner === true
  }

  get account() {
    return { published: this.#published, received: this.#received, ...this.#topic.traffic }
  }

  /** Of the broker's process where that is on this machine; Kafka itself tells nothing of it. */
  async read(): Promise<BusReading | null> {
    const { socket } = this.#topic
    let now = this.#brokerPid === null ? null : readProcess(this.#brokerPid)
    if (now === null && socket !== null) {
      this.#brokerPid = processBehind(socket, /kafka/i)
      now = this.#brokerPid === null ? null : readProcess(this.#brokerPid)
    }
    return now && { ...now, bytesIn: null, bytesOut: null }
  }

  publish(messages: readonly BusMessage[]): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Error('the backplane is closed'))
    if (messages.length === 0) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#room.enter(messages)
      const values = messages.map(encodeMessage)
      const bytes = values.reduce((sum, { length }) => sum + length, 0)
      this.#queue.push({ messages, values, bytes, sinceMs: performance.now(), resolve, reject })
      this.#producing ??= this.#produceAll()
    })
  }

  /** One batch at a time, so that what is sent again overtakes nothing; meanwhile the next one gathers. */
  async #produceAll(): Promise<void> {
    // What else is published in this turn goes with it.
    await Promise.resolve()
    for (let batch = this.#nextBatch(); batch.length > 0; batch = this.#nextBatch()) {
      try {
        await this.#produce(batch)
        for (const { resolve } of batch) resolve()
      } catch (error) {
        // Nobody knows whether it was taken: the broker must not take the next one for its repetition.
        this.#producer = null
        const refused = new Error(`Kafka did not acknowledge it: ${causeOf(error)}`)
        for (const { reject } of batch) reject(refused)
      }
    }
    this.#producing = null
  }

  #nextBatch(): Entry[] {
    let bytes = 0
    const count = this.#queue.findIndex((entry, index) => {
      bytes += entry.bytes
      return index > 0 && bytes > BATCH_BYTES
    })
    const batch = this.#queue.splice(0, count === -1 ? this.#queue.length : count)
    for (const { messages } of batch) this.#room.leave(messages)
    return batch
  }

  async #produce(batch: readonly Entry[]): Promise<void> {
    const { name, client } = this.#topic
    const records = batch.flatMap(({ values }) =>
      values.map((value) => ({ topic: name, partition: 0, value })),
    )
    const untilMs = (batch[0]?.sinceMs ?? 0) + PUBLISH_MS
    for (let failures = 0; ; ) {
      try {
        if (this.#isClosed) throw new Error('the backplane is closed')
        this.#writing ??= await this.#topic.dial(untilMs)
        const { connection, topicId } = this.#writing
        this.#producer = await this.#producerOf(this.#writing, untilMs)
        const asked = client.produceV9.api.async(
          connection,
          -1,
          PUBLISH_MS,
          records,
          this.#producer,
        )
        const answer = await answered(connection, asked, untilMs)
        this.#producer.sequences.postIncrement(`${name}:0`, records.length, 0)
        this.#published += records.length
        const [taken] = typeof answer === 'object' ? answer.responses : []
        const base = Number(taken?.partitionResponses[0]?.baseOffset ?? 0)
        this.#trim({ connection, topicId }, base, base + records.length)
        return
      } catch (error) {
        this.#endWriting()
        const isLast = performance.now() + RETRY_MS >= untilMs || this.#isClosed
        if (isLast || isFinal(error)) throw error
        // A broker ends connections on which nothing was said for some minutes: no reason to wait.
        if (failures++ > 0) await this.#pause(RETRY_MS)
      }
    }
  }

  /** Has the broker know this instance's batches, which a new one may not be ready for. */
  async prepare(link: KafkaLink, untilMs: number): Promise<void> {
    this.#producer = await this.#producerOf(link, untilMs)
  }

  async #producerOf({ connection, topicId }: KafkaLink, untilMs: number): Promise<Producer> {
    if (this.#producer?.topicId === topicId) return this.#producer
    const { initProducerIdV4, NumericMap } = this.#topic.client
    for (;;) {
      const asked = initProducerIdV4.api.async(connection, null, 0, -1n, -1)
      try {
        const { producerId, producerEpoch } = await answered(connection, asked, untilMs)
        return { producerId, producerEpoch, topicId, sequences: new NumericMap() }
      } catch (error) {
        const isLoading = isRefusal(error, 'COORDINATOR_LOAD_IN_PROGRESS')
        if (!isLoading || performance.now() > untilMs) throw error
        await this.#pause(LOADING_MS)
      }
    }
  }

  #endWriting(): void {
    void this.#writing?.connection.close()
    this.#writing = null
  }

  /** Whoever published past a mark has the store forget what is more than it retains. */
  #trim({ connection }: KafkaLink, fromOffset: number, toOffset: number): void {
    const oldest = toOffset - this.#options.retain - SPARE
    const isPast = Math.floor(fromOffset / TRIMMED_AFTER) < Math.floor(toOffset / TRIMMED_AFTER)
    if (!isPast || oldest <= 0) return
    const partitions = [{ partitionIndex: 0, offset: BigInt(oldest) }]
    const { name, client } = this.#topic
    // Where it may not, the topic's own limits hold; where it fails, the next one does it.
    client.deleteRecordsV2.api.async(connection, [{ name, partitions }], PUBLISH_MS).catch(() => {})
  }

  async join(receiver: BusReceiver): Promise<void> {
    this.#receiver = receiver
    const untilMs = performance.now() + OPEN_MS
    try {
      const link = await this.#topic.dial(untilMs)
      await this.#begin(link, untilMs)
      while (!this.#take(await this.#fetch(link, 0))) {}
      this.#following = this.#follow(link)
    } catch (error) {
      throw new RtbenchError('cannot-run', `Kafka cannot be read: ${causeOf(error)}`, error)
    }
  }

  /** Reads on from the last event, over interruptions too, until it is closed. */
  async #follow(joined: KafkaLink): Promise<void> {
    let link: KafkaLink | null = joined
    // A connection may end and a leader may change; a bus cannot be reached when the next try fails, too.
    let failures = 0
    while (!this.#isClosed) {
      try {
        if (link === null) {
          const untilMs = performance.now() + PATIENCE_MS
          link = await this.#topic.dial(untilMs)
          if (link.topicId !== this.#topicId) await this.#begin(link, untilMs)
          this.#take(await this.#fetch(link, 0))
          if (failures > 1) this.#receiver?.restored()
          failures = 0
        }
        this.#take(await this.#fetch(link, WAIT_MS))
      } catch (error) {
        void link?.connection.close()
        link = null
        if (this.#isClosed) return
        failures++
        if (failures === 2) this.#receiver?.lost(causeOf(error))
        if (failures > 1) await this.#pause(RETRY_MS)
      }
    }
  }

  /** A store begins here: from the oldest event that is to be retained. */
  async #begin(link: KafkaLink, untilMs: number): Promise<void> {
    const { earliest, latest } = await this.#bounds(link, untilMs)
    if (this.#isClosed) throw new Error('closed')
    this.#topicId = link.topicId
    this.#isGap = false
    this.#next = Math.max(earliest, latest - this.#options.retain)
    this.#receiver?.begin(link.topicId.replaceAll('-', '').slice(0, EPOCH_LENGTH), this.#next)
  }

  /** Offsets of the oldest event that is there and of the next one to come. */
  async #bounds({ connection }: KafkaLink, untilMs: number) {
    const { client, name } = this.#topic
    const { EARLIEST, LATEST } = client.ListOffsetTimestamps
    const offsets = [EARLIEST, LATEST].map(async (timestamp) => {
      const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp }]
      const asked = client.listOffsetsV7.api.async(connection, -1, 0, [{ name, partitions }])
      const { topics } = await answered(connection, asked, untilMs)
      return Number(topics[0]?.partitions[0]?.offset ?? 0)
    })
    const [earliest = 0, latest = 0] = await Promise.all(offsets)
    return { earliest, latest }
  }

  async #fetch(link: KafkaLink, waitMs: number): Promise<FetchedPartition> {
    const { connection, topicId } = link
    const partition = {
      partition: 0,
      currentLeaderEpoch: -1,
      fetchOffset: BigInt(this.#next),
      lastFetchedEpoch: -1,
      partitionMaxBytes: BATCH_BYTES,
    }
    const topics = [{ topicId, partitions: [partition] }]
    const { api } = this.#topic.client.fetchV13
    // Epoch -1 is a fetch without a session, which the broker would have to keep.
    const asked = api.async(connection, waitMs, 1, BATCH_BYTES, 0, 0, -1, topics, [], '')
    const untilMs = performance.now() + waitMs + PATIENCE_MS
    try {
      const { responses } = await answered(connection, asked, untilMs)
      const fetched = responses[0]?.partitions[0]
      if (fetched === undefined) throw new Error('the broker says nothing of the topic')
      return fetched
    } catch (error) {
      if (!isRefusal(error, 'OFFSET_OUT_OF_RANGE')) throw error
      const { earliest } = await this.#bounds(link, untilMs)
      if (this.#next >= earliest) {
        // It ends before what was read of it: events are lost, and their positions would be given again.
        await this.#topic.remove(link, untilMs)
        throw new Error('the broker has lost events')
      }
      this.#next = earliest
      this.#isGap = true
      return this.#fetch(link, waitMs)
    }
  }

  /** Hands over what came; whether that was all there is. */
  #take({ records, highWatermark }: FetchedPartition): boolean {
    if (this.#isClosed) throw new Error('closed')
    if (this.#isGap) this.#receiver?.gap(this.#next)
    this.#isGap = false
    const events: Delivered[] = []
    for (const batch of records ?? []) {
      const first = Number(batch.firstOffset)
      for (const { offsetDelta, value } of batch.records) {
        // A batch comes whole, also if it began before.
        if (first + offsetDelta < this.#next || value === null) continue
        const message = decodeMessage(value)
        if (message !== null) events.push({ position: first + offsetDelta + 1, message })
      }
      this.#next = first + batch.lastOffsetDelta + 1
    }
    this.#received += events.length
    if (events.length > 0) this.#receiver?.receive(events)
    return this.#next >= Number(highWatermark)
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#closing.signal }).catch(() => {})
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#closing.abort()
    await this.#producing
    if (this.#isOwned) await this.#remove().catch(() => {})
    this.#topic.close()
    await this.#following
  }

  async #remove(): Promise<void> {
    const untilMs = performance.now() + CLOSE_MS
    // Its own connection may have been silent for too long.
    await this.#topic.remove(await this.#topic.dial(untilMs), untilMs)
  }
}
