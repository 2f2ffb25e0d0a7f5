/** The proxy of a scenario: a program between its clients and the one server of a run. */
import { randomBytes } from 'node:crypto'
import { type IncomingMessage, request } from 'node:http'
import type { Passing } from '../balancer/balancer.ts'
import { type Installed, type RunningFront, startProgram } from '../balancer/running.ts'
import { RtbenchError } from '../error.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Target, Transport } from '../transports/transport.ts'
import { proxyNamed } from '../via/registry.ts'
import { type Configuration, namedConfiguration, type Via } from '../via/via.ts'
import type { StartedFront } from './front.ts'
import { passingOf } from './passing.ts'
import { ownTarget } from './plan.ts'

/** How a scenario's clients come to the server; null where nothing is in between. */
export interface Way {
  readonly proxy: Via
  readonly configuration: Configuration
}

/**
 * The one proxy of a scenario that is to be run.
 * @throws RtbenchError `usage` where it names several, which is a matrix
 */
export function wayOf({ via, viaConfig }: Pick<Scenario, 'via' | 'viaConfig'>): Way | null {
  const [way, ...others] = waysOf({ via, viaConfig })
  if (others.length === 0) return way ?? null
  const text = `${via.join(', ')} as ${viaConfig.join(', ')} is a matrix, and a run goes through one of them; expected one, or rtbench probe`
  throw new RtbenchError('usage', `--via: ${text}`)
}

/** All of them, proxy by proxy. */
export function waysOf({ via, viaConfig }: Pick<Scenario, 'via' | 'viaConfig'>): readonly Way[] {
  return via.map(proxyNamed).flatMap((proxy) =>
    viaConfig.map((configuration) => ({
      proxy,
      configuration: configuration as Configuration,
    })),
  )
}

/** Starts a proxy before a server that listens at this port. */
export async function startVia(
  program: Installed<Via>,
  { configuration }: Way,
  upstream: number,
  scenario: Scenario,
  transport: Transport,
): Promise<StartedFront> {
  const { kind, version } = program
  const passing = passingOf(scenario)
  checkRoom(kind, configuration, passing.clients)
  const { running, target } = await startBefore(program, configuration, upstream, passing)
  const { tunnel, basePath, ...bare } = target
  // In a tunnel the server is asked for its paths, and a forward proxy for whole URLs.
  const met = transport.traits.needsUpgrade
    ? { ...bare, basePath: '', ...(tunnel !== undefined && { tunnel }) }
    : { ...bare, basePath }
  return {
    name: kind.name,
    version,
    via: { configuration, role: kind.role },
    target: met,
    read: () => running.read(),
    onLost: (tell) => running.onLost(tell),
    stop: (hurry) => running.stop(hurry),
  }
}

/**
 * Starts a proxy in a configuration, and tells how the server is found through it: a forward one is asked for
 * whole URLs (RFC 9112, section 3.2.2), and for a tunnel by who makes another protocol of the connection.
 */
export async function startBefore(
  program: Installed<Via>,
  configuration: Configuration,
  upstream: number,
  passing: Passing,
): Promise<{ readonly running: RunningFront; readonly target: Target }> {
  const { kind } = program
  const { authority } = ownTarget([upstream])
  const isForward = kind.role === 'forward'
  const running = await startProgram(
    program,
    ([port = 0], folder) =>
      kind.configuration(configuration, { ...passing, port, upstream }, folder),
    1,
    isForward ? `http://${authority}/ready` : undefined,
  )
  const own = ownTarget(running.ports)
  const named = { authority, basePath: `http://${authority}`, tunnel: authority }
  return { running, target: isForward ? { ...own, ...named } : own }
}

/** More clients than a configuration has room for would be told as a server that does not answer. */
function checkRoom(proxy: Via, configuration: Configuration, clients: number): void {
  const room = proxy.room(configuration, { clients })
  if (room === null || clients <= room) return
  throw new RtbenchError(
    'cannot-run',
    `${namedConfiguration(proxy, configuration)} has room for the connections of ${room} clients, and there are ${clients}; use --clients ${room}, or --via-config recommended`,
  )
}

const PATIENCE_MS = 5_000

/**
 * Sees that a proxy lets the upgrade through that a technique needs, before its clients ask for it.
 * @throws RtbenchError `cannot-run` with what to do where it does not
 */
export async function checkUpgrade(
  { traits, label }: Transport,
  { proxy, configuration }: Way,
  { host, port, authority, tunnel }: Target,
): Promise<void> {
  if (!traits.needsUpgrade) return
  const ask =
    tunnel === undefined
      ? { path: '/ws', headers: { Host: authority, ...upgradeHeaders() } }
      : { method: 'CONNECT', path: tunnel, headers: { Host: tunnel } }
  const status = await new Promise<number | null>((resolve) => {
    const asked = request({ host, port, agent: false, timeout: PATIENCE_MS, ...ask })
    const told = ({ statusCode }: IncomingMessage): void => {
      resolve(statusCode ?? null)
      asked.destroy()
    }
    asked.once('response', told)
    asked.once('upgrade', (response, socket) => {
      socket.destroy()
      told(response)
    })
    asked.once('connect', (response, socket) => {
      socket.destroy()
      told(response)
    })
    asked.once('timeout', () => asked.destroy())
    asked.once('error', () => resolve(null))
    asked.end()
  })
  if (status === (tunnel === undefined ? 101 : 200)) return
  const said = status === null ? 'there was no answer' : `the answer was ${status}`
  const what =
    tunnel === undefined
      ? `does not pass Upgrade on, so that a WebSocket is blocked`
      : `refuses a tunnel to ${tunnel}, so that a WebSocket is blocked`
  const mend =
    configuration === 'recommended'
      ? 'look at what --print-via prints'
      : 'take --via-config recommended, or leave it out'
  throw new RtbenchError(
    'cannot-run',
    `${label} cannot be measured: ${namedConfiguration(proxy, configuration)} ${what} (${said}); ${mend}`,
  )
}

/** Any key will do: it is the clients who look at the answer's. */
function upgradeHeaders(): Readonly<Record<string, string>> {
  return {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
  }
}

/** Where the proxy and the server would listen, in a configuration that is shown. */
const SHOWN = { port: 8080, upstream: 8081 }
const SHOWN_FOLDER = '/tmp/rtbench-via'

/**
 * The configuration of a scenario's proxies, as a run would write them, with ports that are free ones then.
 * @throws RtbenchError `usage` where the scenario has none
 */
export function viaConfiguration(scenario: Scenario): string {
  const ways = waysOf(scenario)
  if (ways.length === 0) {
    throw new RtbenchError('usage', '--print-via: there is no proxy; expected --via with it')
  }
  const plan = { ...passingOf(scenario), ...SHOWN }
  return ways
    .map(({ proxy, configuration }) => proxy.configuration(configuration, plan, SHOWN_FOLDER))
    .join('\n')
}
