import type { Outcome } from '../compare/outcome.ts'
import type { ErrorCode } from '../error.ts'

/** Every way in which the command ends; scripts rely on the numbers. */
export const ExitCode = {
  done: 0,
  couldNotRun: 1,
  usage: 2,
  threshold: 3,
  invalid: 4,
  inconclusive: 4,
  partial: 5,
  notWritten: 6,
  interrupted: 130,
} as const satisfies Readonly<Record<Outcome, number>>
export type ExitCode = (typeof ExitCode)[Outcome]

/** How a command ends that an error of rtbench's own stopped. */
export const OUTCOME_OF_ERROR: Readonly<Record<ErrorCode, Outcome>> = {
  usage: 'usage',
  'not-written': 'notWritten',
  interrupted: 'interrupted',
  'cannot-run': 'couldNotRun',
  'bad-result': 'couldNotRun',
}

/** The action of a command, which ends the process with its exit code; loaded when it is called, since that takes long. */
export function acting<Args extends readonly unknown[]>(
  load: () => Promise<{ readonly act: (...args: Args) => ExitCode | Promise<ExitCode> }>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    const { act } = await load()
    process.exitCode = await act(...args)
  }
}
