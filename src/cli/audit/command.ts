import type { Command } from '@commander-js/extra-typings'
import { acting } from '../exit-code.ts'

const EXAMPLES = `
Examples:
  $ rtbench run --transport sse --history history.jsonl
  $ rtbench audit history.jsonl
  $ rtbench audit history.jsonl --json | jq '.runs[].violations'

Exit codes: 0 the law was kept, 1 a file cannot be read or is no history, 2 usage,
4 a run ended before its load, so that there is nothing to judge, 5 the law was broken, or the run had counted otherwise.`

/** `rtbench audit` */
export function add(command: Command): void {
  command
    .description(
      'Judges histories: whether every acknowledged event reached every client that was owed it, in order and once, or lies in a gap that the server declared.',
    )
    .argument('<files...>', 'histories, as rtbench run --history writes them')
    .option('--examples <number>', 'violations of each kind that are told (default: 5)')
    .option('--json', 'print the verdict as one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(acting(() => import('./action.ts')))
}
