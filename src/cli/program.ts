import { Command } from '@commander-js/extra-typings'
import { printable } from '../text.ts'
import { packageVersion } from '../version.ts'
import { add as addAdvise } from './advise/command.ts'
import { add as addAudit } from './audit/command.ts'
import { add as addBus } from './bus/command.ts'
import { add as addCapacity } from './capacity/command.ts'
import { add as addCi } from './ci/command.ts'
import { add as addCompare } from './compare/command.ts'
import { add as addCompletion } from './completion/command.ts'
import { add as addDoctor } from './doctor/command.ts'
import { add as addExplain } from './explain/command.ts'
import { RUN_EXAMPLES, refuseSecondValues } from './flags.ts'
import { add as addInit } from './init/command.ts'
import { add as addProbe } from './probe/command.ts'
import { add as addReport } from './report/command.ts'
import { add as addRun } from './run/command.ts'
import { add as addSchema } from './schema/command.ts'
import { add as addServe } from './serve/command.ts'
import { add as addValidate } from './validate/command.ts'

/** Every command, by its heading: a line here and a folder of its own, of which only the flags are loaded. */
const COMMANDS: Readonly<Record<string, readonly Entry[]>> = {
  'Measure:': [
    ['run', 'measure and compare', addRun],
    ['capacity', 'search the most clients that keep a limit', addCapacity],
    ['bus', 'what buses between instances add and cost', addBus],
    ['probe', 'ask a way to a server what it does to real-time traffic', addProbe],
    ['ci', 'gate changes by regression scenarios', addCi],
    ['serve', 'start the reference server', addServe],
  ],
  'Results:': [
    ['report', 'print stored results', addReport],
    ['compare', 'judge what changed between results', addCompare],
    ['audit', "judge a run's history, event by event", addAudit],
    ['explain', 'what a row, a figure or a reason means', addExplain],
    ['advise', 'which technique a workload wants, from results', addAdvise],
  ],
  'Begin:': [
    ['doctor', 'examine this machine', addDoctor],
    ['init', 'write a scenario and a workflow for your server', addInit],
    ['validate', 'check scenario files', addValidate],
    ['schema', 'print the JSON Schema of scenarios', addSchema],
    ['completion', 'print a completion script', addCompletion],
  ],
}

type Entry = readonly [name: string, summary: string, add: (command: Command) => void]

/** The command line. */
export function createProgram(): Command {
  const program = new Command('rtbench')
    .description('Measures short polling, long polling, SSE and WebSocket side by side.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(`rtbench: ${printable(text).replace(/^error: /, '')}\n`),
    })
    .addHelpText('after', RUN_EXAMPLES)
  // Of the subcommands' help, too.
  program.addHelpText('beforeAll', ({ command }) => {
    if (command === program) refuseUnknown(program)
    return ''
  })
  for (const [heading, entries] of Object.entries(COMMANDS)) {
    program.commandsGroup(heading)
    for (const [name, summary, add] of entries) {
      const command = program.command(name).summary(summary)
      add(command)
      if (!command.options.some(({ long }) => long === VERBOSE)) {
        command.option(VERBOSE, 'show stack traces')
      }
      refuseSecondValues(command)
    }
  }
  program.helpCommand('help [command]', 'display help for command')
  return program
}

/** Every command has it. */
const VERBOSE = '--verbose'

function isName(argument: string): boolean {
  return !/^(?:-.*|help)$/.test(argument)
}

/** `rum --help` and `help rum` ask for the help of nothing that there is: they end as `rum` does. */
function refuseUnknown(program: Command): void {
  const name = program.args.find(isName)
  if (name === undefined || program.commands.some((command) => command.name() === name)) return
  program.parse([name], { from: 'user' })
}
