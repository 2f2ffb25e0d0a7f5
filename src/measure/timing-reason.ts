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

/** Whether a reason leaves what is counted as it is. */
export function isTimingReason({ code }: { readonly code: string }): boolean {
  return TIMING_CODES.has(code)
}
