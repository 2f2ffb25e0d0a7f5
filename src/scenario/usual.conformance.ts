/** Scenarios resolved for tests, which say of their bounds what matters to them. */
import type { Layer } from './layer.ts'
import { resolvePlan } from './plan.ts'
import type { Resolution } from './resolve.ts'
import type { Scenario } from './scenario.ts'
import { ENDPOINT_NOTES, type EndpointKey } from './target.ts'

export const usualResolution: Resolution = {
  transportNames: ['short-poll', 'long-poll', 'sse', 'websocket'],
  otherNames: (name) => (name === 'websocket' ? ['web-sockets', 'ws'] : []),
  minPayloadBytes: 64,
  endpointKeys: () => Object.keys(ENDPOINT_NOTES) as EndpointKey[],
  randomSeed: () => 42,
  hasExchanges: () => true,
  concerns: () => true,
}

export function resolveScenario(
  layers: readonly Layer[],
  resolution: Partial<Resolution> = {},
): Scenario {
  return resolvePlan(layers, { ...usualResolution, ...resolution }).scenario
}

/** The scenario that counts where nobody says anything, for tests to change. */
export const usualScenario = resolveScenario([])
