import type { Command } from '@commander-js/extra-typings'
import { acting } from '../exit-code.ts'

const EXAMPLES = `
Examples:
  $ rtbench validate scenarios/*.yaml
  $ rtbench validate my.yaml --json | jq '.[].problems[]'
  $ rtbench validate results/2026-11-22T10-49-36Z-all-1000.json

Exit codes: 0 nothing is wrong, 2 something is.`

/** `rtbench validate` */
export function add(command: Command): void {
  command
    .description('Checks scenario files, and stored results, without measuring anything.')
    .argument('<files...>', 'scenario files, YAML or JSON, or result documents')
    .option('--json', 'print the problems as one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(acting(() => import('./action.ts')))
}
