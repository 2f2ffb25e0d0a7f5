import type { Command } from '@commander-js/extra-typings'
import { acting } from '../exit-code.ts'

const EXAMPLES = `
Examples:
  $ rtbench compare before.json after.json
  $ rtbench compare results/baseline results/candidate --min-change 5% --all
  $ rtbench compare before.json after.json --format markdown >> "$GITHUB_STEP_SUMMARY"

Exit codes: 0 no regression, 1 a result cannot be read, 2 usage or results that cannot be compared,
3 regression, 4 what was asked cannot be told.`

const NOTES = `
A folder's results are taken together: those of one scenario are repetitions. Latency (p50) and
server CPU per delivery need four on either side, and more tell more (rtbench run --repeat 10); other
figures of repetitions are shown, and judged where --judge asks for it. docs/comparing.md tells how.`

/** Adds `rtbench compare`. */
export function add(command: Command): void {
  command
    .description('Gives a verdict for each metric and transport of two results, or sets of them.')
    .argument('<baseline>', 'a result document, or a folder of them')
    .argument('<candidate>', 'what is held against it: a result document, or a folder of them')
    .option('--min-change <share>', 'a change up to this is none (default: 10%)')
    .option('--judge <figures>', 'judge these, too: p99, latency.p95Us; comma-separated')
    .option('--only <kind>', 'deterministic: judge what does not depend on the machine')
    .option('--allow-inconclusive', 'exit 0 although something cannot be told')
    .option('--all', 'show every metric, not only those that changed')
    .option(
      '--allow-mismatch',
      'judge times of different machines, and of other hours without an echo, too',
    )
    .option('--across <keys>', 'of a scenario: what differs on purpose, such as url,target')
    .option('--format <format>', 'table, markdown or json (default: table)')
    .option('--json', 'the same as --format json')
    .addHelpText('after', NOTES)
    .addHelpText('after', EXAMPLES)
    .action(acting(() => import('./action.ts')))
}
