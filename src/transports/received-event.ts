import { acceptedAtNs } from '../wire/mark.ts'
import type { Session } from './client-side.ts'

/** Characters for which the bytes are there at once; an event of more gets more. */
const USUAL_CHARACTERS = 64 * 1024
/** UTF-8 of a string's character takes no more. */
const BYTES_PER_CHARACTER = 3

// One for the whole worker: the session looks at the bytes during the call only.
let bytes = Buffer.alloc(0)
// A broadcast gives the same id to every client of this process: its time is read once.
let knownId: string | null = null
let knownAcceptedAtNs = Number.NaN

/**
 * Tells the session of an event that a library has made into strings; returns 1, or 0 if its data had no
 * mark. The session scans bytes, so the data is written into a buffer once more: a tenth of a
 * microsecond for 128 of them, which an application would not pay.
 */
export function receiveEvent(session: Session, data: string, id: string | null): number {
  const length = encode(data)
  if (id !== knownId) {
    knownId = id
    knownAcceptedAtNs = id === null ? Number.NaN : acceptedAtNs(id)
  }
  return session.received(bytes, 0, length, knownAcceptedAtNs)
}

/** Tells the session of a message without a mark. */
export function receiveUnmarked(session: Session, data: string): void {
  if (data !== '') session.unmarked(bytes, 0, encode(data))
}

/** Returns how many bytes there are of it now. */
function encode(data: string): number {
  if (bytes.length < data.length * BYTES_PER_CHARACTER) {
    const characters = Math.max(USUAL_CHARACTERS, data.length)
    bytes = Buffer.allocUnsafeSlow(characters * BYTES_PER_CHARACTER)
  }
  return bytes.write(data)
}
