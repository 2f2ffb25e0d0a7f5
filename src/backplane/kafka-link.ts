import { isIP, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from '@platformatic/kafka'
import { type KafkaAddress, parseKafkaUrl } from './kafka-url.ts'
import { causeOf as causeOfSystem } from './linked.ts'
import { loadOptional } from './optional-package.ts'

/** What a broker says of the topic's one partition. */
export type FetchedPartition = Awaited<
  ReturnType<Client['fetchV13']['api']['async']>
>['responses'][number]['partitions'][number]

type Client = typeof import('@platformatic/kafka')

/** A connection to the broker that leads the topic's one partition. */
export interface KafkaLink {
  readonly connection: Connection
  /** Another one after the topic was removed and made anew. */
  readonly topicId: string
}

/** Between two looks for what is not there yet, milliseconds. */
const STEP_MS = 50
/** What is forgotten on the bus goes after so long, milliseconds. */
const KEPT_MS = 24 * 3600 * 1000
/** The largest batch; requests to publish have at most 4 MiB. */
const MAX_BATCH_BYTES = 16 * 1024 * 1024

/**
 * Of each API the version that is spoken: what brokers from Kafka 3.1 on understand, which fetch by the
 * topic's id and so never take a new topic for the old one.
 */
const SPOKEN = [
  'metadataV12',
  'createTopicsV7',
  'deleteTopicsV6',
  'initProducerIdV4',
  'produceV9',
  'fetchV13',
  'listOffsetsV7',
  'deleteRecordsV2',
] as const

/** A namespace's topic on a Kafka cluster: the way to its leader, and the topic's making and removal. */
export class KafkaTopic {
  readonly client: Client
  readonly name: string
  readonly #address: KafkaAddress
  /** The cluster's brokers as they said last, to be asked when those of the URL are gone. */
  #known: KafkaAddress['brokers'] = []
  /** Bytes on connections that are no more. */
  #past = { bytesIn: 0, bytesOut: 0 }
  readonly #open = new Set<Connection>()
  #isClosed = false
  /** The topic was not there when it was looked for first. */
  isNew = false

  private constructor(client: Client, name: string, address: KafkaAddress) {
    this.client = client
    this.name = name
    this.#address = address
  }

  /** @throws RtbenchError `cannot-run` for a URL or a package that cannot be used */
  static async of(url: string, name: string): Promise<KafkaTopic> {
    const address = parseKafkaUrl(url)
    const load = (): Promise<Client> => import('@platformatic/kafka')
    const client = await loadOptional(url, '@platformatic/kafka@1', load)
    return new KafkaTopic(client, name, address)
  }

  /** Connects to the leader; the topic is made where it is not there. Takes no longer than until `untilMs`. */
  async dial(untilMs: number): Promise<KafkaLink> {
    let failure: unknown
    const brokers = [...this.#address.brokers, ...this.#known]
    for (const [index, { host, port }] of brokers.entries()) {
      const leftMs = untilMs - performance.now()
      if (index > 0 && leftMs <= 0) break
      try {
        // One that hangs leaves time for the next ones.
        return await this.#dialBy(host, port, untilMs - leftMs + leftMs / (brokers.length - index))
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }

  async #dialBy(host: string, port: number, untilMs: number): Promise<KafkaLink> {
    const first = await this.#connect(host, port, untilMs)
    try {
      const { brokers, topicId, leaderId } = await this.#find(first, untilMs)
      // One that is alone is taken to be where it was found: what it advertises may be known to its own network only.
      this.#known = brokers.length > 1 ? brokers : []
      if (brokers.length === 1) return { connection: first, topicId }
      const leader = brokers.find(({ nodeId }) => nodeId === leaderId)
      if (leader === undefined) throw new Error('the topic has no leader at the moment')
      const connection = await this.#connect(leader.host, leader.port, untilMs)
      void first.close()
      return { connection, topicId }
    } catch (error) {
      void first.close()
      throw error
    }
  }

  async #connect(host: string, port: number, untilMs: number): Promise<Connection> {
    const { login, isEncrypted } = this.#address
    const connectTimeout = Math.max(1, Math.ceil(untilMs - performance.now()))
    const connection = new this.client.Connection('rtbench', {
      connectTimeout,
      ...(login === null ? {} : { sasl: { mechanism: 'PLAIN', ...login } }),
      ...(isEncrypted ? { tls: {}, tlsServerName: isIP(host) === 0 } : {}),
    })
    // What goes wrong is told by the request that waits.
    connection.on('error', () => {})
    if (this.#isClosed) throw new Error('closed')
    const connected = connection.connect(host, port)
    this.#open.add(connection)
    connection.once('close', () => this.#book(connection))
    try {
      await connected
    } catch (error) {
      this.#book(connection)
      throw error
    }
    return connection
  }

  /** The topic as the cluster knows it; makes it where there is none, and waits until a broker leads it. */
  async #find(connection: Connection, untilMs: number) {
    const { metadataV12 } = this.client
    let refusal: unknown = null
    for (;;) {
      const asked = metadataV12.api.async(connection, [this.name], false, false)
      try {
        const { brokers, topics } = await answered(connection, asked, untilMs)
        const [topic] = topics
        const [partition, ...others] = topic?.partitions ?? []
        if (others.length > 0) throw new Error(`the topic ${this.name} has more than one partition`)
        if (topic !== undefined && partition !== undefined && partition.leaderId >= 0) {
          return { brokers, topicId: topic.topicId, leaderId: partition.leaderId }
        }
      } catch (error) {
        if (isRefusal(error, 'UNKNOWN_TOPIC_OR_PARTITION')) {
          refusal = await this.#create(connection, untilMs)
        } else if (!isRefusal(error, 'LEADER_NOT_AVAILABLE')) throw error
      }
      await sleep(STEP_MS)
      if (performance.now() > untilMs) {
        throw refusal ?? new Error(`no broker leads the topic ${this.name}`)
      }
    }
  }

  /** Makes the topic; returns what stood in the way and may pass, or null. */
  async #create(connection: Connection, untilMs: number): Promise<unknown> {
    const settings = {
      'cleanup.policy': 'delete',
      'retention.ms': KEPT_MS,
      'retention.bytes': -1,
      'segment.bytes': 4 * MAX_BATCH_BYTES,
      'max.message.bytes': MAX_BATCH_BYTES,
      'message.timestamp.type': 'LogAppendTime',
      'compression.type': 'producer',
      'unclean.leader.election.enable': false,
    }
    const configs = Object.entries(settings).map(([name, value]) => ({ name, value: `${value}` }))
    // Replicated as the cluster's own default has it.
    const topic = {
      name: this.name,
      numPartitions: 1,
      replicationFactor: -1,
      assignments: [],
      configs,
    }
    const timeoutMs = Math.max(1, Math.round(untilMs - performance.now()))
    const asked = this.client.createTopicsV7.api.async(connection, [topic], timeoutMs, false)
    try {
      await answered(connection, asked, untilMs)
      this.isNew = true
      return null
    } catch (error) {
      // Another instance was faster, or this broker has not yet heard of it; or too few brokers are back yet.
      const passing = ['TOPIC_ALREADY_EXISTS', 'INVALID_REPLICATION_FACTOR']
      if (!passing.some((name) => isRefusal(error, name))) throw error
      return error
    }
  }

  /** Removes the topic of this id, whatever has its name by now. */
  async remove({ connection, topicId }: KafkaLink, untilMs: number): Promise<void> {
    const timeoutMs = Math.max(1, Math.round(untilMs - performance.now()))
    // By id the name is null on the wire, which the client's types do not know.
    const topic = { name: null as unknown as string, topicId }
    const asked = this.client.deleteTopicsV6.api.async(connection, [topic], timeoutMs)
    try {
      await answered(connection, asked, untilMs)
    } catch (error) {
      if (!isRefusal(error, 'UNKNOWN_TOPIC_ID')) throw error
    }
  }

  /** @throws Error where the broker does not speak what is spoken here */
  async check({ connection }: KafkaLink, untilMs: number): Promise<void> {
    const asked = this.client.apiVersionsV3.api.async(connection, 'rtbench', '1')
    const { apiKeys } = await answered(connection, asked, untilMs)
    for (const name of SPOKEN) {
      const { key, version } = this.client[name].api
      const offered = apiKeys.find(({ apiKey }) => apiKey === key)
      if (offered === undefined || offered.minVersion > version || offered.maxVersion < version) {
        throw new Error('the broker is older than Kafka 3.1, or speaks another protocol in part')
      }
    }
  }

  /** One of the sockets to the leader, or to one that tells who leads; null while there is none. */
  get socket(): Socket | null {
    const [connection] = this.#open
    return connection?.socket ?? null
  }

  /** Bytes on all connections so far. */
  get traffic(): { readonly bytesIn: number; readonly bytesOut: number } {
    let { bytesIn, bytesOut } = this.#past
    for (const { socket } of this.#open) {
      bytesIn += socket.bytesRead
      bytesOut += socket.bytesWritten
    }
    return { bytesIn, bytesOut }
  }

  #book(connection: Connection): void {
    if (!this.#open.delete(connection)) return
    this.#past.bytesIn += connection.socket.bytesRead
    this.#past.bytesOut += connection.socket.bytesWritten
  }

  /** Ends all connections, those that are not yet made too. */
  close(): void {
    this.#isClosed = true
    for (const connection of this.#open) {
      connection.socket.destroy()
      // Who waits for it to be made would wait in vain.
      connection.emit('close')
    }
  }
}

/** What a broker answers; a connection whose answer is late is ended. */
export async function answered<Answer>(
  connection: Connection,
  asked: Promise<Answer>,
  untilMs: number,
): Promise<Answer> {
  const begunMs = performance.now()
  let isLate = false
  const timer = setTimeout(
    () => {
      isLate = true
      connection.socket.destroy()
    },
    Math.max(1, untilMs - begunMs),
  )
  try {
    return await asked
  } catch (error) {
    if (!isLate) throw error
    throw new Error(`no answer within ${((untilMs - begunMs) / 1000).toFixed(1)} s`)
  } finally {
    clearTimeout(timer)
  }
}

/** Whether a broker's answer is this refusal, by its name in the protocol. */
export function isRefusal(error: unknown, name: string): boolean {
  const { apiId, errors } = error as { apiId?: string; errors?: readonly unknown[] }
  return apiId === name || (errors ?? []).some((each) => isRefusal(each, name))
}

/** Whether a broker's answer is a refusal that would be the same again. */
export function isFinal(error: unknown): boolean {
  const { apiId, canRetry, errors } = error as {
    apiId?: string
    canRetry?: boolean
    errors?: readonly unknown[]
  }
  return (apiId !== undefined && canRetry === false) || (errors ?? []).some(isFinal)
}

/** The one line that matters of an error of the client's. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return `${error}`
  const { errors } = error as Error & { errors?: readonly unknown[] }
  if (errors?.[0] !== undefined) return causeOf(errors[0])
  const { apiId, code } = error as Error & { apiId?: string; code?: string }
  if (apiId === 'SASL_AUTHENTICATION_FAILED')
    return 'the broker does not accept this user and password'
  if (apiId === 'UNSUPPORTED_SASL_MECHANISM' || apiId === 'ILLEGAL_SASL_STATE') {
    return 'the broker does not let anybody log in by SASL/PLAIN'
  }
  if (apiId !== undefined) return `the broker answers ${apiId}`
  if (error.cause instanceof Error) return causeOf(error.cause)
  if (code === 'PLT_KFK_NETWORK' && /closed/.test(error.message)) {
    return 'the broker ended the connection (it may want user:password@ or ?tls=true)'
  }
  return causeOfSystem(error)
}
