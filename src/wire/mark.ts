/**
 * Marks: what rtbench writes into the payload so that a delivery can be timed and audited on any
 * server that passes it through. Their alphabet survives JSON quoting and HTML escaping; a client
 * finds them by scanning bytes, without parsing the message.
 *
 *     rtbm_<run>_<channel>_<sequence>_<intendedAtUs>_<latenessUs>_<checksum><filler>
 *     rtbi_<epochUs>_<offsetNs>_
 *     rtbi_<acceptedAtUs>_<restNs>_<epoch>_<position>_
 *
 * The first is an event's payload, written by the publisher: its mark, and what fills it up. The
 * second is an event's id, written by a reference server with a log of its own, and the third by one
 * on a bus. All fields are decimal but the checksum, which is six letters, and a bus's epoch. Lateness and checksum have a fixed width, so that they can be
 * written into a request that was composed before.
 */

/** A mark as it was received. */
export class MarkFields {
  /** Run id, an unsigned 32-bit integer: marks of another run are not this run's deliveries. */
  run = 0
  /** Index of the channel; of what a client sends, the number of its own stream. */
  channel = 0
  /** 1, 2, 3… in each channel, or stream. */
  sequence = 0
  /** The scheduled time of sending, nanoseconds of the monotonic clock, kept in whole microseconds. */
  intendedAtNs = 0
  /** The time of hand-over to the connection, or of waiting for the server: up to 10 s later. */
  handedOverAtNs = 0
  /**
   * It or the filler after it is not what the publisher wrote. No other field says anything then,
   * but `run`: `UNREADABLE` where it is the mark.
   */
  damaged = false
  /** The server's time of acceptance, nanoseconds of the monotonic clock; NaN where nothing tells. */
  acceptedAtNs = Number.NaN

  copy(mark: ReceivedMark): void {
    this.run = mark.run
    this.channel = mark.channel
    this.sequence = mark.sequence
    this.intendedAtNs = mark.intendedAtNs
    this.handedOverAtNs = mark.handedOverAtNs
    this.damaged = mark.damaged
    this.acceptedAtNs = mark.acceptedAtNs
  }
}

/** A mark as it was received, of somebody else. */
export type ReceivedMark = Readonly<Omit<MarkFields, 'copy'>>

/** An event's mark, as its publisher writes it. */
export type Mark = Omit<ReceivedMark, 'damaged' | 'acceptedAtNs'>

/** The run of a mark that cannot be read. */
export const UNREADABLE = -1

/** The longest mark that can be written in three years of uptime, bytes; a payload is at least as long. */
export const MAX_MARK_BYTES = 64

const NS_PER_US = 1000
const LATENESS_DIGITS = 7
const MAX_LATENESS_US = 10 ** LATENESS_DIGITS - 1
const CHECKSUM_LETTERS = 6
/** Bytes of a mark's end, which is written when it is handed over. */
const STAMP_BYTES = LATENESS_DIGITS + 1 + CHECKSUM_LETTERS

/** The letters of a checksum, five bits each: no digits, so that no other field passes for it. */
const LETTERS = Buffer.from('abcdefghijklmnopqrstuvwxyzABCDEF')
const CHECKSUM_MASK = 2 ** 30 - 1

/**
 * Takes a number below 2^30 into a checksum of as many bits. Each step can be undone, so that one
 * wrong number is always found; any other damage passes once in a thousand million times.
 */
function mix(sum: number, value: number): number {
  const product = Math.imul(sum ^ value, 0x2c1b3c6d) & CHECKSUM_MASK
  return product ^ (product >>> 15)
}

/** The checksum of all but the lateness. Run and sequence are below 2^32, a channel is below 2^30. */
function sumOf(run: number, channel: number, sequence: number, intendedAtUs: number): number {
  let sum = mix(channel, run & CHECKSUM_MASK)
  sum = mix(sum, sequence & CHECKSUM_MASK)
  sum = mix(sum, ((run >>> 30) << 2) | (sequence >>> 30))
  sum = mix(sum, intendedAtUs & CHECKSUM_MASK)
  return mix(sum, Math.floor(intendedAtUs / 2 ** 30))
}

/** The number that stands for a moment in a mark. */
const toUs = (ns: number): number => Math.round(ns / NS_PER_US)

/** An event's mark, of which only the moment of its hand-over is open. */
export class OpenMark {
  readonly sequence: number
  /** The whole mark's text, handed over in time. */
  readonly text: string
  readonly intendedAtNs: number
  readonly #intendedAtUs: number
  readonly #sum: number

  constructor({ run, channel, sequence, intendedAtNs }: Omit<Mark, 'handedOverAtNs'>) {
    this.sequence = sequence
    this.intendedAtNs = intendedAtNs
    this.#intendedAtUs = toUs(intendedAtNs)
    this.#sum = sumOf(run, channel, sequence, this.#intendedAtUs)
    const stamp = Buffer.alloc(STAMP_BYTES)
    this.text = `rtbm_${run}_${channel}_${sequence}_${this.#intendedAtUs}_`
    this.#write(stamp, 0, 0)
    this.text += stamp.toString('latin1')
  }

  /** Writes the moment of hand-over into bytes that have this mark at an offset. */
  stamp(bytes: Uint8Array, at: number, handedOverAtNs: number): void {
    const latenessUs = Math.round(handedOverAtNs / NS_PER_US - this.#intendedAtUs)
    const end = at + this.text.length
    this.#write(bytes, end - STAMP_BYTES, Math.min(MAX_LATENESS_US, Math.max(0, latenessUs)))
  }

  #write(bytes: Uint8Array, at: number, latenessUs: number): void {
    let rest = latenessUs
    for (let digit = LATENESS_DIGITS - 1; digit >= 0; digit--) {
      bytes[at + digit] = ZERO + (rest % 10)
      rest = Math.floor(rest / 10)
    }
    bytes[at + LATENESS_DIGITS] = UNDERSCORE
    let sum = mix(this.#sum, latenessUs)
    for (let letter = STAMP_BYTES - 1; letter > LATENESS_DIGITS; letter--) {
      bytes[at + letter] = LETTERS[sum & 31] as number
      sum >>>= 5
    }
  }
}

/** Writes an event's mark. */
export function formatMark(mark: Mark): string {
  const open = new OpenMark(mark)
  const bytes = Buffer.from(open.text, 'latin1')
  open.stamp(bytes, 0, mark.handedOverAtNs)
  return bytes.toString('latin1')
}

let fillerBytes = Buffer.alloc(0)

/** Letters in no order (D. E. Knuth's linear congruences): no piece passes that is out of its place. */
function fillerOf(length: number): Buffer {
  if (fillerBytes.length < length) {
    fillerBytes = Buffer.alloc(length)
    let state = 1
    for (let at = 0; at < length; at++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      fillerBytes[at] = LETTERS[state >>> 27] as number
    }
  }
  return fillerBytes
}

/** The filler that follows a mark of so many bytes in a payload. */
export function formatFiller(payloadBytes: number, markBytes: number): string {
  const length = Math.max(0, payloadBytes - markBytes)
  return fillerOf(length).toString('latin1', 0, length)
}

/** Three years of uptime. */
const EPOCH_DIGITS = 14
/** Almost three hours of a log. */
const OFFSET_DIGITS = 13
/** A microsecond's nanoseconds. */
const REST_DIGITS = 3
/** A thousand million events of a bus. */
const POSITION_DIGITS = 9

/**
 * Writes an event's id. The epoch is the start of the server's log; it and the offset stay below 2^53,
 * which plain nanoseconds since boot do not after 104 days. Their width is fixed, so that an event has
 * as many bytes on any machine.
 */
export function formatEventId(epochUs: number, offsetNs: number): string {
  const epoch = String(epochUs).padStart(EPOCH_DIGITS, '0')
  return `rtbi_${epoch}_${String(offsetNs).padStart(OFFSET_DIGITS, '0')}_`
}

/** Writes the id of an event that came over a bus: its time of acceptance, and its place in the bus's order. */
export function formatBusEventId(acceptedAtNs: number, epoch: string, position: number): string {
  const us = Math.floor(acceptedAtNs / NS_PER_US)
  const time = String(us).padStart(EPOCH_DIGITS, '0')
  const rest = String(Math.floor(acceptedAtNs - us * NS_PER_US)).padStart(REST_DIGITS, '0')
  return `rtbi_${time}_${rest}_${epoch}_${String(position).padStart(POSITION_DIGITS, '0')}_`
}

/** An event's id, taken apart. */
export interface EventIdParts {
  readonly acceptedAtNs: number
  /** Of the log or the bus's store whose order the position is one of. */
  readonly epoch: string
  readonly position: number
}

/** The parts of an id that a reference server wrote; null for a foreign id. */
export function parseEventId(id: string): EventIdParts | null {
  const match = /^rtbi_(\d{1,16})_(\d{1,16})_(?:([A-Za-z0-9]{1,24})_(\d{1,16})_)?$/.exec(id)
  if (match === null) return null
  const [, time = '', rest = '', epoch = time, position = rest] = match
  return {
    acceptedAtNs: Number(time) * NS_PER_US + Number(rest),
    epoch,
    position: Number(position),
  }
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

/** Fillers up to this are compared here: a call into native code would cost more. */
const SHORT_FILLER_BYTES = 96

/**
 * Finds marks in bytes, and whether what was found is whole. Its fields hold the event mark found
 * last and the time of acceptance told by the id that came before it, to be set to NaN between
 * messages; nothing is allocated per mark.
 */
export class MarkScanner extends MarkFields {
  /** Offset just past the payload found last; within it where it is damaged. */
  end = 0
  #cursor = 0
  readonly #payloadBytes: number
  readonly #filler: Buffer

  /** @param payloadBytes of each event: its mark and its filler; 0 takes marks without a filler */
  constructor(payloadBytes = 0) {
    super()
    this.#payloadBytes = payloadBytes
    this.#filler = fillerOf(payloadBytes)
  }

  /**
   * Looks in `[start, end)` for the next event mark; false when there is none. What begins as one
   * is one, if a damaged one.
   */
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
      if (kind === LETTER_M) {
        const readable = this.#readMark(bytes, end)
        if (!readable) this.run = UNREADABLE
        this.damaged = !readable || !this.#passFiller(bytes, at, end)
        this.end = this.damaged ? at + PREFIX_BYTES : this.#cursor
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
    const intendedAtUs = this.#readNumber(bytes, end)
    const latenessAt = this.#cursor
    const latenessUs = this.#readNumber(bytes, end)
    if (run < 0 || channel < 0 || sequence < 1 || intendedAtUs < 0 || latenessUs < 0) return false
    if (this.#cursor !== latenessAt + LATENESS_DIGITS + 1) return false
    if (!this.#passSum(bytes, end, mix(sumOf(run, channel, sequence, intendedAtUs), latenessUs))) {
      return false
    }
    this.run = run
    this.channel = channel
    this.sequence = sequence
    this.intendedAtNs = intendedAtUs * NS_PER_US
    this.handedOverAtNs = this.intendedAtNs + latenessUs * NS_PER_US
    return true
  }

  /** Steps past a checksum, if it is the one that is due. */
  #passSum(bytes: Uint8Array, end: number, due: number): boolean {
    const sumEnd = this.#cursor + CHECKSUM_LETTERS
    if (sumEnd > end) return false
    let sum = due
    for (let at = sumEnd - 1; at >= this.#cursor; at--) {
      if (bytes[at] !== LETTERS[sum & 31]) return false
      sum >>>= 5
    }
    this.#cursor = sumEnd
    return true
  }

  /** Steps past the filler of the payload that began at an offset, if it is there. */
  #passFiller(bytes: Uint8Array, payloadAt: number, end: number): boolean {
    const from = this.#cursor
    const length = payloadAt + this.#payloadBytes - from
    if (length <= 0) return true
    const to = from + length
    if (to > end) return false
    const filler = this.#filler
    if (length <= SHORT_FILLER_BYTES) {
      for (let at = 0; at < length; at++) if (bytes[from + at] !== filler[at]) return false
    } else if (filler.compare(bytes, from, to, 0, length) !== 0) return false
    this.#cursor = to
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
