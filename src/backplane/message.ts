import type { BusMessage } from './backplane.ts'

/** In the place of a type's length. */
const NO_TYPE = 0xffff
/** Time of acceptance, lengths of channel and type. */
const HEAD_BYTES = 8 + 2 + 2

/** Writes a message as bytes: its time, the lengths of channel and type, then these and the data, UTF-8. */
export function encodeMessage({ channel, type, data, acceptedAtNs }: BusMessage): Buffer {
  const channelBytes = Buffer.byteLength(channel)
  const typeBytes = type === null ? 0 : Buffer.byteLength(type)
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + channelBytes + typeBytes + Buffer.byteLength(data))
  bytes.writeDoubleLE(acceptedAtNs, 0)
  bytes.writeUInt16LE(channelBytes, 8)
  bytes.writeUInt16LE(type === null ? NO_TYPE : typeBytes, 10)
  let at = HEAD_BYTES
  at += bytes.write(channel, at)
  if (type !== null) at += bytes.write(type, at)
  bytes.write(data, at)
  return bytes
}

/** Reads what was written; null of what is no message. The bytes are not kept. */
export function decodeMessage(bytes: Buffer): BusMessage | null {
  if (bytes.length < HEAD_BYTES) return null
  const typeLength = bytes.readUInt16LE(10)
  const channelEnd = HEAD_BYTES + bytes.readUInt16LE(8)
  const typeEnd = channelEnd + (typeLength === NO_TYPE ? 0 : typeLength)
  if (typeEnd > bytes.length) return null
  return {
    acceptedAtNs: bytes.readDoubleLE(0),
    channel: bytes.toString('utf8', HEAD_BYTES, channelEnd),
    type: typeLength === NO_TYPE ? null : bytes.toString('utf8', channelEnd, typeEnd),
    data: bytes.toString('utf8', typeEnd),
  }
}

/** The channel of what was written. */
export function channelOf(bytes: Buffer): string {
  return bytes.toString('utf8', HEAD_BYTES, HEAD_BYTES + bytes.readUInt16LE(8))
}
