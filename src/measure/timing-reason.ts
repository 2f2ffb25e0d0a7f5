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

/** Whether a reason leaves what is counted as it is. */
export function isTimingReason({ code }: { readonly code: string }): boolean {
  return reasonKind(code).isTiming
}
