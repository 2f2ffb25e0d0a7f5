import type { Scenario } from './scenario.ts'
import { withoutSecrets } from './target.ts'

/** A scenario fit to be kept in a result. */
export function recorded(scenario: Scenario): Scenario {
  const { target } = scenario
  return { ...scenario, target: target === null ? null : withoutSecrets(target) }
}
