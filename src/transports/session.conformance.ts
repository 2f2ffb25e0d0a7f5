/** The test's side of a client: a session that keeps all it is told, on alarms of its own. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { NS_PER_MS, nowNs } from '../measure/clock.ts'
import { CookieJar } from '../wire/cookie-jar.ts'
import { formatMark, type ReceivedMark } from '../wire/mark.ts'
import { MessageMarks } from '../wire/message-marks.ts'
import { SharedReader } from '../wire/socket.ts'
import type { Alarms, Pace, Session, Sleeper, Waiter } from './transport.ts'

export const PACE: Pace = {
  intervalMs: 20,
  holdMs: 150,
  rate: 0,
  timeoutMs: 2_000,
  backoff: 'full-jitter',
}

/** An event's data: a mark of this sequence among other text. */
export function marked(sequence: number, before = '', after = ''): string {
  return (
    before +
    formatMark({ run: 1, channel: 0, sequence, intendedAtNs: 5_000, handedOverAtNs: 9_000 }) +
    after
  )
}

/** Sequences `from` to `to`, both included. */
export function span(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

/** Waits for a condition, within a bound. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  withinMs = 5_000,
): Promise<void> {
  const end = nowNs() + withinMs * NS_PER_MS
  while (!(await condition())) {
    assert(nowNs() < end, `not within ${withinMs} ms: ${what}`)
    await sleep(4)
  }
}

/** Wakes sleepers in the order of their times, by one timer. */
export class TimerAlarms implements Alarms {
  readonly nowNs = nowNs
  #set: { readonly atNs: number; readonly sleeper: Sleeper }[] = []
  #timer: NodeJS.Timeout | null = null

  set(atNs: number, sleeper: Sleeper): void {
    this.#set.push({ atNs, sleeper })
    this.#set.sort((a, b) => a.atNs - b.atNs)
    this.#arm()
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#set = []
  }

  #arm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    const [first] = this.#set
    if (first === undefined) return
    this.#timer = setTimeout(this.#ring, Math.max(0, (first.atNs - nowNs()) / NS_PER_MS))
  }

  readonly #ring = (): void => {
    const now = nowNs()
    const due = this.#set.filter(({ atNs }) => atNs <= now)
    this.#set = this.#set.filter(({ atNs }) => atNs > now)
    for (const { atNs, sleeper } of due) sleeper.wake(atNs)
    this.#arm()
  }
}

/** Keeps all that a client tells. */
export class RecordingSession implements Session {
  readonly channel: string
  readonly pace: Pace
  readonly alarms: Alarms
  /** They have begun, unless a test says otherwise. */
  eventsFromNs = 0
  settlingMs = 0
  firstEventMs: number | null = null
  readonly reader = new SharedReader()
  /** In the order of their coming. */
  readonly marks: ReceivedMark[] = []
  /** The data of every event with a mark, unless they were received by that alone. */
  readonly payloads: string[] = []
  readonly cuts: string[] = []
  readonly acknowledgements: { ref: number; refusal: string | null; bytes: number }[] = []
  /** Events of each answer. */
  readonly answers: number[] = []
  subscriptions = 0
  requests = 0
  gaps = 0
  /** The cursor of each connection. */
  readonly cursors: string[] = []
  /** Of marks, which are not among the others. */
  damaged = 0
  /** The text of every message without a mark. */
  readonly strangers: string[] = []
  /** How often it was told anything. */
  told = 0
  /** In a swarm it is the client's number. */
  key = '0'
  readonly #jar = new CookieJar()
  readonly #marks = new MessageMarks()

  constructor(channel: string, pace: Pace, alarms: Alarms) {
    this.channel = channel
    this.pace = pace
    this.alarms = alarms
  }

  get cookies(): string {
    return this.#jar.text
  }

  setCookie(field: string): void {
    this.#jar.take(field)
  }

  /** The shortest waits: tests reconnect soon. */
  random(): number {
    return 0
  }

  afterReads(waiter: Waiter): void {
    setImmediate(() => waiter.goOn())
  }

  dialled(): void {}

  reached(): void {}

  subscribed(): void {
    this.told++
    this.subscriptions++
  }

  cut(cause: string): void {
    this.told++
    this.cuts.push(cause)
  }

  requested(): void {
    this.told++
    this.requests++
  }

  answered(events: number): void {
    this.told++
    this.answers.push(events)
  }

  acknowledged(ref: number, refusal: string | null, bytes: number): void {
    this.acknowledgements.push({ ref, refusal, bytes })
  }

  opened(cursor: string): void {
    this.cursors.push(cursor)
  }

  gap(): void {
    this.told++
    this.gaps++
  }

  received(bytes: Buffer, start: number, end: number, acceptedAtNs: number): number {
    return this.#receive(bytes, start, end, acceptedAtNs, false)
  }

  receivedList(bytes: Buffer, start: number, end: number): number {
    return this.#receive(bytes, start, end, Number.NaN, true)
  }

  unmarked(bytes: Buffer, start: number, end: number): void {
    this.told++
    this.strangers.push(bytes.toString('utf8', start, end))
  }

  #receive(
    bytes: Buffer,
    start: number,
    end: number,
    acceptedAtNs: number,
    isList: boolean,
  ): number {
    this.told++
    let found = 0
    this.#marks.begin(start, end, acceptedAtNs, isList)
    while (this.#marks.next(bytes)) {
      found++
      this.#record(this.#marks.mark)
    }
    if (found > 0) this.payloads.push(...eventData(bytes.toString('utf8', start, end)))
    return found
  }

  get lastMark(): ReceivedMark {
    return this.#marks.mark
  }

  receivedMark(mark: ReceivedMark): void {
    this.told++
    this.#record(mark)
  }

  #record(mark: ReceivedMark): void {
    const { run, channel, sequence, intendedAtNs, handedOverAtNs, acceptedAtNs, damaged } = mark
    if (damaged) this.damaged++
    else {
      this.marks.push({
        run,
        channel,
        sequence,
        intendedAtNs,
        handedOverAtNs,
        acceptedAtNs,
        damaged,
      })
    }
  }

  get sequences(): number[] {
    return this.marks.map(({ sequence }) => sequence)
  }
}

/** The events' data in what a transport hands over: in an answer, in a message, or as it is. */
function eventData(text: string): readonly string[] {
  if (!text.startsWith('{')) return [text]
  try {
    const value = JSON.parse(text) as { events?: readonly { data: string }[]; data?: string }
    return value.events?.map(({ data }) => data) ?? [value.data ?? text]
  } catch {
    // A mark is found wherever it stands, also in what a server has put together wrongly.
    return [text]
  }
}
