import type { Command } from '@commander-js/extra-typings'
import { SCENARIO_BOUNDS } from '../experiment/plan.ts'
import { scenarioJsonSchema } from '../scenario/schema.ts'
import { ExitCode, endingIn } from './exit-code.ts'

const EXAMPLES = `
Examples:
  $ rtbench schema > scenario.schema.json
  $ rtbench schema | jq '.properties.rate'
  $ rtbench schema | jq -r '.properties | keys[]'

An editor with a YAML language server checks and completes a scenario that begins with
  # yaml-language-server: $schema=scenario.schema.json`

/** `rtbench schema` */
export function add(command: Command): void {
  command
    .description('Prints the JSON Schema of scenario files, for editors.')
    .addHelpText('after', EXAMPLES)
    .action(endingIn(schemaCommand))
}

/** The JSON Schema of scenario files, as the package ships it. */
export function schemaText(): string {
  return `${JSON.stringify(scenarioJsonSchema(SCENARIO_BOUNDS), null, 2)}\n`
}

/** Prints the JSON Schema of scenario files. */
function schemaCommand(): ExitCode {
  process.stdout.write(schemaText())
  return ExitCode.done
}
