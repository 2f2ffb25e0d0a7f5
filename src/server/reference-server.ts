import { type Faults, FaultyBackplane } from '../backplane/faulty.ts'
import { openBackplane } from '../backplane/in-process.ts'
import { transports } from '../transports/registry.ts'
import type { Publication, ServerLimits } from '../transports/transport.ts'
import { answerJson } from '../transports/visit.ts'
import { EventLog } from './event-log.ts'
import { HttpFront } from './front.ts'
import { Gate } from './gate.ts'
import { EventHub } from './hub.ts'
import { publishHandler } from './publish.ts'
import { Statistics } from './statistics.ts'

export interface ServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** The number of free ports in addition: each takes so many clients of one host. */
  readonly morePorts?: number
  readonly token: string | null
  /** Exact origins whose pages may use the server, beside its own. */
  readonly origins: readonly string[]
  /** Events retained for resuming clients. */
  readonly logSize: number
  readonly limits: ServerLimits
  readonly backplane: string
  /** The faults that it makes on purpose; null for none. */
  readonly faults: Faults | null
}

/** The most events that a log retains. */
export const MAX_LOG_SIZE = 4_000_000

export const DEFAULT_LIMITS: ServerLimits = {
  holdMs: 30_000,
  heartbeatMs: 15_000,
  pingMs: 25_000,
  retryMs: 1_000,
  maxBufferedBytes: 1024 * 1024,
  answerMs: 10_000,
  maxMessageBytes: 64 * 1024,
  maxChannels: 64,
}

export const DEFAULT_SERVER_OPTIONS: ServerOptions = {
  host: '127.0.0.1',
  port: 0,
  token: null,
  origins: [],
  logSize: 16_384,
  limits: DEFAULT_LIMITS,
  backplane: 'memory',
  faults: null,
}

export type RunningServer = Awaited<ReturnType<typeof startServer>>

/** Starts the reference server: every transport of the registry on one port, over one hub. */
export async function startServer(options: ServerOptions) {
  const log = new EventLog(options.logSize)
  const backplane = openBackplane<Publication>(options.backplane)
  const faulty = options.faults === null ? null : new FaultyBackplane(backplane, options.faults)
  const hub = new EventHub(log, faulty ?? backplane, options.limits)
  await hub.join()
  const statistics = new Statistics(faulty?.counts ?? null)
  const gate = new Gate(options.token, options.origins, options.host)
  const front = new HttpFront(gate, () => statistics.watch.enter())
  for (const transport of transports) {
    const meter = { held: 0, deliveries: 0, slowConsumers: 0, gapSignals: 0 }
    statistics.meters.set(transport.name, meter)
    await transport.mount(front, hub, meter)
  }
  front.post('/publish', publishHandler(hub))
  front.get('/stats', ({ response, query }) => {
    answerJson(response, 200, statistics.read(hub, log, front, query))
  })
  // Answers with what the old window had.
  front.post('/stats/reset', ({ response, query }) => {
    const reading = statistics.read(hub, log, front, query)
    statistics.reset(hub)
    answerJson(response, 200, reading)
  })
  front.get('/ready', ({ response }) => answerJson(response, 200, { ready: true }))
  const port = await front.listen(options.host, options.port)
  const ports = [port]
  for (let more = options.morePorts ?? 0; more > 0; more--) {
    ports.push(await front.listenAlso(options.host))
  }
  return { port, ports, routes: front.routes, drain: () => front.drain() }
}
