import type { ProgressWriter } from '../report/progress-writer.ts'
import { ExitCode } from './exit-code.ts'

/**
 * The first Ctrl-C, SIGTERM or hangup of the terminal ends the measurement in order; the second ends
 * the process.
 * @param progress whose live lines make way for what is said
 */
export function interruptible(progress: Pick<ProgressWriter, 'end'>): AbortSignal {
  const controller = new AbortController()
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(ExitCode.interrupted)
    controller.abort()
    progress.end()
    process.stderr.write('\nrtbench: stopping; once more to stop at once\n')
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  // Else nothing is tidied up: servers in groups of their own would run on. (Node undoes nohup anyway.)
  process.on('SIGHUP', onSignal)
  return controller.signal
}
