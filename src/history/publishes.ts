import type { PublishFate, PublishRecord } from './record.ts'

/** Of one order's sequences none is so far beyond the last one: publishes are written as their fates are known. */
const LEAP = 2 ** 20

/** One order of events: a channel's own, or a sender's. Columns are by sequence. */
export interface Stream {
  readonly channel: number
  readonly from: number | undefined
  /** The highest sequence that was published. */
  last: number
  readonly intendedUs: number[]
  readonly settledUs: number[]
  readonly fates: PublishFate[]
  readonly lines: number[]
}

/** All publishes of a run, by their streams. Sequences may be any: plain arrays stay small where they are sparse. */
export class Publishes {
  readonly #own: Stream[] = []
  readonly #bySender: Stream[] = []
  readonly #ofChannel: Stream[][] = []
  readonly counts: Record<PublishFate, number> = { acknowledged: 0, refused: 0, unknown: 0 }

  /** @returns what contradicts what was said before; null where nothing does */
  add(record: PublishRecord, line: number): string | null {
    const { channel, from, sequence, fate } = record
    const stream = this.#stream(channel, from)
    if (stream.channel !== channel) return `client ${from} has sent on channel ${stream.channel}`
    if (sequence === 0) return 'a sequence is from 1 on'
    if (sequence > stream.last + LEAP) return `sequence ${sequence} comes after ${stream.last}`
    if (stream.fates[sequence] !== undefined) {
      return `the same event is published in line ${stream.lines[sequence]}`
    }
    stream.last = Math.max(stream.last, sequence)
    stream.intendedUs[sequence] = record.intendedUs
    stream.settledUs[sequence] = record.settledUs
    stream.fates[sequence] = fate
    stream.lines[sequence] = line
    this.counts[fate]++
    return null
  }

  /** Undefined where nothing was published so. */
  streamOf(channel: number, from: number | undefined): Stream | undefined {
    const stream = from === undefined ? this.#own[channel] : this.#bySender[from]
    return stream?.channel === channel ? stream : undefined
  }

  /** All orders that a channel's clients hear. */
  heardOn(channel: number): readonly Stream[] {
    return this.#ofChannel[channel] ?? []
  }

  #stream(channel: number, from: number | undefined): Stream {
    const streams = from === undefined ? this.#own : this.#bySender
    const key = from ?? channel
    const known = streams[key]
    if (known !== undefined) return known
    const stream: Stream = {
      ...{ channel, from, last: 0 },
      ...{ intendedUs: [], settledUs: [], fates: [], lines: [] },
    }
    streams[key] = stream
    const heard = this.#ofChannel[channel] ?? []
    heard.push(stream)
    this.#ofChannel[channel] = heard
    return stream
  }
}
