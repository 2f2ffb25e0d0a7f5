import { CommanderError } from '@commander-js/extra-typings'
import { RtbenchError } from '../error.ts'
import { ExitCode, exitCodeOf } from './exit-code.ts'
import { createProgram } from './program.ts'

/** Runs the command line and sets the process's exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A reader that has seen enough (`| head`) is no error; what is not read is saved all the same.
      // Neither is a terminal that is gone (EIO), of which nobody could be told.
      if (error.code === 'EPIPE' || error.code === 'EIO') return
      process.stderr.write(`rtbench: the output cannot be written (${error.code})\n`)
      process.once('exit', () => {
        process.exitCode = ExitCode.notWritten
      })
    })
  }
  try {
    await createProgram().parseAsync(argv)
  } catch (error) {
    process.exitCode = report(error, argv.includes('--verbose'))
  }
}

function report(error: unknown, verbose: boolean): ExitCode {
  // Commander has printed its line, or the help or the version that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.usage
  if (verbose) process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
  else process.stderr.write(`rtbench: ${error instanceof Error ? error.message : error}\n`)
  return error instanceof RtbenchError ? exitCodeOf(error.code) : ExitCode.couldNotRun
}
