import type { Client } from 'undici'
import { RtbenchError } from '../error.ts'
import type { LoopReading } from '../measure/loop.ts'
import { writeDuration } from '../scenario/units.ts'
import type { Target } from '../transports/transport.ts'
import { controlClient, controlHeaders } from './control.ts'
import { assertReachable } from './reach.ts'

const ANSWER_MS = 3_000
/** Far above any statistics; what is longer is somebody else's page. */
const MAX_ANSWER_BYTES = 1024 * 1024

/** What is read of an instance's `GET /stats`; counts run from its start. */
export interface InstanceReading {
  readonly pid?: number
  readonly upMs: number
  readonly transports: Readonly<
    Record<
      string,
      { readonly held: number; readonly deliveries: number; readonly slowConsumers: number }
    >
  >
  /** Unknown of an older server. */
  readonly limits?: { readonly holdMs: number }
  readonly cpu: { readonly userUs: number; readonly systemUs: number }
  readonly memory: { readonly rssBytes: number }
  readonly loop: LoopReading
  /** Unknown of an older server. */
  readonly fanOut?: {
    /** From acceptance to write, summed over receivers. */
    readonly waitedUs: number
    /** From first to last receiver, of so many events since the last reset. */
    readonly events: number
    readonly spanP99Us: number
    readonly spanMaxUs: number
  }
}

/** Reads the statistics of all instances; of a server that a scenario describes there are none. */
export class ServerWatch {
  readonly #targets: readonly Target[]
  readonly #clients: readonly Client[]
  #busy = false
  /** The last reading that every instance gave in a window. */
  latest: readonly InstanceReading[] | null = null

  constructor(targets: readonly Target[]) {
    this.#targets = targets
    this.#clients = targets.filter(tellsStatistics).map(controlClient)
  }

  /**
   * Resolves when every instance answers as a reference server, or a described one is there at all;
   * throws what to do otherwise.
   *
   * @param holdMs how long the server must hold polls; null for an own one, which was told so
   */
  async check(holdMs: number | null): Promise<void> {
    if (this.#isSilent) {
      await Promise.all(this.#targets.map(assertReachable))
      return
    }
    const readings = await Promise.all(this.#clients.map((_, index) => this.#read(index, '', true)))
    if (holdMs === null) return
    for (const [index, { limits }] of readings.entries()) {
      // An older server does not tell.
      if (limits === undefined || limits.holdMs === holdMs) continue
      const held = writeDuration(limits.holdMs)
      const wanted = writeDuration(holdMs)
      throw new RtbenchError(
        'cannot-run',
        `${this.#addressOf(index)} holds long polls for ${held}, and --hold is ${wanted}; give --hold ${held}, or start the server with --hold ${wanted}`,
      )
    }
  }

  /**
   * A reading by the way: null when an instance does not answer in time, or while the last one is
   * still awaited, since a server that stands still is not asked again and again.
   */
  async tick(): Promise<readonly InstanceReading[] | null> {
    if (this.#busy) return null
    this.#busy = true
    try {
      return await this.edge('')
    } finally {
      this.#busy = false
    }
  }

  /**
   * A reading that the run needs: asked for whatever is still awaited; null when an instance does
   * not answer in time.
   *
   * @param query `?reset` begins a new window of the loops' delay
   */
  async edge(query: string): Promise<readonly InstanceReading[] | null> {
    if (this.#isSilent) return null
    try {
      const readings = await Promise.all(
        this.#clients.map((_, index) => this.#read(index, query, false)),
      )
      // What is told with a reset is of the time before the window.
      if (query === '') this.latest = readings
      return readings
    } catch {
      return null
    }
  }

  /** Whether every instance still answers; a described one, whether it takes connections. */
  async isThere(): Promise<boolean> {
    if (!this.#isSilent) return (await this.edge('')) !== null
    return Promise.all(this.#targets.map(assertReachable)).then(
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

  async #read(index: number, query: string, explain: boolean): Promise<InstanceReading> {
    const target = this.#targets[index] as Target
    const at = this.#addressOf(index)
    const { status, text } = await (this.#clients[index] as Client)
      .request({
        method: query === '?reset' ? 'POST' : 'GET',
        path: `${target.basePath}/stats${query === '?reset' ? '/reset' : query}`,
        headers: controlHeaders(target),
        // Does not wait for the answer to a reading before.
        blocking: false,
        idempotent: true,
        signal: AbortSignal.timeout(ANSWER_MS),
      })
      .then(async ({ statusCode, body }) => ({ status: statusCode, text: await textOf(body) }))
      .catch(async (cause: Error) => {
        // Who wants to know why waits once more: for nobody to listen is another matter.
        if (explain && cause.name === 'TimeoutError') {
          await assertReachable(target)
          throw new RtbenchError(
            'cannot-run',
            `${at} accepted the connection but did not answer within ${writeDuration(ANSWER_MS)}; is it an rtbench server?`,
            cause,
          )
        }
        // A DOMException's code is a number that says nothing.
        const why = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name
        throw new RtbenchError(
          'cannot-run',
          `no server answers at ${at} (${why}); is it running?`,
          cause,
        )
      })
    if (explain && status === 401) {
      throw new RtbenchError(
        'cannot-run',
        `${at} wants a token; give it by --token or RTBENCH_TOKEN`,
      )
    }
    const reading = parseReading(text)
    if (status !== 200 || reading === null) {
      throw new RtbenchError(
        'cannot-run',
        `${at} is no rtbench server; start one by 'rtbench serve'`,
      )
    }
    return reading
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

function parseReading(text: string): InstanceReading | null {
  try {
    const value: unknown = JSON.parse(text)
    const named = typeof value === 'object' && value !== null && 'server' in value
    return named && value.server === 'rtbench' ? (value as unknown as InstanceReading) : null
  } catch {
    return null
  }
}
