import { Argument, type Command } from '@commander-js/extra-typings'
import { RtbenchError } from '../../error.ts'
import { acting } from '../exit-code.ts'
import { SHELLS, type Shell } from './scripts.ts'

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
    .action(acting(() => import('./action.ts')))
}
