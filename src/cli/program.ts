import { Command } from '@commander-js/extra-typings'
import { packageVersion } from '../version.ts'
import { RUN_EXAMPLES } from './flags.ts'

/** A command's name and arguments, as a list of commands shows them, and what it does. */
type Entry = readonly [
  usage: string,
  summary: string,
  load: () => Promise<{ readonly add: (command: Command) => void }>,
]

/** Every command, by its heading: a line here and a file, or a folder, of its own. */
const COMMANDS: Readonly<Record<string, readonly Entry[]>> = {
  'Measure:': [
    ['run [scenario]', 'measure and compare', () => import('./run.ts')],
    [
      'capacity [scenario]',
      'search the most clients that keep a limit',
      () => import('./capacity.ts'),
    ],
    ['ci <scenarios...>', 'gate changes by regression scenarios', () => import('./ci/command.ts')],
    ['serve', 'start the reference server', () => import('./serve.ts')],
  ],
  'Results:': [
    ['report <file...>', 'print stored results', () => import('./report.ts')],
    [
      'compare <baseline> <candidate>',
      'judge what changed between results',
      () => import('./compare.ts'),
    ],
    [
      'advise [results...]',
      'which technique a workload wants, from results',
      () => import('./advise.ts'),
    ],
  ],
  'Begin:': [
    ['doctor', 'examine this machine', () => import('./doctor.ts')],
    ['init [folder]', 'write a first scenario and a workflow', () => import('./init.ts')],
    ['validate <files...>', 'check scenario files', () => import('./validate.ts')],
    ['schema', 'print the JSON Schema of scenarios', () => import('./schema.ts')],
    ['completion <shell>', 'print a completion script', () => import('./completion/command.ts')],
  ],
}

/**
 * The command line, with the flags of one command: the others are a line each in the list of them, since
 * to load what they do takes longer than to do it.
 * @param called the command's name; null for all of them
 */
export async function createProgram(called: string | null = null): Promise<Command> {
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
  for (const [heading, entries] of Object.entries(COMMANDS)) {
    program.commandsGroup(heading)
    for (const [usage, summary, load] of entries) {
      const [name = ''] = usage.split(' ')
      const isAsked = called === null || name === called
      const command = program.command(isAsked ? name : usage).summary(summary)
      if (isAsked) (await load()).add(command)
      if (!command.options.some(({ long }) => long === VERBOSE)) {
        command.option(VERBOSE, 'show stack traces')
      }
    }
  }
  program.helpCommand('help [command]', 'display help for command')
  return program
}

/** Every command has it. */
const VERBOSE = '--verbose'

/** The command of a command line whose flags and help are asked for; null where those of all are. */
export function calledBy(args: readonly string[]): string | null {
  const name = args.find(isName) ?? ''
  return name === 'completion' ? null : name
}

function isName(argument: string): boolean {
  return !/^(?:-.*|help)$/.test(argument)
}

/** `rum --help` and `help rum` ask for the help of nothing that there is: they end as `rum` does. */
function refuseUnknown(program: Command): void {
  const name = program.args.find(isName)
  if (name === undefined || program.commands.some((command) => command.name() === name)) return
  program.parse([name], { from: 'user' })
}

function oneLine(text: string): string {
  return text
    .trim()
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
}
