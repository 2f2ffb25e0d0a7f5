import type { Command } from '@commander-js/extra-typings'
import { acting } from '../exit-code.ts'

const CI_EXAMPLES = `
Examples:
  $ rtbench ci scenarios/ci/*.yaml --baseline results/baseline
  $ rtbench ci scenarios/ci/*.yaml --baseline results/baseline --only deterministic --junit junit.xml
  $ rtbench ci chat.yaml --against main --build 'npm ci' --serve 'node server.js --port {port}'

Exit codes: 0 done, 1 could not run, 2 usage, 3 regressed or a threshold missed, 4 measurement
invalid or nothing to be told by it, 5 partial result, 6 result not written, 130 interrupted.`

const CI_NOTES = `
Without --baseline and --against the scenarios are held against their thresholds alone; of one that
has none, nothing is judged but validity, and a line says so. On GitHub a summary and annotations
are written, too. docs/ci.md tells more.`

/** Adds the command to the program. */
export function add(command: Command): void {
  command
    .description(
      'Measures regression scenarios and compares them with a baseline or another commit.',
    )
    .argument('<scenarios...>', 'scenario files, YAML or JSON')
    .option('--baseline <folder>', 'compare with the results stored there, by scenario')
    .option('--update-baseline', 'store what is measured as the new baseline')
    .option('--require-baseline', 'a scenario without a baseline is an error')
    .option('--against <ref>', 'compare with another commit, run by run on this machine')
    .option('--build <command>', 'builds the other commit (default: npm ci, with a lock file)')
    .option(
      '--serve <command>',
      'starts your server for each run (and side), on the port that is PORT and {port}',
    )
    .option('--only <kind>', 'deterministic: judge what does not depend on the machine')
    .option('--judge <figures>', 'judge these, too: p99, latency.p95Us; comma-separated')
    .option('--repeat <count>', "repetitions of every transport (default: the scenario's)")
    .option(
      '--budget <time>',
      'with --against: measure a scenario so long at most (default: 5m a transport, 15m in all)',
    )
    .option(
      '--block <time>',
      'with --against: the window of each run (default: 2s, or what the scenario needs)',
    )
    .option('--min-change <share>', 'a change of a time up to this is none (default: 10%)')
    .option('--url <url>', 'measure a server that is running already')
    .option('--junit <file>', 'write JUnit XML')
    .option('--token <token>', 'token of the server at --url (or RTBENCH_TOKEN)')
    .option('--allow-remote', 'let --url name another machine')
    .option('--allow-invalid', 'exit 0 although a measurement is invalid')
    .option('--allow-inconclusive', 'exit 0 although something cannot be told')
    .option('--out <folder>', 'where to save JSON, Markdown and SVG (default: results/ci)')
    .option('--no-save', 'save nothing')
    .option('--quiet', 'no progress')
    .addHelpText('after', CI_NOTES)
    .addHelpText('after', CI_EXAMPLES)
    .action(acting(() => import('./action.ts')))
}
