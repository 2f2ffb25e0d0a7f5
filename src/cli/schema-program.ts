import type { Command } from '@commander-js/extra-typings'

const EXAMPLES = `
Examples:
  $ rtbench schema > scenario.schema.json
  $ rtbench schema | jq '.properties.rate'
  $ rtbench schema | jq -r '.properties | keys[]'

An editor with a YAML language server checks and completes a scenario that begins with
  # yaml-language-server: $schema=scenario.schema.json`

/** `rtbench schema` */
export function addSchema(program: Command): void {
  program
    .command('schema')
    .summary('print the JSON Schema of scenarios')
    .description('Prints the JSON Schema of scenario files, for editors.')
    .option('--verbose', 'show stack traces')
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      const { schemaCommand } = await import('./schema-command.ts')
      process.exitCode = schemaCommand()
    })
}
