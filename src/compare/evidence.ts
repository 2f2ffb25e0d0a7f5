import { codesOf, isLateWithBounds } from '../measure/reason.ts'
import type { Run } from '../result/document.ts'

/**
 * Why a run is no evidence; null where it is. The one rule for what is compared, for pairs and for baselines: a run
 * that is invalid, partial or interrupted shows the instrument, or a part of what was asked for. One that is
 * invalid by its bounds alone is evidence, since both of them are judged.
 */
export function faultOf(run: Run): string | null {
  if (run.interrupted) return 'interrupted'
  if (run.partial) return 'partial'
  return run.validity.verdict === 'invalid' && !isLateWithBounds(run) ? invalidBy(run) : null
}

/** `invalid: slip, stall` */
export function invalidBy(run: Run): string {
  return `invalid: ${reasonsOf(run, 'invalid')}`
}

/** The codes of a run's reasons of one severity, for a person. */
export function reasonsOf(run: Run, severity: 'invalid' | 'suspect'): string {
  return codesOf(run, severity).join(', ') || 'no reason recorded'
}
