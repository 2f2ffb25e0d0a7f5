import type { Command } from '@commander-js/extra-typings'
import { acting } from '../exit-code.ts'

const EXAMPLES = `
Examples:
  $ rtbench doctor
  $ rtbench doctor --clients 100k              can this machine hold so many?
  $ rtbench doctor --json | jq -r '.findings[] | select(.fix).fix'

Exit codes: 0 nothing stands in the way, 1 something does, 2 usage.`

/** `rtbench doctor` */
export function add(command: Command): void {
  command
    .description('Examines this machine, and tells how to mend what would spoil a measurement.')
    .option('--clients <count>', 'judge for so many virtual clients, such as 10k')
    .option('--json', 'print the findings, and what was read, as one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(acting(() => import('./action.ts')))
}
