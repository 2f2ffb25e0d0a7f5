import type { Judgement } from '../result/judgement.ts'

/** What a judge says of a metric; who asked knows which one it is. */
export type Finding = Pick<
  Judgement,
  | 'verdict'
  | 'change'
  | 'interval'
  | 'detectable'
  | 'pValue'
  | 'adjustedPValue'
  | 'moreRunsTell'
  | 'reason'
>

/** A finding without any statistics. */
export function plainFinding(
  verdict: Finding['verdict'],
  change: number | null,
  reason: string,
): Finding {
  const nothing = {
    interval: null,
    detectable: null,
    pValue: null,
    adjustedPValue: null,
    moreRunsTell: false,
  }
  return { verdict, change, ...nothing, reason }
}

/** Candidate to baseline, 0.1: 10 % more; null where there is nothing to relate to. */
export function changeOf(baseline: number, candidate: number): number | null {
  if (Number.isNaN(baseline) || Number.isNaN(candidate) || baseline <= 0) return null
  return candidate / baseline - 1
}
