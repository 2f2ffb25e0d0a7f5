import type { Command } from '@commander-js/extra-typings'
import { METRIC_NOTES } from './metric-notes.ts'
import type { RunOptions } from './run-command.ts'
import { addMeasurementOptions, addScenarioOptions } from './shared-options.ts'

export const RUN_EXAMPLES = `
Examples:
  $ rtbench run                                          compare all four, 1,000 clients each
  $ rtbench run --transport sse --clients 10000          one technique, ten thousand clients
  $ rtbench run scenarios/notifications.yaml --json      a scenario; the result document on stdout

Exit codes: 0 done, 1 could not run, 2 usage, 3 threshold missed, 4 measurement invalid,
5 partial result, 6 result not written, 130 interrupted.`

const RUN_NOTES = `
Metrics of --threshold, ${METRIC_NOTES}

Each flag of the scenario is also a variable, --ramp-up RTBENCH_RAMP_UP, and a key of its file,
rampUp. Flags go before variables, and these before the file.`

/** `rtbench run` */
export function addRun(program: Command): void {
  const command = program
    .command('run')
    .summary('measure and compare')
    .description('Starts a reference server, runs a swarm for each technique and compares them.')
    .argument('[scenario]', 'a scenario file, YAML or JSON; flags override what it says')
  addScenarioOptions(command)
  addMeasurementOptions(command)
  command
    .option(
      '--allow-invalid',
      'exit 0 although the measurement is invalid, or a threshold not to be told',
    )
    .addHelpText('after', RUN_NOTES)
    .addHelpText('after', RUN_EXAMPLES)
    .action(async (scenario: string | undefined, options: RunOptions) => {
      const { runCommand } = await import('./run-command.ts')
      process.exitCode = await runCommand(scenario, options)
    })
}
