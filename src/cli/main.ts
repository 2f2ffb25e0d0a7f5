import { readFileSync } from 'node:fs'
import { CommanderError } from '@commander-js/extra-typings'
import { RtbenchError } from '../error.ts'
import { tell } from '../tell.ts'
import { ExitCode, OUTCOME_OF_ERROR } from './exit-code.ts'
import { catchTheRest, unforeseen } from './interruption.ts'
import { createProgram } from './program.ts'

/** Runs the command line and sets the process's exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  process.stdout.on('error', tellOnce)
  // Of the result nothing is lost when nothing can be told, and nobody could be told of that.
  process.stderr.on('error', () => {})
  const verbose = argv.includes('--verbose')
  catchTheRest(verbose)
  try {
    refuseFewFiles()
    await createProgram().parseAsync(argv)
  } catch (error) {
    process.exitCode = report(error, verbose)
  }
}

let isUnwritable = false

/** A disk that is full refuses each write: once is enough. */
function tellOnce({ code }: NodeJS.ErrnoException): void {
  // A reader that has seen enough (`| head`) is no error; what is not read is saved all the same.
  // Neither is a terminal that is gone (EIO), of which nobody could be told.
  if (code === 'EPIPE' || code === 'EIO' || isUnwritable) return
  isUnwritable = true
  tell(`rtbench: the output cannot be written (${code})`)
  process.once('exit', () => {
    process.exitCode = ExitCode.notWritten
  })
}

function report(error: unknown, verbose: boolean): ExitCode {
  // Commander has printed its line, or the help or the version that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.usage
  if (!(error instanceof RtbenchError)) {
    tell(`rtbench: ${unforeseen(error, verbose)}`)
    return ExitCode.couldNotRun
  }
  tell(verbose ? (error.stack ?? error.message) : `rtbench: ${error.message}`)
  return ExitCode[OUTCOME_OF_ERROR[error.code]]
}

/** Node opens the modules of a command side by side: with fewer files it fails at one or another. */
const LEAST_OPEN_FILES = 128

/**
 * Refuses a process that may open too few files to come as far as the arithmetic of its clients.
 *
 * @param limits as `/proc/self/limits` tells them; by default these, and nothing where there are none
 * @throws RtbenchError `cannot-run`
 */
export function refuseFewFiles(limits = readLimits()): void {
  const limit = /^Max open files +(\d+)/m.exec(limits)?.[1]
  if (limit === undefined || Number(limit) >= LEAST_OPEN_FILES) return
  throw new RtbenchError(
    'cannot-run',
    `a process may open ${limit} files, and rtbench takes ${LEAST_OPEN_FILES} to start; raise the limit (ulimit -n)`,
  )
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return ''
  }
}
