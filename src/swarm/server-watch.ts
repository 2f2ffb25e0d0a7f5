import type { Client } from 'undici'
import { RtbenchError } from '../error.ts'
import { NS_PER_MS, nowNs } from '../measure/clock.ts'
import type { Wait } from '../measure/lateness.ts'
import type { WrongStatistics } from '../measure/validity.ts'
import { writeDuration } from '../scenario/units.ts'
import type { Heartbeats, Target } from '../transports/transport.ts'
import { assertReachable, controlClient, controlHeaders, unanswered } from './server-presence.ts'
import {
  type Dated,
  FOREIGN,
  follow,
  type InstanceReading,
  parseReading,
  type Readings,
} from './server-reading.ts'

const ANSWER_MS = 3_000
/** Far above any statistics; what is longer is somebody else's page. */
const MAX_ANSWER_BYTES = 1024 * 1024

/** An answer, whatever it says. */
interface Told extends Omit<Dated, 'reading'> {
  readonly status: number
  readonly text: string
}

/** An edge of the window; what begins resets the loops' delay and cuts the window into blocks. */
export type WindowEdge = { readonly at: 'begin'; readonly blockMs: number } | { readonly at: 'end' }

/** Reads the statistics of all instances; of a server that a scenario describes there are none. */
export class ServerWatch {
  readonly #targets: readonly Target[]
  readonly #transport: string
  readonly #clients: readonly Client[]
  /** By instance: the number of the first wait that it has not told of. */
  readonly #nextWaits: number[]
  /** Told of an instance's waits for a processor, all up to a moment. */
  onWaits: (instance: number, waits: readonly Wait[], untilNs: number) => void = () => {}
  /** By instance, what it told last. */
  readonly #before: (Dated | undefined)[] = []
  #busy = false
  /** What was told since the check that could not be believed; null where there is none. */
  wrong: WrongStatistics | null = null
  /** The last reading that every instance gave in a window. */
  latest: Readings | null = null

  /** @param transport whose figures every reading must have */
  constructor(targets: readonly Target[], transport: string) {
    this.#targets = targets
    this.#transport = transport
    this.#clients = targets.filter(tellsStatistics).map(controlClient)
    this.#nextWaits = this.#clients.map(() => 0)
  }

  /**
   * Resolves when every instance answers as a reference server, or a described one is there at all;
   * throws what to do otherwise.
   *
   * @param holdMs how long the server must hold polls at least; null for an own one, which was told so
   * @returns how often it is heard of on connections that it holds; null where it does not tell
   */
  async check(holdMs: number | null): Promise<Heartbeats | null> {
    if (this.#isSilent) await Promise.all(this.#targets.map(assertReachable))
    const readings = await Promise.all(this.#clients.map((_, index) => this.#firstOf(index)))
    for (const [index, { limits }] of readings.entries()) {
      // An older server does not tell. One that may hold for longer is asked for less.
      if (holdMs === null || limits === undefined || limits.holdMs >= holdMs) continue
      const held = writeDuration(limits.holdMs)
      const wanted = writeDuration(holdMs)
      throw new RtbenchError(
        'cannot-run',
        `${this.#addressOf(index)} holds long polls for ${held}, and --hold is ${wanted}; give --hold ${held}, or start the server with --hold ${wanted}`,
      )
    }
    const told = readings.map(({ limits: { heartbeatMs, pingMs } = { holdMs: 0 } }) =>
      heartbeatMs === undefined || pingMs === undefined ? null : { heartbeatMs, pingMs },
    )
    const heartbeats = told.filter((each) => each !== null)
    if (heartbeats.length < told.length || heartbeats.length === 0) return null
    return {
      heartbeatMs: Math.max(...heartbeats.map(({ heartbeatMs }) => heartbeatMs)),
      pingMs: Math.max(...heartbeats.map(({ pingMs }) => pingMs)),
    }
  }

  /**
   * A reading by the way: null when an instance does not answer in time, or while the last one is
   * still awaited, since a server that stands still is not asked again and again.
   */
  async tick(): Promise<Readings | null> {
    if (this.#busy) return null
    this.#busy = true
    try {
      return await this.edge()
    } finally {
      this.#busy = false
    }
  }

  /**
   * A reading that the run needs: asked for whatever is still awaited; null when an instance does
   * not answer in time, or nothing that can be.
   *
   * @param of the window, at which one of the instances is asked what the process of its bus takes
   */
  async edge(of: WindowEdge | null = null): Promise<Readings | null> {
    if (this.#isSilent) return null
    const readings = await Promise.all(
      this.#clients.map((_, index) => this.#ask(index, of).then(this.#believe(index), () => null)),
    )
    const known = readings.filter((reading) => reading !== null)
    if (known.length < readings.length) return null
    // What is told with a reset is of the time before the window.
    if (of?.at !== 'begin') this.latest = known
    return known
  }

  /** Whether every instance still answers, whatever it says; a described one, whether it takes connections. */
  async isThere(): Promise<boolean> {
    const answers: readonly Promise<unknown>[] = this.#isSilent
      ? this.#targets.map(assertReachable)
      : this.#clients.map((_, index) => this.#ask(index))
    return Promise.all(answers).then(
      () => true,
      () => false,
    )
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.destroy()))
  }

  /** Nobody can be asked. */
  get #isSilent(): boolean {
    return this.#clients.length === 0
  }

  #addressOf(index: number): string {
    const { authority, basePath } = this.#targets[index] as Target
    return `${authority}${basePath}`
  }

  async #ask(index: number, of: WindowEdge | null = null): Promise<Told> {
    const resets = of?.at === 'begin'
    const query = [
      `waits=${this.#nextWaits[index]}`,
      ...(index === 0 && of !== null ? ['bus'] : []),
      ...(of === null ? [] : [resets ? `block=${of.blockMs}` : 'hops']),
    ]
    const target = this.#targets[index] as Target
    const askedAtMs = nowNs() / NS_PER_MS
    const { statusCode, body } = await (this.#clients[index] as Client).request({
      // What begins a new window of the server's own is no GET (RFC 9110 section 9.2.1).
      method: resets ? 'POST' : 'GET',
      path: `${target.basePath}/stats${resets ? '/reset' : ''}?${query.join('&')}`,
      headers: controlHeaders(target),
      // Does not wait for the answer to a reading before.
      blocking: false,
      idempotent: true,
      signal: AbortSignal.timeout(ANSWER_MS),
    })
    const text = await textOf(body)
    return { status: statusCode, text, askedAtMs, hadAtMs: nowNs() / NS_PER_MS }
  }

  /** Takes an instance's answer for a reading, or books it as wrong. */
  #believe(index: number): (told: Told) => InstanceReading | null {
    return (told) => {
      const read = this.#follow(index, told)
      if (typeof read !== 'string') return read
      this.wrong ??= { count: 0, at: this.#addressOf(index), problem: read }
      this.wrong = { ...this.wrong, count: this.wrong.count + 1 }
      return null
    }
  }

  /** The reading, or in a line why it is none. */
  #follow(index: number, { status, text, askedAtMs, hadAtMs }: Told): InstanceReading | string {
    if (status !== 200) return `http-${status}`
    const reading = parseReading(text, this.#transport)
    if (typeof reading === 'string') return reading
    const before = this.#before[index]
    const dated = { reading, askedAtMs, hadAtMs }
    const restarts = before === undefined ? 0 : follow(before, dated)
    if (typeof restarts === 'string') return restarts
    const followed = { ...reading, restarts }
    this.#before[index] = { ...dated, reading: followed }
    this.#hear(index, dated)
    return followed
  }

  /** The first reading of an instance; throws what to do where there is none. */
  async #firstOf(index: number): Promise<InstanceReading> {
    const target = this.#targets[index] as Target
    const at = this.#addressOf(index)
    const fail = (text: string, cause?: unknown): never => {
      throw new RtbenchError('cannot-run', `${at} ${text}`, cause)
    }
    const told = await this.#ask(index).catch(async (cause: Error) => {
      // Who wants to know why waits once more: for nobody to listen is another matter.
      if (cause.name === 'TimeoutError') {
        await assertReachable(target)
        return fail(
          `accepted the connection but did not answer within ${writeDuration(ANSWER_MS)}; is it an rtbench server?`,
          cause,
        )
      }
      // A DOMException's code is a number that says nothing.
      const why = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name
      throw unanswered(at, why, cause)
    })
    if (told.status === 401) fail('wants a token; give it by --token or RTBENCH_TOKEN')
    if (told.status >= 500) fail(`answered GET /stats with ${told.status}; look at its log`)
    const read = this.#follow(index, told)
    if (typeof read !== 'string') return read
    if (told.status !== 200 || read === FOREIGN) {
      fail("is no rtbench server; start one by 'rtbench serve'")
    }
    return fail(`tells wrong statistics (${read}); is it an rtbench of another version?`)
  }

  /** Passes its waits on, if they are of this host's clock. */
  #hear(index: number, { reading, askedAtMs, hadAtMs }: Dated): void {
    const { waits } = reading
    if (waits === undefined) return
    const { atNs, next, spans } = waits
    if (atNs < askedAtMs * NS_PER_MS || atNs > hadAtMs * NS_PER_MS) return
    // Another reading may have told of some already, or the server was started anew.
    const known = this.#nextWaits[index] as number
    const news = spans.slice(next < known ? 0 : Math.max(0, known - (next - spans.length)))
    this.#nextWaits[index] = next
    this.onWaits(
      index,
      news.map(([startNs, endNs, waitNs, behindNs = 0]) => ({ startNs, endNs, waitNs, behindNs })),
      atNs,
    )
  }
}

/** A server that a scenario describes is not rtbench's, and is asked nothing beyond that. */
export function tellsStatistics({ endpoint }: Target): boolean {
  return endpoint === undefined
}

/** A body's text, or so much of it that it is none of ours. */
async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of body) {
    pieces.push(piece)
    bytes += piece.length
    if (bytes > MAX_ANSWER_BYTES) break
  }
  return Buffer.concat(pieces).toString()
}
