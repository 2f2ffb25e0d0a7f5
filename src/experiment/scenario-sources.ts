import { randomInt } from 'node:crypto'
import type { Bounds } from '../scenario/key.ts'
import { environmentLayer, type Layer } from '../scenario/layer.ts'
import { readScenarioFile } from '../scenario/load.ts'
import { type Plan, resolvePlan } from '../scenario/plan.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { concerns } from '../transports/concern.ts'
import { transportNamed, transports } from '../transports/registry.ts'
import { MAX_MARK_BYTES } from '../wire/mark.ts'

/** What a scenario is made of beside the flags, highest precedence first. */
export async function sourcesBelowFlags(file: string | undefined): Promise<readonly Layer[]> {
  const environment = environmentLayer(process.env)
  return file === undefined ? [environment] : [environment, await readScenarioFile(file)]
}

/** What a scenario is held against besides itself: the transports that there are. */
export const SCENARIO_BOUNDS: Bounds = {
  transportNames: transports.map(({ name }) => name),
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
 * What is to be measured with the transports that there are.
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
