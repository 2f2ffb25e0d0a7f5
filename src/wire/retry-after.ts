/** `120`: seconds; all other forms are dates (RFC 9110, section 10.2.3). */
const SECONDS = /^\d{1,10}$/

/**
 * How long the value of a Retry-After field asks to wait, milliseconds; 0 for a date that is over, and for what
 * is neither seconds nor a date.
 *
 * @param nowMs by the wall clock, which the date is of
 */
export function retryAfterMs(value: string, nowMs = Date.now()): number {
  const text = value.trim()
  if (SECONDS.test(text)) return Number(text) * 1_000
  // Without a letter it is no date of HTTP's, whatever JavaScript makes of it.
  const waitMs = /[A-Za-z]/.test(text) ? Date.parse(text) - nowMs : 0
  return waitMs > 0 ? waitMs : 0
}
