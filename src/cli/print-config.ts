import type { Layer } from '../scenario/layer.ts'
import type { Plan } from '../scenario/plan.ts'
import { printScenario } from '../scenario/printed.ts'
import { ExitCode } from './exit-code.ts'

/**
 * Prints a scenario with the source of each value, instead of measuring it.
 * @param note what no scenario says
 */
export function printConfig(plan: Plan, layers: readonly Layer[], note?: string): ExitCode {
  if (note !== undefined) process.stdout.write(`# ${note}\n`)
  process.stdout.write(printScenario(plan, layers))
  return ExitCode.done
}
