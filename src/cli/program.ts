import { Command } from '@commander-js/extra-typings'
import { packageVersion } from '../version.ts'
import { addAdvise } from './advise-program.ts'
import { addCapacity } from './capacity-program.ts'
import { addCi } from './ci/program.ts'
import { addCompare } from './compare-program.ts'
import { addCompletion } from './completion-program.ts'
import { addDoctor } from './doctor-program.ts'
import { addInit } from './init-program.ts'
import { addReport } from './report-program.ts'
import { addRun, RUN_EXAMPLES } from './run-program.ts'
import { addSchema } from './schema-program.ts'
import { addServe } from './serve-program.ts'
import { addValidate } from './validate-program.ts'

/** The command line. What a command does is loaded when it is called. */
export function createProgram(): Command {
  const program = new Command('rtbench')
    .description('Measures short polling, long polling, SSE and WebSocket side by side.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(`rtbench: ${oneLine(text)}\n`),
    })
    .addHelpText('after', RUN_EXAMPLES)
  // Of the subcommands' help, too.
  program.addHelpText('beforeAll', ({ command }) => {
    if (command === program) refuseUnknown(program)
    return ''
  })
  program.commandsGroup('Measure:')
  addRun(program)
  addCapacity(program)
  addCi(program)
  addServe(program)
  program.commandsGroup('Results:')
  addReport(program)
  addCompare(program)
  addAdvise(program)
  program.commandsGroup('Begin:')
  addDoctor(program)
  addInit(program)
  addValidate(program)
  addSchema(program)
  addCompletion(program)
  program.helpCommand('help [command]', 'display help for command')
  return program
}

/** `rum --help` and `help rum` ask for the help of nothing that there is: they end as `rum` does. */
function refuseUnknown(program: Command): void {
  const name = program.args.find((argument) => !/^(?:-.*|help)$/.test(argument))
  if (name === undefined || program.commands.some((command) => command.name() === name)) return
  program.parse([name], { from: 'user' })
}

function oneLine(text: string): string {
  return text
    .trim()
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
}
