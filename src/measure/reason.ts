/** What is known of a reason by its code. */
interface ReasonKind {
  /**
   * It speaks against the times of a run alone. A machine that is busy is late, and yet events,
   * answers and bytes are counted to the last one.
   */
  readonly isTiming: boolean
  /** Of its value and limit; times in microseconds. */
  readonly unit: 'time' | 'share' | 'count'
  /** How late the instrument was is known of each delivery, and stands in the lower bound. */
  readonly isBounded?: true
}

/** Every reason that a run may have against it; docs/validity.md says what each means. */
const KINDS = {
  'worker-lost': { isTiming: false, unit: 'count' },
  'server-lost': { isTiming: false, unit: 'count' },
  'publisher-lost': { isTiming: false, unit: 'count' },
  'server-silent': { isTiming: true, unit: 'count' },
  'server-statistics': { isTiming: false, unit: 'count' },
  interrupted: { isTiming: false, unit: 'count' },
  'listen-overflow': { isTiming: true, unit: 'count' },
  connected: { isTiming: false, unit: 'share' },
  unproven: { isTiming: false, unit: 'share' },
  slip: { isTiming: true, unit: 'time', isBounded: true },
  stall: { isTiming: true, unit: 'time', isBounded: true },
  starved: { isTiming: true, unit: 'time', isBounded: true },
  busy: { isTiming: true, unit: 'time', isBounded: true },
  rate: { isTiming: true, unit: 'share' },
  dropped: { isTiming: false, unit: 'count' },
  'host-busy': { isTiming: true, unit: 'share' },
  probe: { isTiming: true, unit: 'time' },
  'probe-lost': { isTiming: true, unit: 'count' },
  forged: { isTiming: false, unit: 'count' },
  'nothing-delivered': { isTiming: false, unit: 'count' },
  accounting: { isTiming: false, unit: 'count' },
  'negative-latency': { isTiming: false, unit: 'count' },
  'clock-offset': { isTiming: false, unit: 'count' },
  overflow: { isTiming: false, unit: 'count' },
  /** This and the next two are of older versions, whose results are still read. */
  'loop-delay': { isTiming: true, unit: 'time' },
  utilisation: { isTiming: true, unit: 'share' },
  'host-idle': { isTiming: true, unit: 'share' },
} as const satisfies Readonly<Record<string, ReasonKind>>

export type ReasonCode = keyof typeof KINDS

export const REASON_CODES = Object.keys(KINDS) as readonly ReasonCode[]

export type Severity = 'suspect' | 'invalid'

export interface Reason {
  readonly code: ReasonCode
  /** How grave this one is; the verdict is that of the gravest. */
  readonly severity: Severity
  /** One line: what is wrong and what to do. */
  readonly message: string
  readonly value: number | null
  readonly limit: number | null
}

/** Takes down a reason against a run. */
export type Note = (
  severity: Severity,
  code: ReasonCode,
  message: string,
  value?: number | null,
  limit?: number | null,
) => void

/** A run with its reasons, as its document has them. */
interface Judged {
  readonly validity: {
    readonly reasons: readonly { readonly code: string; readonly severity: string }[]
  }
}

/** The codes of a run's reasons of one severity, each once. */
export function codesOf({ validity }: Judged, wanted: Severity): readonly string[] {
  const reasons = validity.reasons.filter(({ severity }) => severity === wanted)
  return [...new Set(reasons.map(({ code }) => code))]
}

/** Of a code that another version wrote nothing is known but that it counts something. */
const UNKNOWN: ReasonKind = { isTiming: false, unit: 'count' }

export function reasonKind(code: string): ReasonKind {
  const kinds: Readonly<Record<string, ReasonKind>> = KINDS
  return Object.hasOwn(kinds, code) ? (kinds[code] ?? UNKNOWN) : UNKNOWN
}

/** Whether a reason leaves what is counted as it is. */
export function isTimingReason({ code }: { readonly code: string }): boolean {
  return reasonKind(code).isTiming
}

/**
 * Whether a run is invalid for no other reason than that the machine was late, as one that others use
 * as well is now and then. Whoever is late every time stays invalid.
 */
export function wasLate(run: Judged & { readonly partial: boolean }): boolean {
  const codes = codesOf(run, 'invalid')
  return !run.partial && codes.length > 0 && codes.every((code) => reasonKind(code).isTiming)
}

/**
 * Whether a run is invalid for no other reason than that its bounds are apart, and has them: what is
 * asked of its latency at both of them, and answered alike, is answered.
 */
export function isLateWithBounds(
  run: Parameters<typeof wasLate>[0] & { readonly latencyLowerBound?: object | undefined },
): boolean {
  return (
    run.latencyLowerBound !== undefined &&
    wasLate(run) &&
    codesOf(run, 'invalid').every((code) => reasonKind(code).isBounded === true)
  )
}
