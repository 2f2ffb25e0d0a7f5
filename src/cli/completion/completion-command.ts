import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { ExitCode } from '../exit-code.ts'
import { bashCompletion } from './bash.ts'
import { fishCompletion } from './fish.ts'
import type { Shell } from './shell.ts'
import { type CommandSpec, completionSpec } from './spec.ts'
import { zshCompletion } from './zsh.ts'

const SCRIPTS: Readonly<Record<Shell, (commands: readonly CommandSpec[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
}

/** Prints the script that makes a shell complete the command line. */
export function completionCommand(program: CommandUnknownOpts, shell: Shell): ExitCode {
  process.stdout.write(SCRIPTS[shell](completionSpec(program)))
  return ExitCode.done
}
