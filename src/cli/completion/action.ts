import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { ExitCode } from '../exit-code.ts'
import { bashCompletion, fishCompletion, type Shell, zshCompletion } from './scripts.ts'
import { type CommandSpec, completionSpec } from './spec.ts'

const SCRIPTS: Readonly<Record<Shell, (commands: readonly CommandSpec[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
}

/** Prints the script that makes a shell complete the command line. */
export function act(shell: Shell, _options: unknown, command: CommandUnknownOpts): ExitCode {
  process.stdout.write(SCRIPTS[shell](completionSpec(command.parent ?? command)))
  return ExitCode.done
}
