/**
 * Codes of the reasons that speak against the times of a run alone. A machine that is busy is late,
 * and yet events, answers and bytes are counted to the last one.
 */
const TIMING_CODES: ReadonlySet<string> = new Set([
  'slip',
  'rate',
  'loop-delay',
  'utilisation',
  'host-idle',
  'probe',
  'probe-lost',
  'listen-overflow',
  'server-silent',
])

/** What is asked of a run. */
interface Judged {
  readonly partial: boolean
  readonly validity: {
    readonly reasons: readonly { readonly code: string; readonly severity: string }[]
  }
}

/**
 * Whether a run is invalid for no other reason than that the machine was late, as one that others use
 * as well is now and then. Whoever is late every time stays invalid.
 */
export function wasLate({ partial, validity }: Judged): boolean {
  const reasons = validity.reasons.filter(({ severity }) => severity === 'invalid')
  return !partial && reasons.length > 0 && reasons.every(isTimingReason)
}

/** Whether a reason leaves what is counted as it is. */
export function isTimingReason({ code }: { readonly code: string }): boolean {
  return TIMING_CODES.has(code)
}
