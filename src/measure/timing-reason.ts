import { reasonKind } from './reason-code.ts'

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

/**
 * Whether a run is invalid for no other reason than that its bounds are apart, and has them: what is
 * asked of its latency at both of them, and answered alike, is answered.
 */
export function isLateWithBounds(
  run: Judged & { readonly latencyLowerBound?: object | undefined },
): boolean {
  const reasons = run.validity.reasons.filter(({ severity }) => severity === 'invalid')
  return (
    run.latencyLowerBound !== undefined &&
    wasLate(run) &&
    reasons.every(({ code }) => reasonKind(code).isBounded === true)
  )
}

/** Whether a reason leaves what is counted as it is. */
export function isTimingReason({ code }: { readonly code: string }): boolean {
  return reasonKind(code).isTiming
}
