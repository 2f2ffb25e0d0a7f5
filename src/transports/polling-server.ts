import type { ServerResponse } from 'node:http'
import { spread } from './spread.ts'
import {
  type Front,
  type Hub,
  type Meter,
  NOTHING_MISSED,
  type PublishedEvent,
  type Replay,
  type ServerLimits,
  type Subscriber,
  type Visit,
} from './transport.ts'
import { answerError, requestedCursor, withChannels, writeJsonHead } from './visit.ts'

/** Events in one answer, bytes, about; more of them are for the next request. */
const MAX_ANSWER_BYTES = 1024 * 1024
/** A body from here on is one buffer for all who get it, though Node writes it apart from the head. */
const LARGE_CHARACTERS = 64 * 1024

/** Answers at once with what came after the cursor, which is often nothing. */
export function mountShortPoll(front: Front, hub: Hub, meter: Meter): void {
  const handle = withChannels(hub, (visit, channels) => {
    const poll = requestedPoll(visit, channels, hub, () => 0)
    if (poll !== null) answerPoll(visit.response, poll, hub, meter)
  })
  front.get('/poll', handle)
}

/**
 * Holds a request until there is an event or the hold runs out, then answers explicitly, with an
 * empty list if need be (RFC 6202). One without a cursor is answered at once with the newest id, so
 * that its sender has a cursor from which nothing can be missed.
 */
export function mountLongPoll(front: Front, hub: Hub, meter: Meter): void {
  const lot: Lot = { hub, meter, parked: new Set() }
  const handle = withChannels(hub, (visit, channels) => {
    const poll = requestedPoll(visit, channels, hub, requestedHoldMs)
    if (poll === null) return
    const { cursor, replay } = poll
    if (cursor === null || poll.holdMs === 0 || replay.events.length > 0 || replay.gap) {
      answerPoll(visit.response, poll, hub, meter)
    } else new ParkedPoll(visit.response, channels, cursor, poll.holdMs, lot)
  })
  front.get('/long-poll', handle)
  front.onDrain(() => {
    for (const poll of lot.parked) poll.release()
  })
  front.onLeave((withinMs) => {
    const { size } = lot.parked
    spread(lot.parked, withinMs, (poll) => poll.release())
    return size
  })
}

/** What a poll asks for, and what it missed; null where it is answered already. */
function requestedPoll(
  visit: Visit,
  channels: readonly string[],
  hub: Hub,
  hold: typeof requestedHoldMs,
) {
  const { request, response, query } = visit
  const holdMs = hold(visit, hub.limits)
  if (holdMs === null) return null
  if (request.method === 'HEAD') {
    // The content is made only when it is asked for (RFC 9110, section 9.3.2).
    response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
    response.end()
    return null
  }
  const cursor = requestedCursor(request, query)
  const replay = cursor === null ? NOTHING_MISSED : hub.replay(channels, cursor, MAX_ANSWER_BYTES)
  return { cursor, holdMs, replay }
}

/**
 * The milliseconds that `?hold=` asks for, at most the server's own, which hold without it. Answers 400
 * and returns null when it is no such number.
 */
function requestedHoldMs({ query, response }: Visit, limits: ServerLimits): number | null {
  const given = query.get('hold')
  if (given === null) return limits.holdMs
  if (/^\d{1,9}$/.test(given)) return Math.min(Number(given), limits.holdMs)
  answerError(response, 400, 'hold is a whole number of milliseconds')
  return null
}

/** Where polls are parked. */
interface Lot {
  readonly hub: Hub
  readonly meter: Meter
  readonly parked: Set<ParkedPoll>
}

class ParkedPoll implements Subscriber {
  readonly #response: ServerResponse
  readonly #channels: readonly string[]
  readonly #cursor: string
  readonly #lot: Lot
  readonly #timer: NodeJS.Timeout

  constructor(
    response: ServerResponse,
    channels: readonly string[],
    cursor: string,
    holdMs: number,
    lot: Lot,
  ) {
    this.#response = response
    this.#channels = channels
    this.#cursor = cursor
    this.#lot = lot
    this.#timer = setTimeout(() => {
      if (this.#unpark()) this.#answer(NOTHING_MISSED)
    }, holdMs)
    lot.meter.held++
    lot.parked.add(this)
    for (const channel of channels) lot.hub.subscribe(channel, this)
    response.once('close', () => this.#unpark())
  }

  deliver(): void {
    // All that came by now, a batch included, goes into the one answer.
    const replay = this.#lot.hub.replay(this.#channels, this.#cursor, MAX_ANSWER_BYTES)
    // What its client has had already, on another instance, is no answer.
    if (replay.events.length === 0 && !replay.gap) return
    if (this.#unpark()) this.#answer(replay)
  }

  missed(): void {
    this.deliver()
  }

  /** Lets the client go, and its connection too. */
  release(): void {
    if (!this.#unpark()) return
    // Over HTTP/2 others are on it.
    const { httpVersionMajor } = this.#response.req
    if (httpVersionMajor === 1) this.#response.setHeader('Connection', 'close')
    this.#answer(NOTHING_MISSED)
  }

  #answer(replay: Replay): void {
    const { hub, meter } = this.#lot
    answerPoll(this.#response, { replay, cursor: this.#cursor }, hub, meter)
  }

  /** False when it was answered already. */
  #unpark(): boolean {
    const { parked, meter, hub } = this.#lot
    if (!parked.delete(this)) return false
    clearTimeout(this.#timer)
    meter.held--
    for (const channel of this.#channels) hub.unsubscribe(channel, this)
    return true
  }
}

// A broadcast answers thousands of parked polls with one and the same body.
let knownReplay: Replay | null = null
let knownLastEventId = ''
let knownBody: string | Buffer = ''
let knownBytes = 0

/**
 * Answers a poll with what it missed: `{"events":[{"id","type","data"}],"lastEventId"}`, with
 * `"gap":true` first where the log could not replay everything. `lastEventId` is the cursor for
 * the next request, which gets what did not fit.
 */
function answerPoll(
  response: ServerResponse,
  { replay, cursor }: { readonly replay: Replay; readonly cursor: string | null },
  hub: Hub,
  meter: Meter,
): void {
  const { events, gap, isWhole } = replay
  if (gap) meter.gapSignals++
  meter.deliveries += events.length
  const lastEventId = isWhole ? hub.cursorFrom(cursor) : (events.at(-1)?.id ?? '')
  if (replay !== knownReplay || lastEventId !== knownLastEventId) {
    const body = encode(events, gap, lastEventId)
    knownReplay = replay
    knownLastEventId = lastEventId
    knownBody = body.length < LARGE_CHARACTERS ? body : Buffer.from(body)
    knownBytes = Buffer.byteLength(knownBody)
  }
  writeJsonHead(response, 200, knownBytes)
  // Of a text Node makes one write together with the head.
  response.end(knownBody)
  // Rarely: what the kernel takes at once need not be watched.
  if ((response.socket?.writableLength ?? 0) > 0) watchUnread(response, hub, meter)
}

/** Closes the connection of somebody who asks and does not read the answer. */
function watchUnread(response: ServerResponse, hub: Hub, meter: Meter): void {
  const timer = setTimeout(() => {
    meter.slowConsumers++
    response.destroy()
  }, hub.limits.answerMs)
  response.once('close', () => clearTimeout(timer))
}

function encode(events: readonly PublishedEvent[], gap: boolean, lastEventId: string): string {
  return `{${gap ? '"gap":true,' : ''}"events":[${events.map(encodeEvent).join()}],"lastEventId":"${lastEventId}"}`
}

function encodeEvent(event: PublishedEvent): string {
  const type = event.type === null ? '' : `"type":${JSON.stringify(event.type)},`
  return `{"id":"${event.id}",${type}"data":${JSON.stringify(event.data)}}`
}
