import type { Command } from '@commander-js/extra-typings'
import { acting } from '../exit-code.ts'

const EXAMPLES = `
Examples:
  $ rtbench advise result.json --users 50k --events-per-user 20/day --latency 500ms
  $ rtbench advise results/*.json --users 2k --rate 1 --latency 'p95<100ms' --client-to-server chatty
  $ rtbench advise --measure --users 10k --events-per-user 6/min --latency 2s --proxies block-upgrades

Exit codes: 0 advised, 1 could not run, read or tell, 2 usage, 3 no technique keeps the latency,
6 result not written, 130 interrupted.`

const OPTIONS = [
  ['--users <count>', 'users that are connected at once, such as 50k'],
  ['--events-per-user <rate>', 'events that each user receives, such as 20/day or 6/min'],
  ['--rate <events>', 'the same, per second'],
  ['--latency <limit>', "the latency wanted: 500ms, which is a p99, or 'p95<200ms'"],
  [
    '--channels <count>',
    'who hears an event: per-client, broadcast, or a number (default: per-client)',
  ],
  ['--payload <bytes>', 'bytes of an event (default: as measured)'],
  ['--client-to-server <traffic>', 'none, some, chatty, or a rate (default: none)'],
  [
    '--instances <count>',
    'server processes; of several what a bus takes is told, too (default: 1)',
  ],
  ['--proxies <names>', 'what is in between: block-upgrades, buffer-streams (default: none)'],
  ['--browsers <kind>', 'modern, or any (default: modern)'],
  [
    '--prefer <what>',
    'among what costs the same: simple, fast, cheap, or a technique (default: simple)',
  ],
  ['--measure', 'measure first what the workload asks about, in a few minutes'],
  ['--json', 'print the advice as one JSON document'],
  ['--out <folder>', 'where --measure saves its results (or RTBENCH_OUT; default: results)'],
  ['--no-save', 'save nothing'],
  ['--quiet', 'no progress'],
] as const

/** `rtbench advise` */
export function add(command: Command): void {
  for (const [flags, description] of OPTIONS) command.option(flags, description)
  command
    .description('Tells which technique a workload wants, and which measured figure decides.')
    .argument('[results...]', 'result documents of rtbench run')
    .addHelpText('after', EXAMPLES)
    .action(acting(() => import('./action.ts')))
}
