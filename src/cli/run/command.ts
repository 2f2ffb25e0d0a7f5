import type { Command } from '@commander-js/extra-typings'
import { acting } from '../exit-code.ts'
import { addMeasurementOptions, addScenarioOptions, METRIC_NOTES, RUN_EXAMPLES } from '../flags.ts'

const RUN_NOTES = `
Metrics of --threshold, ${METRIC_NOTES}

Each flag of the scenario is also a variable, --ramp-up RTBENCH_RAMP_UP, and a key of its file,
rampUp. Flags go before variables, and these before the file.`

/** `rtbench run` */
export function add(command: Command): void {
  addScenarioOptions(command)
  addMeasurementOptions(command)
  command
    .description('Starts a reference server, runs a swarm for each technique and compares them.')
    .argument('[scenario]', 'a scenario file, YAML or JSON; flags override what it says')
    .option(
      '--allow-invalid',
      'exit 0 although the measurement is invalid, or a threshold not to be told',
    )
    .option(
      '--print-front',
      "print the front's configuration, with free ports' places; measure nothing",
    )
    .option('--print-via', "print the proxy's configuration, as --print-front does")
    .option(
      '--history <file>',
      'write down each publish, connection, delivery and gap there, for rtbench audit',
    )
    .option(
      '--server-pid <pid>',
      'process of the server at --url, which --disrupt stop-instance stops, with its children',
    )
    .addHelpText('after', RUN_NOTES)
    .addHelpText('after', RUN_EXAMPLES)
    .action(acting(() => import('./action.ts')))
}
