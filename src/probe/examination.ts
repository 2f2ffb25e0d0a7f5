/** What is asked of a way to a server, technique by technique, and what it answers. */
import { randomBytes } from 'node:crypto'
import { type Listening, pause } from './listening.ts'
import type { Cursor, Speech } from './speech.ts'

/** Within this an event is delivered at once; what takes longer, and comes by itself, was held back for a time. */
export const AT_ONCE_MS = 150
/** An event that has not come by then is held back until others push it out. */
const HELD_MS = 1_500
const HEAD_MS = 3_000
const LONE_EVENTS = 5
const BETWEEN_MS = 120
const ORDERED = 20
const FILLER_BYTES = 192
const MOST_FILLERS = 512
/** How late an answer may be that is not cut. */
const GRACE_MS = 3_000
/** Silences at whose end it is seen whether a connection still brings something. */
const RUNGS_MS = [5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000]

/** What a technique meets on a way. Times in milliseconds; null where it is not known, or does not apply. */
export interface TechniqueFacts {
  readonly technique: string
  /** Such as `was answered 426`: nothing of it passes. */
  readonly blocked: string | null
  /** The median of some events that came alone. */
  readonly delayMs: number | null
  /** An event waited for others behind it, up to so many bytes; null where none did. */
  readonly heldBytes: number | null
  /** The same, where the server asks that nothing be held back (`X-Accel-Buffering: no`); null where that was not asked. */
  readonly heldWhenHinted: boolean | null
  /** A burst of events came whole, once and in order. */
  readonly ordered: boolean | null
  readonly coding: string | null
  /** A silent connection was ended after so long. */
  readonly cutAfterMs: number | null
  /** How: `504`, `closed`, or `silent`, where nobody was told. */
  readonly cutBy: string | null
  /** The longest silence that was waited for. */
  readonly silentMs: number
  /** The longest time in which the server said nothing, where it kept an own heartbeat. */
  readonly heartbeatMs: number | null
}

export interface Patience {
  /** The longest silence that is waited for. */
  readonly longestMs: number
  readonly signal: AbortSignal
}

type Open = (channel: string) => Listening

/** Asks all techniques that the server speaks, beside each other. */
export async function examineWay(
  speech: Speech,
  { longestMs, signal }: Patience,
): Promise<readonly TechniqueFacts[]> {
  const examination = new Examination(speech, longestMs, signal)
  try {
    return await examination.run()
  } finally {
    examination.close()
  }
}

/** The reference server's word for a stream without a hint to proxies. */
const UNHINTED = 'unhinted'

class Examination {
  readonly #speech: Speech
  readonly #longestMs: number
  readonly #signal: AbortSignal
  readonly #open = new Set<Listening>()
  #channels = 0
  readonly #name = `probe-${randomBytes(4).toString('hex')}`

  constructor(speech: Speech, longestMs: number, signal: AbortSignal) {
    this.#speech = speech
    this.#longestMs = longestMs
    this.#signal = signal
    signal.addEventListener('abort', this.#abort)
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#abort)
    for (const one of this.#open) one.close()
  }

  readonly #abort = (): void => {
    for (const one of this.#open) one.close()
  }

  async run(): Promise<readonly TechniqueFacts[]> {
    const speech = this.#speech
    const stream: Open = (channel) => speech.stream(channel, speech.isReference ? UNHINTED : '')
    const socket: Open = (channel) => speech.socket(channel)
    const found = [
      speech.speaks('short-poll') ? this.#shortPoll() : null,
      speech.speaks('long-poll') ? this.#longPoll() : null,
      speech.speaks('sse') ? this.#pushed('sse', stream, 200) : null,
      speech.speaks('websocket') ? this.#pushed('websocket', socket, 101) : null,
    ]
    return (await Promise.all(found)).filter((facts) => facts !== null)
  }

  #channel(): string {
    return `${this.#name}-${++this.#channels}`
  }

  #token(): string {
    return `rtbench_${randomBytes(6).toString('hex')}`
  }

  #keep<One extends Listening>(one: One): One {
    this.#open.add(one)
    return one
  }

  async #pushed(technique: string, open: Open, status: number): Promise<TechniqueFacts> {
    const silence = this.#silence(open, status)
    const channel = this.#channel()
    const line = this.#keep(open(channel))
    await line.waitFor(() => line.status !== null, HEAD_MS)
    const isRefused = (line.status !== null && line.status !== status) || line.endedAtMs !== null
    if (isRefused) return blockedFacts(technique, line.answer, this.#longestMs, await silence)
    // Who has only asked is perhaps not subscribed yet.
    await pause(BETWEEN_MS)
    const { delayMs, heldBytes } = await this.#lone(line, channel)
    const ordered = await this.#burst(line, channel, heldBytes)
    const coding = line.coding
    line.close()
    const heldWhenHinted =
      technique === 'sse' && heldBytes !== null && this.#speech.isReference
        ? await this.#isHeldWhenHinted()
        : null
    return {
      ...{ technique, blocked: null, delayMs, heldBytes, heldWhenHinted, ordered, coding },
      ...(await silence),
      silentMs: this.#longestMs,
    }
  }

  /** Some events, each by itself; the first that does not come is pushed out by others. */
  async #lone(
    line: Listening,
    channel: string,
  ): Promise<Pick<TechniqueFacts, 'delayMs' | 'heldBytes'>> {
    const delays: number[] = []
    for (let event = 0; event < LONE_EVENTS; event++) {
      const delayMs = await this.#deliver(line, channel)
      if (delayMs === null) return { delayMs: null, heldBytes: await this.#push(line, channel) }
      delays.push(delayMs)
      await pause(BETWEEN_MS)
    }
    return { delayMs: medianOf(delays), heldBytes: null }
  }

  /** Publishes an event; how long it took from then until it was there. */
  async #deliver(line: Listening, channel: string): Promise<number | null> {
    const token = this.#token()
    const fromMs = performance.now()
    await this.#speech.publish(channel, token)
    const came = await line.until(token, HELD_MS)
    return came === null ? null : performance.now() - fromMs
  }

  /** How many bytes of events it takes until one that is held back comes out; null where none does. */
  async #push(line: Listening, channel: string): Promise<number | null> {
    const before = line.text.length
    for (let sent = 0; sent < MOST_FILLERS; sent++) {
      if (line.text.length > before || line.endedAtMs !== null || this.#signal.aborted) break
      // Of such that no compression makes nothing of it.
      await this.#speech.publish(channel, randomBytes(FILLER_BYTES).toString('base64url'))
      if (sent % 4 === 3) await pause(2)
    }
    await line.waitFor(() => line.text.length > before, HEAD_MS)
    // What came at once is what the buffer had room for.
    return line.text.length > before ? line.text.length - before : null
  }

  /** Whether a burst comes whole, once and in order; null where it is held back. */
  async #burst(line: Listening, channel: string, held: number | null): Promise<boolean | null> {
    if (held !== null) return null
    const token = this.#token()
    for (let event = 0; event < ORDERED; event++) {
      await this.#speech.publish(channel, `${token}.${event}.`)
    }
    await line.until(`${token}.${ORDERED - 1}.`, HELD_MS)
    return isInOrder(line.text, token)
  }

  async #isHeldWhenHinted(): Promise<boolean> {
    const channel = this.#channel()
    const line = this.#keep(this.#speech.stream(channel))
    await line.waitFor(() => line.status !== null, HEAD_MS)
    await pause(BETWEEN_MS)
    const delayMs = await this.#deliver(line, channel)
    line.close()
    return delayMs === null
  }

  /** What becomes of connections on which nothing is said: one for each length, all at once. */
  async #silence(open: Open, status: number): Promise<Silence> {
    const rungs = RUNGS_MS.filter((ms) => ms < this.#longestMs)
    const results = await Promise.all(
      [...rungs, this.#longestMs].map((ms) => this.#rung(open, status, ms)),
    )
    const cut = results.find(({ cutAfterMs }) => cutAfterMs !== null)
    const heard = results.map(({ heartbeatMs }) => heartbeatMs).filter((ms) => ms !== null)
    return cut ?? { ...NOT_CUT, heartbeatMs: heard.length === 0 ? null : Math.max(...heard) }
  }

  async #rung(open: Open, status: number, ms: number): Promise<Silence> {
    const channel = this.#channel()
    const line = this.#keep(open(channel))
    await line.waitFor(() => line.status !== null, HEAD_MS)
    const isRefused = line.endedAtMs !== null || (line.status !== null && line.status !== status)
    if (isRefused) return NOT_CUT
    const { length } = line.text
    const fromMs = line.heardAtMs ?? line.beganAtMs
    await line.waitFor(() => false, ms - (performance.now() - fromMs))
    if (this.#signal.aborted) return NOT_CUT
    const lastMs = Math.max(fromMs, line.heardAtMs ?? fromMs)
    if (line.endedAtMs !== null) {
      // What was held back comes out when it is cut, and is no sign of life.
      const sinceMs = length === 0 ? fromMs : lastMs
      return { ...NOT_CUT, cutAfterMs: line.endedAtMs - sinceMs, cutBy: 'closed' }
    }
    const heartbeatMs = lastMs - fromMs > GRACE_MS ? lastMs - fromMs : null
    // Nothing was ever heard of what is held back: that it is still there cannot be seen.
    if (length === 0) {
      line.close()
      return { ...NOT_CUT, heartbeatMs }
    }
    const delayMs = await this.#deliver(line, channel)
    const isClosed = line.endedAtMs !== null
    line.close()
    if (delayMs !== null) return { ...NOT_CUT, heartbeatMs }
    return { ...NOT_CUT, cutAfterMs: ms, cutBy: isClosed ? 'closed' : 'silent' }
  }

  async #poll(cursor: Cursor, channel: string, technique = 'short-poll', holdMs = 0) {
    const answer = this.#keep(this.#speech.poll(technique, channel, cursor, holdMs))
    await answer.waitFor(() => answer.endedAtMs !== null, holdMs + GRACE_MS)
    const { endedAtMs } = answer
    answer.close()
    this.#open.delete(answer)
    // It is over by itself, or was given up here.
    answer.endedAtMs = endedAtMs
    return answer
  }

  /** The first poll, from whose answer the next one has its cursor. */
  async #first(technique: string, channel: string) {
    const first = await this.#poll({ query: '', headers: {} }, channel, technique)
    return { first, cursor: this.#speech.cursorOf(technique, first) }
  }

  async #shortPoll(): Promise<TechniqueFacts> {
    const technique = 'short-poll'
    const channel = this.#channel()
    const { first, cursor } = await this.#first(technique, channel)
    if (first.status !== 200) return blockedFacts(technique, first.answer, 0)
    const delays: number[] = []
    for (let event = 0; event < LONE_EVENTS; event++) {
      const token = this.#token()
      await this.#speech.publish(channel, token)
      const fromMs = performance.now()
      const untilMs = fromMs + HELD_MS
      // The same address again and again is what a cache would answer.
      for (;;) {
        const { text } = await this.#poll(cursor, channel)
        if (text.includes(token)) {
          delays.push(performance.now() - fromMs)
          break
        }
        if (performance.now() > untilMs) break
        await pause(BETWEEN_MS)
      }
    }
    const token = this.#token()
    for (let event = 0; event < ORDERED; event++) {
      await this.#speech.publish(channel, `${token}.${event}.${'x'.repeat(FILLER_BYTES)}`)
    }
    const large = await this.#poll(cursor, channel)
    return {
      ...{ ...NOT_CUT, technique, blocked: null, silentMs: 0 },
      delayMs: delays.length === 0 ? null : medianOf(delays),
      heldBytes: null,
      heldWhenHinted: null,
      ordered: isInOrder(large.text, token),
      coding: large.coding,
    }
  }

  async #longPoll(): Promise<TechniqueFacts> {
    const technique = 'long-poll'
    const silence = this.#heldPoll()
    const channel = this.#channel()
    const { first, cursor } = await this.#first(technique, channel)
    if (first.status !== 200) {
      return blockedFacts(technique, first.answer, this.#longestMs, await silence)
    }
    let [at, coding] = [cursor, first.coding]
    const delays: number[] = []
    for (let event = 0; event < LONE_EVENTS; event++) {
      const token = this.#token()
      const held = this.#poll(at, channel, technique, 2 * HELD_MS)
      await pause(BETWEEN_MS)
      const fromMs = performance.now()
      await this.#speech.publish(channel, token)
      const answer = await held
      if (!answer.text.includes(token)) continue
      delays.push(performance.now() - fromMs)
      at = this.#speech.cursorOf(technique, answer)
      coding ??= answer.coding
    }
    return {
      ...{ technique, blocked: null, heldBytes: null, heldWhenHinted: null, ordered: null },
      ...{ delayMs: delays.length === 0 ? null : medianOf(delays), coding },
      ...(await silence),
      silentMs: this.#longestMs,
    }
  }

  /** A poll that the server holds for as long as is to be waited. */
  async #heldPoll(): Promise<Silence> {
    const technique = 'long-poll'
    const channel = this.#channel()
    const { first, cursor } = await this.#first(technique, channel)
    if (first.status !== 200 || this.#longestMs === 0) return NOT_CUT
    const held = await this.#poll(cursor, channel, technique, this.#longestMs)
    if (this.#signal.aborted) return NOT_CUT
    const afterMs = (held.endedAtMs ?? performance.now()) - held.beganAtMs
    if (held.status === 200 && held.failure === null) {
      // The server held it for less.
      return { ...NOT_CUT, heartbeatMs: afterMs < this.#longestMs - GRACE_MS ? afterMs : null }
    }
    const cutBy = held.endedAtMs === null ? 'silent' : String(held.status ?? 'closed')
    return { ...NOT_CUT, cutAfterMs: afterMs, cutBy }
  }
}

type Silence = Pick<TechniqueFacts, 'cutAfterMs' | 'cutBy' | 'heartbeatMs'>
const NOT_CUT: Silence = { cutAfterMs: null, cutBy: null, heartbeatMs: null }

function blockedFacts(
  technique: string,
  blocked: string,
  silentMs: number,
  silence = NOT_CUT,
): TechniqueFacts {
  const nothing = { delayMs: null, heldBytes: null, heldWhenHinted: null, ordered: null }
  return { ...silence, ...nothing, technique, blocked, coding: null, silentMs }
}

/** Whether each of a burst's events stands in a text once, in their order. */
function isInOrder(text: string, token: string): boolean {
  const found = [...text.matchAll(new RegExp(`${token}\\.(\\d+)\\.`, 'g'))].map(([, at]) =>
    Number(at),
  )
  return found.length === ORDERED && found.every((at, index) => at === index)
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
