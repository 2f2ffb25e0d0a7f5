import type { Command } from '@commander-js/extra-typings'
import { acting } from '../exit-code.ts'
import { addScenarioOptions } from '../flags.ts'

const EXAMPLES = `
Examples:
  $ rtbench bus
  $ rtbench bus memory redis://127.0.0.1:6379 nats://127.0.0.1:4222 --instances 1,3
  $ rtbench bus --instances 1,2,4,8 --bus-routing broadcast,by-channel --channels 100,1000
  $ rtbench bus results/*-bus-*.json --format markdown

Exit codes: 0 done, 1 could not run, 2 usage, 4 a bus of which no run tells, 5 partial result,
6 result not written, 130 interrupted.`

const NOTES = `
A bus is memory, or the URL of one that runs: redis://, nats://, kafka://. Files are results that this
command has saved, of which it prints the table again. docs/scale-out.md tells what the figures mean.`

/** `rtbench bus` */
export function add(command: Command): void {
  command
    .optionsGroup('What is compared:')
    .option('--instances <counts>', 'server processes (default: 1,3)')
    .option('--bus-routing <kinds>', 'broadcast, by-channel, or both (default: broadcast)')
    .option('--channels <counts>', 'channels that the clients share (default: 100)')
    .option('--transport <name>', 'one technique (default: sse)')
    .option('--rate <events>', 'events per second and channel (default: 1)')
    .option('--repeat <count>', 'rounds, in each of which all are measured once (default: 3)')
    .option('--scenario <file>', 'what else is measured; flags override what it says')
    .optionsGroup('Options:')
  addScenarioOptions(command, [
    ...(['transport', 'instances', 'backplane', 'busRouting', 'channels', 'rate'] as const),
    ...(['repeat', 'threshold'] as const),
    ...(['sweep', 'workload', 'sendRate', 'url', 'front', 'balance', 'name'] as const),
  ])
  command
    .option('--format <form>', 'table, markdown or json (default: table)')
    .option('--out <folder>', 'where to save a result for each (or RTBENCH_OUT; default: results)')
    .option('--no-save', 'save nothing')
    .option('--quiet', 'no progress')
    .description('Measures what buses add to a delivery, and what they cost, by instances.')
    .argument('[buses...]', 'memory, URLs of buses that run, or results (default: memory)')
    .addHelpText('after', NOTES)
    .addHelpText('after', EXAMPLES)
    .action(acting(() => import('./action.ts')))
}
