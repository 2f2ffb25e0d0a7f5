import type { Command } from '@commander-js/extra-typings'
import { acting } from '../exit-code.ts'

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
    .action(acting(() => import('./action.ts')))
}
