import { isUtf8 } from 'node:buffer'

/** Up to here a loop over the bytes costs less than a view of them for native code. */
const SHORT_TEXT = 256

/** Whether `bytes[start, end)` is UTF-8. Most short messages are ASCII, and leave no garbage. */
export function isText(bytes: Buffer, start: number, end: number): boolean {
  let at = start
  if (end - start <= SHORT_TEXT) while (at < end && (bytes[at] as number) < 0x80) at++
  return at === end || isUtf8(bytes.subarray(at, end))
}
