import type { ProgressWriter } from '../report/progress-writer.ts'
import { oneLine } from '../result/cause.ts'
import { tell } from '../tell.ts'
import { ExitCode } from './exit-code.ts'

/** How a measurement is told to end. */
interface Interruption {
  /** Ends the run under way in order, and leaves out those to come. */
  readonly signal: AbortSignal
  /** Aborted after the other one: nothing is waited for, and what was measured by then is kept. */
  readonly hurry: AbortSignal
}

/** How long it may take to write what is there. */
const SAVING_MS = 5_000

/**
 * The first Ctrl-C, SIGTERM or hangup of the terminal ends the measurement in order; the second ends
 * its processes at once, and what they have told by then is still saved; the third ends this one, too.
 * So does an error that nobody foresaw.
 * @param progress whose live lines make way for what is said
 */
export function interruptible(progress: Pick<ProgressWriter, 'end'>): Interruption {
  const order = new AbortController()
  const hurry = new AbortController()
  const end = (code: ExitCode): void => {
    if (hurry.signal.aborted) process.exit(code)
    if (!order.signal.aborted) {
      order.abort()
      progress.end()
      return
    }
    hurry.abort()
    setTimeout(() => process.exit(code), SAVING_MS).unref()
  }
  const onSignal = (): void => {
    const isFirst = !order.signal.aborted
    end(ExitCode.interrupted)
    tell(
      isFirst
        ? '\nrtbench: stopping; once more to stop at once'
        : 'rtbench: stopping at once; once more to leave without what was measured',
    )
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  // Else nothing is tidied up: servers in groups of their own would run on. (Node undoes nohup anyway.)
  process.on('SIGHUP', onSignal)
  onFailure(() => end(ExitCode.couldNotRun))
  return { signal: order.signal, hurry: hurry.signal }
}

/** How long what is under way may take to end in order. */
const ENDING_MS = 15_000

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
    tell(`rtbench: ${unforeseen(error, verbose)}`)
    setTimeout(() => process.exit(ExitCode.couldNotRun), ENDING_MS).unref()
    end()
  })
}

/** Takes over the end of the process, after an error that nobody foresaw. */
function onFailure(how: End): void {
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
