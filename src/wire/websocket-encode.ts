import { createHash, randomFillSync } from 'node:crypto'

/** Opcodes of frames (RFC 6455, 5.2). */
export const Opcode = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const

/** The longest payload of a control frame, bytes (RFC 6455, 5.5). */
export const MAX_CONTROL_BYTES = 125

const ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** The `Sec-WebSocket-Accept` that a server owes to a `Sec-WebSocket-Key` (RFC 6455, 4.2.2). */
export function acceptKey(key: string): string {
  return createHash('sha1')
    .update(key + ACCEPT_GUID)
    .digest('base64')
}

/** Whether a close frame may carry this code (RFC 6455, 7.4, and the registry it founded). */
export function isCloseCode(code: number): boolean {
  return (
    (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) ||
    (code >= 3000 && code <= 4999)
  )
}

/**
 * A whole frame: final, its length in the shortest form (RFC 6455, 5.2 and 5.3). The payload is copied.
 *
 * @param mask The masking key, an unsigned 32-bit integer; unpredictable by default, as 5.3 demands of
 * clients; null leaves a server's frame as it is.
 * @throws {RangeError} when a control frame's payload exceeds 125 bytes.
 */
export function encodeFrame(
  opcode: number,
  payload: Buffer | string,
  mask: number | null = randomMask(),
): Buffer {
  const length = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length
  if (opcode >= Opcode.close && length > MAX_CONTROL_BYTES) {
    throw new RangeError(`control frame with ${length} bytes, more than ${MAX_CONTROL_BYTES}`)
  }
  const lengthBytes = length <= MAX_CONTROL_BYTES ? 0 : length <= 0xffff ? 2 : 8
  const start = 2 + lengthBytes + (mask === null ? 0 : 4)
  // Not from Node's pool: a server keeps its frames.
  const frame = Buffer.allocUnsafeSlow(start + length)
  frame[0] = 0x80 | opcode
  frame[1] =
    (mask === null ? 0 : 0x80) | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127)
  if (lengthBytes === 2) frame.writeUInt16BE(length, 2)
  if (lengthBytes === 8) frame.writeBigUInt64BE(BigInt(length), 2)
  if (typeof payload === 'string') frame.write(payload, start)
  else payload.copy(frame, start)
  if (mask === null) return frame
  frame.writeUInt32BE(mask, start - 4)
  for (let at = 0; at < length; at++) {
    const masked = (frame[start + at] as number) ^ (mask >>> (24 - 8 * (at & 3)))
    frame[start + at] = masked
  }
  return frame
}

/**
 * A client's close frame (RFC 6455, 5.5.1).
 *
 * @throws {RangeError} when the code may not be sent, such as 1005, 1006 and 1015.
 */
export function encodeClose(code: number): Buffer {
  if (!isCloseCode(code)) throw new RangeError(`close code ${code} may not be sent`)
  const payload = Buffer.allocUnsafe(2)
  payload.writeUInt16BE(code)
  return encodeFrame(Opcode.close, payload)
}

// Asking the system for four bytes at a time would cost more than the frame.
const pool = Buffer.alloc(4096)
let poolAt = pool.length

function randomMask(): number {
  if (poolAt === pool.length) {
    randomFillSync(pool)
    poolAt = 0
  }
  poolAt += 4
  return pool.readUInt32BE(poolAt - 4)
}
