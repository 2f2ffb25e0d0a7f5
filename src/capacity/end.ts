import { ExitCode } from '../cli/exit-code.ts'
import type { Capacity } from '../result/capacity.ts'

/** How a search went; a result that could not be saved is the gravest, as after a run. */
export function endOfCapacity(
  { answer, endedBy }: Pick<Capacity, 'answer' | 'endedBy'>,
  written: boolean,
): ExitCode {
  if (!written) return ExitCode.notWritten
  switch (endedBy) {
    case 'interrupted':
      return ExitCode.interrupted
    case 'lost':
    case 'failed':
      return ExitCode.partial
    case 'limit':
      return answer === null ? ExitCode.threshold : ExitCode.done
    default:
      return answer === null ? ExitCode.invalid : ExitCode.done
  }
}
