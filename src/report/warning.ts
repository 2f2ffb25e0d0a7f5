import type { Result, Run } from '../result/document.ts'
import { formatDuration } from './quantity.ts'

/** Why a result may not be taken at face value. */
export interface Warning {
  readonly severity: 'invalid' | 'suspect' | 'partial' | 'interrupted'
  /** `INVALID: WebSocket: …`, one line. */
  readonly text: string
}

/** Warnings of all runs, the gravest first, and what to do at their end. */
export function warningsOf(result: Result): Warning[] {
  const { repeat } = result.scenario
  const nameOf = (run: Run): string =>
    repeat > 1 ? `${run.technique.label}, repetition ${run.repetition}` : run.technique.label
  const warnings: Warning[] = []
  for (const severity of ['invalid', 'suspect'] as const) {
    for (const run of result.runs) {
      if (run.validity.verdict !== severity) continue
      // Without a reason on record the verdict still counts.
      const reasons = run.validity.reasons.map((reason) => reason.message)
      for (const reason of reasons.length > 0 ? reasons : ['no reason was recorded']) {
        warnings.push({ severity, text: `${severity.toUpperCase()}: ${nameOf(run)}: ${reason}` })
      }
    }
  }
  if (warnings.some((warning) => warning.severity === 'invalid')) {
    const text =
      'What to do: the figures of an invalid run show the instrument, not the technique. Lower --clients or --rate, give the machine fewer other tasks, or use a larger one; then run again.'
    warnings.push({ severity: 'invalid', text })
  }
  for (const run of result.runs) {
    const after = formatDuration(run.durationMs * 1000)
    if (run.interrupted) {
      const text = `INTERRUPTED: ${nameOf(run)}: stopped after ${after} of its window`
      warnings.push({ severity: 'interrupted', text })
    } else if (run.partial) {
      const text = `PARTIAL: ${nameOf(run)}: a part of it was lost; its figures cover the rest only`
      warnings.push({ severity: 'partial', text })
    }
  }
  return warnings
}
