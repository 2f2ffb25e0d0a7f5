import { randomInt } from 'node:crypto'
import { shownUrl } from '../../backplane/bus-url.ts'
import type { Faults } from '../../backplane/faulty.ts'
import { RtbenchError } from '../../error.ts'
import { isLoopback } from '../../experiment/plan.ts'
import { readPair } from '../../experiment/trust.ts'
import { didYouMean } from '../../scenario/suggestion.ts'
import {
  isRefusal,
  parseCount,
  parseDuration,
  type Refusal,
  writeDuration,
} from '../../scenario/units.ts'
import { type Identity, identityOf, ownIdentity } from '../../server/identity.ts'
import { type Connecting, startConnected } from '../../server/instances.ts'
import {
  type BusMembership,
  DEFAULT_SERVER_OPTIONS,
  limitsOf,
  MAX_LOG_SIZE,
  type ServerOptions,
  startServer,
} from '../../server/reference-server.ts'
import { tell } from '../../tell.ts'
import { ExitCode } from '../exit-code.ts'
import { readFlag } from '../flags.ts'
import { type ConnectionFlags, connection, MOST_PORT } from './connection.ts'

/** Serves until SIGINT or SIGTERM, then drains. */
export async function act(options: ServeOptions): Promise<ExitCode> {
  const settings = {
    ...serverOptions(options, process.env),
    identity: await identity(options),
  }
  const { instances, ...connecting } = connection(options, process.env)
  const server = await (instances === 1
    ? serveHere(settings, connecting)
    : serveSeveral(instances, settings, connecting))
  tell(`rtbench serves on ${server.where}`)
  const { faults } = settings
  if (faults !== null) {
    tell(`rtbench misbehaves on purpose: ${describeFaults(faults)}`)
  }
  if (!isOwn(settings.host) && settings.token === null) {
    tell('rtbench: anybody who reaches this address may publish; set --token')
  }
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  await server.drain()
  return ExitCode.done
}

interface Serving {
  /** In words. */
  readonly where: string
  drain(): Promise<void>
}

async function serveHere(settings: ServerOptions, connecting: Connecting): Promise<Serving> {
  const bus = membershipOf(connecting)
  const server = await startServer({ ...settings, bus }).catch((error: NodeJS.ErrnoException) => {
    if (error instanceof RtbenchError) throw error
    const hint = error.code === 'EADDRINUSE' ? '; choose another --port' : ''
    const where = `${inUrl(settings.host)}:${settings.port}`
    throw new RtbenchError('cannot-run', `cannot listen on ${where} (${error.code})${hint}`, error)
  })
  const address = `${schemeOf(settings)}://${inUrl(settings.host)}:${server.port}`
  return { where: `${address}: ${server.routes.join(', ')}`, drain: server.drain }
}

async function serveSeveral(
  count: number,
  settings: ServerOptions,
  connecting: Connecting,
): Promise<Serving> {
  const { host, port } = settings
  const ports = Array.from({ length: count }, (_, index) => (port === 0 ? 0 : port + index))
  const instances = await startConnected(count, settings, connecting, ports)
  instances.onLost(() => {
    tell('rtbench: an instance ended by itself, and its clients with it')
  })
  const addresses = instances.ports.map((own) => `${schemeOf(settings)}://${inUrl(host)}:${own}`)
  const bus =
    connecting.backplane === 'none'
      ? 'not connected with each other'
      : `connected by ${shownUrl(connecting.backplane)}`
  return { where: `${addresses.join(', ')}, ${bus}`, drain: () => instances.stop() }
}

/** The bus of an instance that may be alone here, and have others elsewhere. */
function membershipOf({ backplane, ...membership }: Connecting): BusMembership | null {
  return backplane === 'memory' || backplane === 'none' ? null : { ...membership, url: backplane }
}

function schemeOf({ identity }: ServerOptions): string {
  return identity === null ? 'http' : 'https'
}

/** An IPv6 address has brackets in a URL. */
function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function isOwn(host: string): boolean {
  return host === 'localhost' || isLoopback(host)
}

const logSize = bounded(
  parseCount,
  [1, MAX_LOG_SIZE],
  'a count of events from 1 to 4M, such as 16k',
)
/** As in a scenario; also far below what a timer can wait. */
const period = bounded(parseDuration, [100, 600_000], 'a duration from 100ms to 10m, such as 30s')

/** The flags of `serve`, as they are written. */
export interface ServeOptions extends ConnectionFlags {
  readonly host?: string
  /** With a certificate of its own, unless one is given. */
  readonly tls?: boolean
  readonly cert?: string
  readonly key?: string
  readonly token?: string
  readonly allowOrigin?: readonly string[]
  readonly logSize?: string
  readonly hold?: string
  readonly heartbeat?: string
  readonly fault?: string
  readonly seed?: string
}

/**
 * Reads the flags of `serve`.
 * @throws RtbenchError `usage`, one line: the flag, what is wrong with its value, what is expected
 */
export function serverOptions(
  options: ServeOptions,
  environment: NodeJS.ProcessEnv,
): ServerOptions {
  const { hold, heartbeat } = options
  const token = options.token ?? environment['RTBENCH_TOKEN'] ?? ''
  return {
    host: options.host ?? DEFAULT_SERVER_OPTIONS.host,
    port: readFlag('--port', options.port ?? '8080', portNumber),
    token: token === '' ? null : token,
    origins: options.allowOrigin ?? [],
    logSize:
      options.logSize === undefined
        ? DEFAULT_SERVER_OPTIONS.logSize
        : readFlag('--log-size', options.logSize, logSize),
    limits: limitsOf({
      holdMs: hold === undefined ? null : readFlag('--hold', hold, period),
      heartbeatMs: heartbeat === undefined ? null : readFlag('--heartbeat', heartbeat, period),
    }),
    faults: faults(options),
    // See `connection` and `identity`.
    bus: null,
    identity: null,
    http2: true,
  }
}

/** As whom the server speaks TLS; null where it speaks none. */
async function identity({ tls, cert, key, host }: ServeOptions): Promise<Identity | null> {
  if (cert !== undefined && key !== undefined) {
    const pair = await readPair(['--cert', cert], ['--key', key])
    return identityOf(pair.cert, pair.key)
  }
  if (cert !== undefined || key !== undefined) {
    const [given, missing] = cert !== undefined ? ['cert', 'key'] : ['key', 'cert']
    throw new RtbenchError('usage', `--${given}: is one half; expected --${missing}, too`)
  }
  return tls === true ? ownIdentity(host) : null
}

function faults({ fault, seed }: ServeOptions): Faults | null {
  const given = seed === undefined ? null : readFlag('--seed', seed, seedNumber)
  if (fault !== undefined) {
    return { ...readFlag('--fault', fault, parseFaults), seed: given ?? randomInt(2 ** 32) }
  }
  if (given === null) return null
  throw new RtbenchError('usage', `--seed: ${seed} seeds nothing without faults; expected --fault`)
}

/** A parser of what is not out of these bounds. */
function bounded(
  parse: (text: string) => number | Refusal,
  [least, most]: readonly [number, number],
  expected: string,
) {
  return (text: string): number | Refusal => {
    const value = parse(text)
    if (isRefusal(value)) return { problem: `${value.problem}; expected ${expected}` }
    const isWithin = value >= least && value <= most
    return isWithin ? value : { problem: `is out of bounds; expected ${expected}` }
  }
}

function portNumber(text: string): number | Refusal {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  return port <= MOST_PORT ? port : { problem: 'is no port; expected 0 to 65535' }
}

function seedNumber(text: string): number | Refusal {
  const seed = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  return seed < 2 ** 32 ? seed : { problem: 'is no seed; expected 0 to 4294967295' }
}

/** Without the seed, which is a flag of its own. */
type FaultSpec = Omit<Faults, 'seed'>

const NAMES = ['delay', 'drop', 'duplicate', 'swap'] as const

const EXAMPLES = 'delay=20ms, delay=100ms/1%, drop=1/1000, duplicate=1/500 or swap=1/200'
const SHARES = 'a share above 0, at most 1, such as 1/500 or 1%'
const SUMS = 'shares of drop, duplicate and swap that sum up to 1 at most'
const LONGEST_DELAY_MS = 60_000
const DELAYS = 'a time up to 60s and, if not for all events, their share, such as 100ms/1%'

const NO_FAULTS: FaultSpec = { drop: 0, duplicate: 0, swap: 0, delay: { ms: 0, share: 0 } }

/** `drop=1/1000,delay=100ms/1%` → faults, each at most once. */
export function parseFaults(text: string): FaultSpec | Refusal {
  let spec = NO_FAULTS
  const given = new Set<string>()
  for (const part of text.split(',')) {
    const fault = parseFault(part)
    if (isRefusal(fault)) return part === text ? fault : within(part, fault)
    const [name = ''] = Object.keys(fault)
    if (given.has(name)) return { problem: `has ${name} twice; expected each fault once` }
    given.add(name)
    spec = { ...spec, ...fault }
  }
  // An event has one of them at most.
  if (spec.drop + spec.duplicate + spec.swap <= 1) return spec
  return { problem: `hits more than all events; expected ${SUMS}` }
}

/** One line for whoever starts the server; `parseFaults` reads its first part back. */
export function describeFaults(faults: Faults): string {
  const parts = NAMES.flatMap((name) => {
    if (name !== 'delay') return faults[name] > 0 ? [`${name}=${percent(faults[name])}`] : []
    const { ms, share } = faults.delay
    if (share === 0) return []
    return [`delay=${writeDuration(ms)}${share === 1 ? '' : `/${percent(share)}`}`]
  })
  return `${parts.join(',')}; seed ${faults.seed}`
}

function parseFault(part: string): Partial<FaultSpec> | Refusal {
  const [name = '', ...rest] = part.split('=')
  const value = rest.join('=')
  switch (name) {
    case 'delay': {
      const delay = parseDelay(value)
      return isRefusal(delay) ? delay : { delay }
    }
    case 'drop':
    case 'duplicate':
    case 'swap': {
      const share = parseShare(value)
      return isRefusal(share) ? share : { [name]: share }
    }
    default:
      return { problem: `is no fault${didYouMean(name, NAMES)}; expected ${EXAMPLES}` }
  }
}

function within(part: string, { problem }: Refusal): Refusal {
  return { problem: `has '${part}', which ${problem}` }
}

function parseDelay(text: string): FaultSpec['delay'] | Refusal {
  const slash = text.indexOf('/')
  const ms = parseDuration(slash === -1 ? text : text.slice(0, slash))
  if (isRefusal(ms)) return { problem: `${ms.problem}; expected ${DELAYS}` }
  if (ms === 0 || ms > LONGEST_DELAY_MS) return { problem: `is out of bounds; expected ${DELAYS}` }
  const share = slash === -1 ? 1 : parseShare(text.slice(slash + 1))
  return isRefusal(share) ? share : { ms, share }
}

/** `1/500`, `0.2%` → a number above 0, at most 1. */
function parseShare(text: string): number | Refusal {
  const match = /^(?:(\d{1,9})\/(\d{1,9})|(\d{1,3}(?:\.\d{1,9})?)%)$/.exec(text)
  if (match === null) return { problem: `has no share; expected ${SHARES}` }
  const [, hit, of, percentage] = match
  const share = percentage === undefined ? Number(hit) / Number(of) : Number(percentage) / 100
  return share > 0 && share <= 1 ? share : { problem: `is out of bounds; expected ${SHARES}` }
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(9))}%`
}
