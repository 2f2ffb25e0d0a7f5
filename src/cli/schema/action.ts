import { SCENARIO_BOUNDS } from '../../experiment/plan.ts'
import { scenarioJsonSchema } from '../../scenario/schema.ts'
import { ExitCode } from '../exit-code.ts'

/** The JSON Schema of scenario files, as the package ships it. */
export function schemaText(): string {
  return `${JSON.stringify(scenarioJsonSchema(SCENARIO_BOUNDS), null, 2)}\n`
}

/** Prints the JSON Schema of scenario files. */
export function act(): ExitCode {
  process.stdout.write(schemaText())
  return ExitCode.done
}
