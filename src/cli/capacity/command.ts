import { type Command, Option } from '@commander-js/extra-typings'
import { acting } from '../exit-code.ts'
import { addMeasurementOptions, addScenarioOptions, collect, METRIC_NOTES } from '../flags.ts'

const CAPACITY_EXAMPLES = `
Examples:
  $ rtbench capacity --transport sse --limit 'p99<100ms'
  $ rtbench capacity --transport websocket --limit 'p99<50ms' --limit lost==0 --from 5k --to 20k
  $ rtbench capacity scenarios/broadcast.yaml --transport sse --search rate --limit 'p95<1s'

Exit codes: 0 answered, 1 could not run, 2 usage, 3 no value keeps the limits twice, 4 no answer for
the instrument or the machine, 5 partial result, 6 result not written, 130 interrupted.`

const CAPACITY_NOTES = `
Metrics of --limit, ${METRIC_NOTES}

A scenario's thresholds are the limits where no --limit is given. docs/capacity.md tells how the
search works.`

/** To be refused in one line, or to say `none` of what a scenario file sweeps. */
const SWEEP_OPTION = new Option('--sweep <none>', 'none: a search has no sweep').hideHelp()

/** `rtbench capacity` */
export function add(command: Command): void {
  command
    .optionsGroup('The search:')
    .option('--transport <name>', 'one technique, unless the scenario names one alone')
    .option(
      '--limit <condition>',
      "what a step must keep, such as 'p99<100ms'; repeatable",
      collect,
    )
    .option('--search <what>', 'clients or rate (default: clients)')
    .option('--from <value>', "the first value (default: the scenario's clients or rate)")
    .option('--to <value>', 'the greatest value (default: what this machine carries)')
    .option('--precision <share>', 'how near the answer is to what fails (default: 10%)')
    .optionsGroup('Options:')
  addScenarioOptions(command, ['transport', 'repeat', 'threshold', 'sweep'])
  command.addOption(SWEEP_OPTION)
  addMeasurementOptions(command)
  command
    .description('Searches the most clients, or the highest rate, that keeps every limit.')
    .argument('[scenario]', 'a scenario file, YAML or JSON; flags override what it says')
    .addHelpText('after', CAPACITY_NOTES)
    .addHelpText('after', CAPACITY_EXAMPLES)
    .action(acting(() => import('./action.ts')))
}
