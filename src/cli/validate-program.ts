import type { Command } from '@commander-js/extra-typings'
import type { ValidateOptions } from './validate-command.ts'

const EXAMPLES = `
Examples:
  $ rtbench validate scenarios/*.yaml
  $ rtbench validate my.yaml --json | jq '.[].problems[]'
  $ rtbench validate results/2026-11-22T10-49-36Z-all-1000.json

Exit codes: 0 nothing is wrong, 2 something is.`

/** `rtbench validate` */
export function addValidate(program: Command): void {
  program
    .command('validate')
    .summary('check scenario files')
    .description('Checks scenario files, and stored results, without measuring anything.')
    .argument('<files...>', 'scenario files, YAML or JSON, or result documents')
    .option('--json', 'print the problems as one JSON document')
    .option('--verbose', 'show stack traces')
    .addHelpText('after', EXAMPLES)
    .action(async (files: readonly string[], options: ValidateOptions) => {
      const { validateCommand } = await import('./validate-command.ts')
      process.exitCode = await validateCommand(files, options)
    })
}
