import { oneLine } from '../result/cause.ts'
import { ExitCode } from './exit-code.ts'

/** How long what is under way may take to end in order. */
const LAST_MS = 15_000

/** Ends what is under way; each time more abruptly. */
type End = () => void
let end: End = () => process.exit(ExitCode.couldNotRun)

/**
 * Catches what nobody caught, an exception or a rejection: says it in one line, and lets what is under
 * way end in order, so that what was measured by then is saved. The exit code is 1 whatever comes.
 * @param verbose says the stack instead
 */
export function catchTheRest(verbose: boolean): void {
  process.on('uncaughtException', (error: unknown) => {
    process.once('exit', () => {
      process.exitCode = ExitCode.couldNotRun
    })
    process.stderr.write(`rtbench: ${unforeseen(error, verbose)}\n`)
    setTimeout(() => process.exit(ExitCode.couldNotRun), LAST_MS).unref()
    end()
  })
}

/** Takes over the end of the process, after an error that nobody foresaw. */
export function onFailure(how: End): void {
  end = how
}

/** What is said of an error that is none of rtbench's own. */
export function unforeseen(error: unknown, verbose: boolean): string {
  if (verbose && error instanceof Error) return error.stack ?? error.message
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return oneLine(
    `an error that nobody foresaw (${what}); please report it with what --verbose says`,
  )
}
