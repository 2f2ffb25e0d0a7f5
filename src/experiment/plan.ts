import { randomInt } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { RtbenchError } from '../error.ts'
import { refuseHeaderValue } from '../scenario/http.ts'
import type { Bounds } from '../scenario/key.ts'
import { environmentLayer, type Layer } from '../scenario/layer.ts'
import { readScenarioFile } from '../scenario/load.ts'
import { type Plan, resolvePlan } from '../scenario/plan.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { TargetDescription } from '../scenario/target.ts'
import { transportNamed, transports } from '../transports/registry.ts'
import { concerns, type Target } from '../transports/transport.ts'
import { MAX_MARK_BYTES } from '../wire/mark.ts'
import type { Trust } from '../wire/secure.ts'

/** The sources of a scenario beside the flags, highest precedence first. */
export async function sourcesBelowFlags(file: string | undefined): Promise<readonly Layer[]> {
  const environment = environmentLayer(process.env)
  return file === undefined ? [environment] : [environment, await readScenarioFile(file)]
}

/** The bounds of a scenario that follow from the transports that there are. */
export const SCENARIO_BOUNDS: Bounds = {
  transportNames: transports.map(({ name }) => name),
  otherNames: (name) => transportNamed(name).otherNames,
  minPayloadBytes: MAX_MARK_BYTES,
  endpointKeys: (name) => transportNamed(name).endpointKeys,
}

/**
 * A scenario for the transports that there are; of a sweep the one of its first value.
 * @throws RtbenchError `usage`
 */
export function scenarioOf(layers: readonly Layer[]): Scenario {
  return planOf(layers).scenario
}

/**
 * The plan of what is to be measured with the transports that there are.
 * @throws RtbenchError `usage`
 */
export function planOf(layers: readonly Layer[]): Plan {
  return resolvePlan(layers, {
    ...SCENARIO_BOUNDS,
    randomSeed: () => randomInt(2 ** 32),
    hasExchanges: (name) => transportNamed(name).hasExchanges,
    concerns: (key, name) => concerns(key, transportNamed(name)),
  })
}

export interface TargetOptions {
  readonly token: string | null
  /** Without it, only this machine may be put under load. */
  readonly allowRemote: boolean
}

/**
 * An own instance, or a front, on the loopback address.
 * @param trust by which it is spoken to over TLS; null without
 */
export function ownTarget(
  [port = 0, ...morePorts]: readonly number[],
  trust: Trust | null = null,
): Target {
  return {
    host: '127.0.0.1',
    port,
    morePorts,
    secure: trust !== null,
    ...(trust === null ? {} : { trust }),
    authority: `127.0.0.1:${port}`,
    basePath: '',
    token: null,
  }
}

/**
 * Reads `--url`, resolving its name once; throws on a host that is not to be put under load, and on
 * a token that no request can carry.
 */
export async function targetOf(
  url: string,
  options: TargetOptions,
  trust?: Trust,
): Promise<Target> {
  const { protocol, hostname, port, host, pathname } = new URL(url)
  const secure = protocol === 'https:'
  const token = readToken(options.token)
  const address = await resolve(hostname.replace(/^\[|\]$/g, ''))
  if (!isLoopback(address) && !options.allowRemote) {
    throw new RtbenchError(
      'usage',
      `--url: ${hostname} is not this machine; load on a host that is not yours is an attack: add --allow-remote if it is yours`,
    )
  }
  return {
    host: address,
    port: port === '' ? (secure ? 443 : 80) : Number(port),
    secure,
    ...(trust === undefined ? {} : { trust }),
    authority: host,
    basePath: pathname.replace(/\/+$/, ''),
    token,
  }
}

/** An empty one is none, as for `serve`. */
function readToken(token: string | null): string | null {
  const refusal = refuseHeaderValue(token ?? '')
  if (refusal === null) return token || null
  const text = `--token, or RTBENCH_TOKEN, ${refusal.problem}; expected a text of one line`
  throw new RtbenchError('usage', text)
}

/** The target as one transport's clients and the publisher find it. */
export function describedTarget(
  target: Target,
  description: TargetDescription | null,
  transport: string,
): Target {
  const endpoint = description?.endpoints[transport]
  const publish = description?.publish ?? null
  return {
    ...target,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(publish === null ? {} : { publish }),
  }
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
}

async function resolve(hostname: string): Promise<string> {
  if (isIP(hostname) !== 0) return hostname
  try {
    return (await lookup(hostname)).address
  } catch (error) {
    throw new RtbenchError('cannot-run', `--url: the name ${hostname} is not known`, error)
  }
}
