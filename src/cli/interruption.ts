import { ExitCode } from './exit-code.ts'

/** The first Ctrl-C or SIGTERM ends the measurement in order; the second ends the process. */
export function interruptible(): AbortSignal {
  const controller = new AbortController()
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(ExitCode.interrupted)
    controller.abort()
    process.stderr.write('\nrtbench: stopping; once more to stop at once\n')
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return controller.signal
}
