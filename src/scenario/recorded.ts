import type { Scenario } from './scenario.ts'
import { describedWithoutSecrets } from './secret.ts'

/** A scenario fit to be kept in a result. */
export function recorded(scenario: Scenario): Scenario {
  return { ...scenario, target: describedWithoutSecrets(scenario.target) }
}
