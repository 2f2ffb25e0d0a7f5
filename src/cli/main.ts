import { CommanderError } from '@commander-js/extra-typings'
import { RtbenchError } from '../error.ts'
import { ExitCode, exitCodeOf } from './exit-code.ts'
import { createProgram } from './program.ts'
import { refuseFewFiles } from './startable.ts'

/** Runs the command line and sets the process's exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  process.stdout.on('error', tellOnce)
  // Of the result nothing is lost when nothing can be told, and nobody could be told of that.
  process.stderr.on('error', () => {})
  try {
    refuseFewFiles()
    await createProgram().parseAsync(argv)
  } catch (error) {
    process.exitCode = report(error, argv.includes('--verbose'))
  }
}

let isUnwritable = false

/** A disk that is full refuses each write: once is enough. */
function tellOnce({ code }: NodeJS.ErrnoException): void {
  // A reader that has seen enough (`| head`) is no error; what is not read is saved all the same.
  // Neither is a terminal that is gone (EIO), of which nobody could be told.
  if (code === 'EPIPE' || code === 'EIO' || isUnwritable) return
  isUnwritable = true
  process.stderr.write(`rtbench: the output cannot be written (${code})\n`)
  process.once('exit', () => {
    process.exitCode = ExitCode.notWritten
  })
}

function report(error: unknown, verbose: boolean): ExitCode {
  // Commander has printed its line, or the help or the version that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.usage
  if (verbose) process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
  else process.stderr.write(`rtbench: ${error instanceof Error ? error.message : error}\n`)
  return error instanceof RtbenchError ? exitCodeOf(error.code) : ExitCode.couldNotRun
}
