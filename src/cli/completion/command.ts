import { Argument, type Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { RtbenchError } from '../../error.ts'
import { ExitCode, endingIn } from '../exit-code.ts'
import { bashCompletion, fishCompletion, zshCompletion } from './scripts.ts'
import { type CommandSpec, completionSpec } from './spec.ts'

/** Shells that there is a script for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const

type Shell = (typeof SHELLS)[number]

const EXAMPLES = `
Examples:
  $ source <(rtbench completion bash)          this shell; put the line into ~/.bashrc for all
  $ source <(rtbench completion zsh)           into ~/.zshrc, after compinit
  $ rtbench completion fish > ~/.config/fish/completions/rtbench.fish`

/** @throws RtbenchError `usage` */
function shellOf(text: string): Shell {
  const shell = SHELLS.find((one) => one === text)
  if (shell !== undefined) return shell
  throw new RtbenchError('usage', `completion: ${text} is none of ${SHELLS.join(', ')}`)
}

/** `rtbench completion` */
export function add(command: Command): void {
  command
    .description('Prints the script by which a shell completes commands, flags and their values.')
    .addArgument(new Argument('<shell>', 'for which shell').choices(SHELLS).argParser(shellOf))
    .addHelpText('after', EXAMPLES)
    .action(endingIn((shell: Shell) => completionCommand(command.parent ?? command, shell)))
}

const SCRIPTS: Readonly<Record<Shell, (commands: readonly CommandSpec[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
}

/** Prints the script that makes a shell complete the command line. */
function completionCommand(program: CommandUnknownOpts, shell: Shell): ExitCode {
  process.stdout.write(SCRIPTS[shell](completionSpec(program)))
  return ExitCode.done
}
