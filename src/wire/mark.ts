/**
 * Marks: what rtbench writes into the payload so that a delivery can be timed and audited on any
 * server that passes the payload through. Their alphabet is `[A-Za-z0-9_]`, which survives JSON
 * quoting and HTML escaping; a client finds them by scanning bytes, without parsing the message.
 *
 *     rtbm_<run>_<channel>_<sequence>_<intendedAtNs>_    an event's mark, written by the publisher
 *     rtbi_<epochUs>_<offsetNs>_                         an event's id, written by the reference server
 *
 * All fields are decimal. The trailing underscore tells a whole mark from a truncated one.
 */

/** What the publisher says of an event. */
export interface Mark {
  /** Run id, an unsigned 32-bit integer: marks of another run are not this run's deliveries. */
  readonly run: number
  /** Index of the channel. */
  readonly channel: number
  /** 1, 2, 3… in each channel. */
  readonly sequence: number
  /** When the schedule wanted it sent, nanoseconds of the monotonic clock. */
  readonly intendedAtNs: number
}

/** A mark as it was received. */
export interface ReceivedMark extends Mark {
  /** When the server accepted the event, nanoseconds of the monotonic clock; NaN where nothing tells. */
  readonly acceptedAtNs: number
  /** When the publisher handed it over, nanoseconds of the monotonic clock. */
  readonly handedOverAtNs: number
}

/** The longest mark that can be written, bytes; a payload is at least as long. */
export const MAX_MARK_BYTES = 54

/** Writes an event's mark. */
export function formatMark(mark: Mark): string {
  return `rtbm_${mark.run}_${mark.channel}_${mark.sequence}_${mark.intendedAtNs}_`
}

/** Three years of uptime. */
const EPOCH_DIGITS = 14
/** Almost three hours of a log. */
const OFFSET_DIGITS = 13

/**
 * Writes an event's id. The epoch is the start of the server's log; it and the offset stay below
 * 2^53 each, so that an id survives being read as numbers, which plain nanoseconds since boot do
 * not after 104 days. Both are of a fixed width, so that an event has as many bytes on one machine
 * as on another that was booted earlier.
 */
export function formatEventId(epochUs: number, offsetNs: number): string {
  const epoch = String(epochUs).padStart(EPOCH_DIGITS, '0')
  return `rtbi_${epoch}_${String(offsetNs).padStart(OFFSET_DIGITS, '0')}_`
}

/** The parts of an id that the reference server wrote; null for a foreign id. */
export function parseEventId(id: string): { epochUs: number; offsetNs: number } | null {
  const match = /^rtbi_(\d{1,16})_(\d{1,16})_$/.exec(id)
  return match === null ? null : { epochUs: Number(match[1]), offsetNs: Number(match[2]) }
}

/** When the reference server accepted the event with this id, nanoseconds; NaN for a foreign id. */
export function acceptedAtNs(id: string): number {
  const parts = parseEventId(id)
  return parts === null ? Number.NaN : parts.epochUs * 1000 + parts.offsetNs
}

const UNDERSCORE = 0x5f
const ZERO = 0x30
const NINE = 0x39
const LETTER_R = 0x72
const LETTER_T = 0x74
const LETTER_B = 0x62
const LETTER_M = 0x6d
const LETTER_I = 0x69
const PREFIX_BYTES = 5

/**
 * How far a prefix may be sought on from the byte that would be its last: past what stands between
 * marks in steps of a whole prefix (R. N. Horspool, "Practical fast searching in strings", 1980).
 */
const STEPS = new Uint8Array(256).fill(PREFIX_BYTES)
STEPS[LETTER_R] = 4
STEPS[LETTER_T] = 3
STEPS[LETTER_B] = 2
STEPS[LETTER_M] = 1
STEPS[LETTER_I] = 1

/**
 * Finds marks in bytes. Its fields hold the event mark found last and the time of acceptance told
 * by the id that came before it; nothing is allocated per mark.
 */
export class MarkScanner implements ReceivedMark {
  run = 0
  channel = 0
  sequence = 0
  intendedAtNs = 0
  /** From the id met last, nanoseconds; NaN before any. Set it to NaN between messages. */
  acceptedAtNs = Number.NaN
  /** Offset just past the mark found last. */
  end = 0
  #cursor = 0

  get handedOverAtNs(): number {
    return this.intendedAtNs
  }

  /** Looks in `[start, end)` for the next event mark; false when there is none. */
  next(bytes: Uint8Array, start: number, end: number): boolean {
    let last = start + PREFIX_BYTES - 1
    while (last < end) {
      const byte = bytes[last] as number
      const at = last - PREFIX_BYTES + 1
      last += STEPS[byte] as number
      if (
        byte !== UNDERSCORE ||
        bytes[at] !== LETTER_R ||
        bytes[at + 1] !== LETTER_T ||
        bytes[at + 2] !== LETTER_B
      ) {
        continue
      }
      const kind = bytes[at + 3]
      this.#cursor = at + PREFIX_BYTES
      if (kind === LETTER_M && this.#readMark(bytes, end)) {
        this.end = this.#cursor
        return true
      }
      if (kind === LETTER_I) this.#readId(bytes, end)
    }
    return false
  }

  #readMark(bytes: Uint8Array, end: number): boolean {
    const run = this.#readNumber(bytes, end)
    const channel = this.#readNumber(bytes, end)
    const sequence = this.#readNumber(bytes, end)
    const intendedAtNs = this.#readNumber(bytes, end)
    if (run < 0 || channel < 0 || sequence < 1 || intendedAtNs < 0) return false
    this.run = run
    this.channel = channel
    this.sequence = sequence
    this.intendedAtNs = intendedAtNs
    return true
  }

  #readId(bytes: Uint8Array, end: number): void {
    const epochUs = this.#readNumber(bytes, end)
    const offsetNs = this.#readNumber(bytes, end)
    if (epochUs >= 0 && offsetNs >= 0) this.acceptedAtNs = epochUs * 1000 + offsetNs
  }

  /** Reads digits up to an underscore and steps past it; -1 when they are not that. */
  #readNumber(bytes: Uint8Array, end: number): number {
    let value = 0
    let at = this.#cursor
    const first = at
    while (at < end) {
      const byte = bytes[at] as number
      if (byte < ZERO || byte > NINE) break
      value = value * 10 + (byte - ZERO)
      at++
    }
    const whole = at > first && at < end && bytes[at] === UNDERSCORE
    this.#cursor = at + 1
    return whole ? value : -1
  }
}
