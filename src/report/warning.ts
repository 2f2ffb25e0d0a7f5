import { isLateWithBounds, isTimingReason } from '../measure/reason.ts'
import type { Result, Run } from '../result/document.ts'
import { sweptName } from '../scenario/sweep.ts'
import { formatDuration } from './quantity.ts'

/** Why a result may not be taken at face value. */
export interface Warning {
  readonly severity: 'invalid' | 'suspect' | 'partial' | 'interrupted'
  /** `INVALID: WebSocket: …`, one line. */
  readonly text: string
  /** It is no reason, but what to do. */
  readonly isAdvice?: true
}

/** A lighter load may help; where the server says no it does not, and the reason says what does. */
function wasTooMuch({ validity: { verdict, reasons } }: Run): boolean {
  const grave = reasons.filter(({ severity }) => severity === 'invalid')
  return verdict === 'invalid' && (grave.length === 0 || grave.some(isTimingReason))
}

/** Warnings of all runs, the gravest first, and what to do at their end. */
export function warningsOf(result: Result): Warning[] {
  const { repeat } = result.scenario
  const named = (label: string, run: Pick<Run, 'point' | 'repetition'>): string =>
    sweptName(label, result.sweep, run.point) + (repeat > 1 ? `, repetition ${run.repetition}` : '')
  const nameOf = (run: Run): string => named(run.technique.label, run)
  const warnings: Warning[] = []
  for (const severity of ['invalid', 'suspect'] as const) {
    for (const run of result.runs) {
      const { verdict, reasons } = run.validity
      const told = reasons.filter((reason) => reason.severity === severity)
      const messages = told.map(({ message }) => message)
      // Without a reason on record the verdict still counts.
      if (verdict === severity && told.length === 0) messages.push('no reason was recorded')
      for (const message of messages) {
        warnings.push({ severity, text: `${severity.toUpperCase()}: ${nameOf(run)}: ${message}` })
      }
    }
  }
  const tooMuch = result.runs.filter(wasTooMuch)
  if (tooMuch.length > 0) {
    const what = tooMuch.every(isLateWithBounds)
      ? 'what holds at both bounds of a latency holds, and of the rest nobody knows'
      : 'the figures of an invalid run show the instrument, not the technique'
    const text = `What to do: ${what}. Lower --clients or --rate, give the machine fewer other tasks, or use a larger one; then run again.`
    warnings.push({ severity: 'invalid', text, isAdvice: true })
  }
  for (const run of result.runs) {
    if (run.interrupted) {
      const when =
        run.durationMs === 0
          ? 'before its window began: nothing was measured'
          : `after ${formatDuration(run.durationMs * 1000)} of its window`
      const text = `INTERRUPTED: ${nameOf(run)}: stopped ${when}`
      warnings.push({ severity: 'interrupted', text })
    } else if (run.partial) {
      const text = `PARTIAL: ${nameOf(run)}: a part of it was lost; its figures cover the rest only`
      warnings.push({ severity: 'partial', text })
    }
  }
  for (const run of result.missing) {
    const text = `MISSING: ${named(run.label, run)}: not measured: ${run.reason}`
    warnings.push({ severity: 'partial', text })
  }
  return warnings
}
