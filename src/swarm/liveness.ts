import { type Clock, NS_PER_MS } from '../measure/clock.ts'
import type { Heartbeats, Target, Transport, VirtualClient } from '../transports/transport.ts'

/** Each connection is looked at so often in the longest silence: what is found is late by three of these at most. */
const LOOKS = 20
/** Between two looks at a part of the clients. */
const STEP_MS = 50
/** From this share of the longest silence on the server is asked for a sign of life. */
const NUDGE_SHARE = 0.5

/** Heartbeats after which silence is no accident, as many clients have it. */
const MISSED_HEARTBEATS = 2.5

/**
 * The longest silence of a server on a held connection, milliseconds: as its description says, or by the
 * heartbeats that it tells of. Null where neither does.
 */
export function silenceOf(
  transport: Pick<Transport, 'heartbeatMs'>,
  targets: readonly Pick<Target, 'endpoint'>[],
  limits: Heartbeats | null,
): number | null {
  const described = targets[0]?.endpoint
  if (described !== undefined) return described.silence ?? null
  if (transport.heartbeatMs === undefined || limits === null) return null
  return MISSED_HEARTBEATS * transport.heartbeatMs(limits)
}

/**
 * Watches the connections of a shard for silence, as a client does that expects heartbeats. One timer looks at a
 * part of them at a time. Who has had a delivery since is alive; of the others the socket's own account tells what
 * has come. To ask 10,000 sockets that deliver each second took a twentieth of what receiving takes.
 */
export class Liveness {
  readonly #clients: readonly (VirtualClient | null)[]
  readonly #silenceNs: number
  readonly #clock: Clock
  /** By client: what had come when it was looked at last, and since when it has been no more. */
  readonly #heard: Float64Array
  readonly #sinceNs: Float64Array
  readonly #nudged: Uint8Array
  /** By client: 1 where a delivery has come since it was looked at. */
  readonly #delivered: Uint8Array
  readonly #onTick: () => void
  #next = 0
  #timer: NodeJS.Timeout | undefined
  #tickedNs = 0
  /** Time in which this process stood still, and could not have heard: it counts for nothing. */
  #deafNs = 0

  constructor(
    clients: readonly (VirtualClient | null)[],
    silenceMs: number,
    clock: Clock,
    onTick: () => void = () => {},
  ) {
    this.#clients = clients
    this.#silenceNs = silenceMs * NS_PER_MS
    this.#clock = clock
    this.#onTick = onTick
    this.#heard = new Float64Array(clients.length).fill(-1)
    this.#sinceNs = new Float64Array(clients.length)
    this.#nudged = new Uint8Array(clients.length)
    this.#delivered = new Uint8Array(clients.length)
  }

  /** A client has had one, by its place. */
  delivered(index: number): void {
    this.#delivered[index] = 1
  }

  start(): this {
    this.#tickedNs = this.#clock()
    this.#timer = setInterval(() => {
      this.#onTick()
      this.tick()
    }, STEP_MS)
    return this
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Looks at the clients whose turn it is. */
  tick(): void {
    const now = this.#clock()
    const passedNs = now - this.#tickedNs
    this.#tickedNs = now
    if (passedNs > 4 * STEP_MS * NS_PER_MS) this.#deafNs += passedNs
    const { length } = this.#clients
    const share = Math.min(1, (LOOKS * STEP_MS * NS_PER_MS) / this.#silenceNs)
    for (let left = Math.ceil(length * share); left > 0; left--) {
      this.#look(this.#next, now - this.#deafNs)
      this.#next = (this.#next + 1) % length
    }
  }

  #look(index: number, now: number): void {
    if (this.#delivered[index] === 1) {
      this.#delivered[index] = 0
      this.#alive(index, now)
      return
    }
    const client = this.#clients[index]
    const heard = client?.heard ?? -1
    if (heard !== this.#heard[index] || heard < 0) {
      this.#heard[index] = heard
      this.#alive(index, now)
      return
    }
    const silentNs = now - (this.#sinceNs[index] as number)
    if (silentNs >= this.#silenceNs) {
      this.#heard[index] = -1
      client?.giveUp?.()
    } else if (silentNs >= NUDGE_SHARE * this.#silenceNs && this.#nudged[index] === 0) {
      this.#nudged[index] = 1
      client?.nudge?.()
    }
  }

  #alive(index: number, now: number): void {
    this.#sinceNs[index] = now
    this.#nudged[index] = 0
  }
}
