import type { Measurement } from '../experiment/series.ts'
import type { Environment, Result } from '../result/document.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { recorded } from '../scenario/scenario.ts'
import { packageVersion } from '../version.ts'

/** The result document of a measurement by this program. */
export function documentOf(
  scenario: Scenario,
  environment: Environment,
  { runs, missing }: Pick<Measurement, 'runs' | 'missing'>,
): Result {
  return {
    schemaVersion: 1,
    tool: { name: 'rtbench', version: packageVersion() },
    environment,
    scenario: { ...recorded(scenario) },
    runs,
    missing,
  }
}
