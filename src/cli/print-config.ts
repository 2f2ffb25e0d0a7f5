import type { Layer } from '../scenario/layer.ts'
import { printScenario } from '../scenario/printed.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { ExitCode } from './exit-code.ts'

/**
 * Prints a scenario with the source of each value, instead of measuring it.
 * @param note what no scenario says
 */
export function printConfig(scenario: Scenario, layers: readonly Layer[], note?: string): ExitCode {
  if (note !== undefined) process.stdout.write(`# ${note}\n`)
  process.stdout.write(printScenario(scenario, layers))
  return ExitCode.done
}
