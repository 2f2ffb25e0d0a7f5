import { Argument, type Command } from '@commander-js/extra-typings'
import { RtbenchError } from '../error.ts'
import { SHELLS } from './completion/shell.ts'

const EXAMPLES = `
Examples:
  $ source <(rtbench completion bash)          this shell; put the line into ~/.bashrc for all
  $ source <(rtbench completion zsh)           into ~/.zshrc, after compinit
  $ rtbench completion fish > ~/.config/fish/completions/rtbench.fish`

/** @throws RtbenchError `usage` */
function shellOf(text: string): (typeof SHELLS)[number] {
  const shell = SHELLS.find((one) => one === text)
  if (shell !== undefined) return shell
  throw new RtbenchError('usage', `completion: ${text} is none of ${SHELLS.join(', ')}`)
}

/** `rtbench completion` */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .summary('print a completion script')
    .description('Prints the script by which a shell completes commands, flags and their values.')
    .addArgument(new Argument('<shell>', 'for which shell').choices(SHELLS).argParser(shellOf))
    .option('--verbose', 'show stack traces')
    .addHelpText('after', EXAMPLES)
    .action(async (shell) => {
      const { completionCommand } = await import('./completion/completion-command.ts')
      process.exitCode = completionCommand(program, shell)
    })
}
