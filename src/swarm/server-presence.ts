import { connect } from 'node:net'
import { Client } from 'undici'
import { RtbenchError } from '../error.ts'
import { type Clock, NS_PER_MS, nowNs } from '../measure/clock.ts'
import { writeDuration } from '../scenario/units.ts'
import type { Target } from '../transports/transport.ts'
import { secureOptions } from '../wire/secure.ts'
import { originOf } from '../wire/socket.ts'

/** Requests under way at once on the one connection. */
const PIPELINING = 1024
const KEEP_ALIVE_MS = 600_000

/**
 * A connection to the server's control plane. Requests keep their order, and none waits for the
 * answer to the one before.
 */
export function controlClient(target: Target): Client {
  return new Client(originOf(target), {
    pipelining: PIPELINING,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    ...(target.secure ? { connect: secureOptions(target) } : {}),
  })
}

export function controlHeaders(target: Target): Record<string, string> {
  const token = target.token === null ? {} : { authorization: `Bearer ${target.token}` }
  return { host: target.authority, ...token }
}

const PATIENCE_MS = 3_000

/** Resolves when something accepts connections at a target; throws what to do otherwise. */
export async function assertReachable({ host, port, authority, basePath }: Target): Promise<void> {
  const cause = await new Promise<string | null>((resolve) => {
    const socket = connect({ host, port, timeout: PATIENCE_MS })
    const end = (why: string | null): void => {
      socket.destroy()
      resolve(why)
    }
    socket.once('connect', () => end(null))
    socket.once('timeout', () => end(`no answer within ${writeDuration(PATIENCE_MS)}`))
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.name))
  })
  if (cause !== null) throw unanswered(`${authority}${basePath}`, cause)
}

/** The refusal of a server that is not there. */
export function unanswered(at: string, why: string, cause?: unknown): RtbenchError {
  return new RtbenchError(
    'cannot-run',
    `no server answers at ${at} (${why}); is it running?`,
    cause,
  )
}

const STEP_MS = 1_000
/** A server that is started anew within this time is not lost: its outage is what was measured. */
const GONE_MS = 5_000

export interface Guarded {
  /** Whether a client of the swarm is connected. */
  isHeld(): boolean
  isThere(): Promise<boolean>
}

/**
 * Notices that a server is gone which is nobody's child, so that no exit tells: for a while it holds
 * no connection, and does not answer. One that is merely stopped, or out of reach, holds them still.
 */
export class ServerGuard {
  readonly #guarded: Guarded
  readonly #lose: () => void
  readonly #clock: Clock
  readonly #ticker: NodeJS.Timeout
  #goneSinceNs: number | null = null
  #isLooking = false
  #isStopped = false

  /** @param lose called once, when it is gone */
  constructor(guarded: Guarded, lose: () => void, clock: Clock = nowNs) {
    this.#guarded = guarded
    this.#lose = lose
    this.#clock = clock
    this.#ticker = setInterval(() => void this.look(), STEP_MS)
  }

  /** Looks whether it is there; done once a second. Never rejects. */
  async look(): Promise<void> {
    if (this.#isLooking || this.#isStopped) return
    this.#isLooking = true
    const atNs = this.#clock()
    const isThere = this.#guarded.isHeld() || (await this.#guarded.isThere())
    this.#isLooking = false
    if (isThere || this.#isStopped) {
      this.#goneSinceNs = null
      return
    }
    this.#goneSinceNs ??= atNs
    if (atNs - this.#goneSinceNs < GONE_MS * NS_PER_MS) return
    this.stop()
    this.#lose()
  }

  stop(): void {
    this.#isStopped = true
    clearInterval(this.#ticker)
  }
}
