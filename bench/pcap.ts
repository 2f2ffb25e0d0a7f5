/** Reads what tcpdump wrote: https://datatracker.ietf.org/doc/html/draft-ietf-opsawg-pcap */

/** A TCP segment over IPv4 that carries something. */
export interface Segment {
  /** Nanoseconds since 1970, as exact as a double: a quarter of a microsecond. */
  readonly atNs: number
  readonly sourcePort: number
  readonly destinationPort: number
  readonly payload: Buffer
}

const MICROSECONDS = 0xa1b2c3d4
const NANOSECONDS = 0xa1b23c4d
const ETHERNET = 1
const FILE_HEAD_BYTES = 24
const RECORD_HEAD_BYTES = 16
const ETHERNET_BYTES = 14
const IPV4 = 0x0800
const TCP = 6

/**
 * All segments of a capture file with Ethernet frames, which are those of the loopback device, in order.
 * A packet that was cut by tcpdump is as long as what was kept of it.
 */
export function readSegments(file: Buffer): readonly Segment[] {
  const magic = file.readUInt32LE(0)
  if (magic !== MICROSECONDS && magic !== NANOSECONDS) {
    throw new Error(`no capture file of this machine's byte order: ${magic.toString(16)}`)
  }
  const linkType = file.readUInt32LE(20) & 0xffff
  if (linkType !== ETHERNET) throw new Error(`frames of link type ${linkType}, not of Ethernet`)
  const fractionNs = magic === NANOSECONDS ? 1 : 1000
  const segments: Segment[] = []
  let at = FILE_HEAD_BYTES
  while (at + RECORD_HEAD_BYTES <= file.length) {
    const atNs = file.readUInt32LE(at) * 1e9 + file.readUInt32LE(at + 4) * fractionNs
    const end = at + RECORD_HEAD_BYTES + file.readUInt32LE(at + 8)
    const segment = readFrame(file.subarray(at + RECORD_HEAD_BYTES, end), atNs)
    if (segment !== null) segments.push(segment)
    at = end
  }
  return segments
}

function readFrame(frame: Buffer, atNs: number): Segment | null {
  if (frame.length < ETHERNET_BYTES + 40 || frame.readUInt16BE(12) !== IPV4) return null
  const packet = frame.subarray(ETHERNET_BYTES)
  if (packet[9] !== TCP) return null
  const headBytes = ((packet[0] as number) & 0x0f) * 4
  // A frame may be padded: the packet says how long it is.
  const segment = packet.subarray(headBytes, packet.readUInt16BE(2))
  const payload = segment.subarray(((segment[12] as number) >> 4) * 4)
  if (payload.length === 0) return null
  return {
    atNs,
    sourcePort: segment.readUInt16BE(0),
    destinationPort: segment.readUInt16BE(2),
    payload,
  }
}
