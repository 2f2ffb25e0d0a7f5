import type { ProgressWriter } from '../report/progress-writer.ts'
import { ExitCode } from './exit-code.ts'
import { onFailure } from './last-resort.ts'

/** How a measurement is told to end. */
export interface Interruption {
  /** Ends the run under way in order, and leaves out those to come. */
  readonly signal: AbortSignal
  /** Aborted after the other one: nothing is waited for, and what was measured by then is kept. */
  readonly hurry: AbortSignal
}

/** How long it may take to write what is there. */
const LAST_MS = 5_000

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
    setTimeout(() => process.exit(code), LAST_MS).unref()
  }
  const onSignal = (): void => {
    const isFirst = !order.signal.aborted
    end(ExitCode.interrupted)
    process.stderr.write(
      isFirst
        ? '\nrtbench: stopping; once more to stop at once\n'
        : 'rtbench: stopping at once; once more to leave without what was measured\n',
    )
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  // Else nothing is tidied up: servers in groups of their own would run on. (Node undoes nohup anyway.)
  process.on('SIGHUP', onSignal)
  onFailure(() => end(ExitCode.couldNotRun))
  return { signal: order.signal, hurry: hurry.signal }
}
