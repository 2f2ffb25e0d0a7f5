/** The payload length in the head of a frame (RFC 6455, section 5.2). */

/** In the second byte: the length is in the next two bytes, or in the next eight. */
export const LENGTH_16 = 126
export const LENGTH_64 = 127

/** Bytes of an unmasked frame before its payload, told by its second byte. */
export function headBytes(second: number): number {
  return second < LENGTH_16 ? 2 : second === LENGTH_16 ? 4 : 10
}

/** Big-endian; exact up to 2^53, and never mistaken for a smaller one above. */
export function readLength(bytes: Buffer, start: number, end: number): number {
  let length = 0
  for (let at = start; at < end; at++) length = length * 256 + (bytes[at] as number)
  return length
}
