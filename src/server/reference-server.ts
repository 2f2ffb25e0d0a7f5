import type { BusOptions } from '../backplane/backplane.ts'
import { type FaultCounts, type Faults, FaultyIntake } from '../backplane/faulty.ts'
import { kindOf, openBackplane } from '../backplane/registry.ts'
import { transports } from '../transports/registry.ts'
import type { ServerLimits, Visit } from '../transports/transport.ts'
import { answerJson } from '../transports/visit.ts'
import { BusWatch } from './bus-watch.ts'
import { EventLog } from './event-log.ts'
import { type Flaw, FlawedHub } from './flawed-hub.ts'
import { HttpFront } from './front.ts'
import { Gate } from './gate.ts'
import { EventHub } from './hub.ts'
import type { Identity } from './identity.ts'
import { publishHandler } from './publish.ts'
import { Statistics } from './statistics.ts'

export interface BusMembership extends Omit<BusOptions, 'retain'> {
  readonly url: string
}

export interface ServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** The number of free ports in addition: each takes so many clients of one host. */
  readonly morePorts?: number
  /** These ones, in place of free ones: of an instance that is started again. */
  readonly samePorts?: readonly number[]
  /** Speaks TLS as whom; null speaks none. */
  readonly identity: Identity | null
  /** Speaks HTTP/2, too, with who begins with it or chooses it in TLS. */
  readonly http2: boolean
  readonly token: string | null
  /** Exact origins whose pages may use the server, beside its own. */
  readonly origins: readonly string[]
  /** Events retained for resuming clients. */
  readonly logSize: number
  readonly limits: ServerLimits
  /** The bus over which events come from other instances, too; null for none. */
  readonly bus: BusMembership | null
  /** The faults that it makes on purpose; null for none. */
  readonly faults: Faults | null
  /** A bug that it has on purpose, of which no flag knows. */
  readonly flaw?: Flaw | null
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

/** The usual limits but for what is asked for; a heartbeat is one of streams and sockets alike. */
export function limitsOf({
  holdMs,
  heartbeatMs,
}: {
  readonly holdMs: number | null
  readonly heartbeatMs: number | null
}): ServerLimits {
  return {
    ...DEFAULT_LIMITS,
    ...(holdMs === null ? {} : { holdMs }),
    ...(heartbeatMs === null ? {} : { heartbeatMs, pingMs: heartbeatMs }),
  }
}

export const DEFAULT_SERVER_OPTIONS: ServerOptions = {
  host: '127.0.0.1',
  port: 0,
  identity: null,
  http2: false,
  token: null,
  origins: [],
  logSize: 16_384,
  limits: DEFAULT_LIMITS,
  bus: null,
  faults: null,
}

export type RunningServer = Awaited<ReturnType<typeof startServer>>

/** Starts the reference server: every transport of the registry on one port, over one hub. */
export async function startServer(options: ServerOptions) {
  const log = new EventLog(options.logSize)
  const { limits, flaw = null } = options
  const hub = flaw === null ? new EventHub(log, limits) : new FlawedHub(flaw, log, limits)
  const bus = await joinBus(hub, options)
  let faults: Readonly<FaultCounts> | null = null
  if (options.faults !== null) {
    const made = options.faults
    hub.intercept((inner) => {
      const faulty = new FaultyIntake(inner, made)
      faults = faulty.counts
      return faulty
    })
  }
  const statistics = new Statistics(faults, bus?.watch ?? null)
  const scheme = options.identity === null ? 'http' : 'https'
  const gate = new Gate(options.token, options.origins, options.host, scheme)
  const front = new HttpFront(gate, options, () => statistics.watch.enter())
  for (const transport of transports) {
    const meter = { held: 0, deliveries: 0, slowConsumers: 0, gapSignals: 0 }
    statistics.meters.set(transport.name, meter)
    await transport.mount(front, hub, meter)
  }
  front.post('/publish', publishHandler(hub))
  const tell = ({ response, query }: Visit): void => {
    const reading = statistics.read(hub, log, front, query)
    // Its process is asked only when somebody wants to know.
    if (bus === null || !query.has('bus')) answerJson(response, 200, reading)
    else
      void bus.watch
        .readAll(query.has('hops'))
        .then((read) => answerJson(response, 200, { ...reading, bus: read }))
  }
  front.get('/stats', tell)
  // Answers with what the old window had.
  front.post('/stats/reset', (visit) => {
    tell(visit)
    statistics.reset(hub, visit.query)
  })
  front.get('/ready', ({ response }) => answerJson(response, 200, { ready: true }))
  const port = await front.listen(options.host, options.port)
  const ports = [port]
  for (let more = options.morePorts ?? 0; more > 0; more--) {
    ports.push(await front.listenAlso(options.host, options.samePorts?.[ports.length]))
  }
  statistics.listens()
  const drain = async (): Promise<void> => {
    await front.drain()
    await bus?.close()
  }
  const leave = (withinMs: number): number => front.leave(withinMs)
  return { port, ports, routes: front.routes, drain, leave }
}

/** Puts a hub on its bus; what the bus's store retains is there when it resolves. */
async function joinBus(hub: EventHub, { bus: membership, logSize }: ServerOptions) {
  if (membership === null) return null
  const { url, ...options } = membership
  const bus = await openBackplane(url, { ...options, retain: logSize })
  const watch = new BusWatch(bus, kindOf(url)?.label ?? '', options.routing)
  await hub.join(bus, watch)
  return { watch, close: () => bus.close() }
}
