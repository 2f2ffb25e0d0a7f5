import type { Command } from '@commander-js/extra-typings'
import { acting } from '../exit-code.ts'

const EXAMPLES = `
Examples:
  $ rtbench compare before.json after.json
  $ rtbench compare results/baseline results/candidate --min-change 5% --all
  $ rtbench compare before.json after.json --format markdown >> "$GITHUB_STEP_SUMMARY"

Exit codes: 0 no regression, 1 a result cannot be read, 2 usage or results that cannot be compared,
3 regression, 4 no run counts that could be compared, or none but for faults.`

const NOTES = `
A folder's results are taken together: those of one scenario are repetitions. Latency, CPU and
memory need five on either side (rtbench run --repeat 5). docs/comparing.md tells how it is judged.`

/** Adds `rtbench compare`. */
export function add(command: Command): void {
  command
    .description('Gives a verdict for each metric and transport of two results, or sets of them.')
    .argument('<baseline>', 'a result document, or a folder of them')
    .argument('<candidate>', 'what is held against it: a result document, or a folder of them')
    .option('--min-change <share>', 'a change up to this is none (default: 10%)')
    .option('--all', 'show every metric, not only those that changed')
    .option('--allow-mismatch', 'judge latency, CPU and memory of different machines, too')
    .option('--format <format>', 'table, markdown or json (default: table)')
    .option('--json', 'the same as --format json')
    .addHelpText('after', NOTES)
    .addHelpText('after', EXAMPLES)
    .action(acting(() => import('./action.ts')))
}
