import type { ServerResponse } from 'node:http'
import {
  type Front,
  type Hub,
  type Meter,
  NOTHING_MISSED,
  type ServerLimits,
  type Subscriber,
  type Visit,
} from '../transport.ts'
import {
  answerError,
  answerHead,
  answerPoll,
  MAX_ANSWER_BYTES,
  requestedChannels,
  requestedCursor,
} from '../visit.ts'

/**
 * Holds a request until there is an event or the hold runs out, then answers explicitly, with an
 * empty list if need be (RFC 6202). The request may ask for a shorter hold than the server's. One
 * without a cursor is answered at once with the newest id, so that its sender has a cursor from which
 * nothing can be missed.
 */
export function mountLongPoll(front: Front, hub: Hub, meter: Meter): void {
  const parked = new Set<ParkedPoll>()
  front.get('/long-poll', (visit) => {
    const { request, response, query } = visit
    const channels = requestedChannels(visit, hub.limits)
    if (channels === null) return
    const holdMs = requestedHoldMs(visit, hub.limits)
    if (holdMs === null) return
    if (request.method === 'HEAD') {
      answerHead(response)
      return
    }
    const cursor = requestedCursor(request, query)
    const replay = cursor === null ? NOTHING_MISSED : hub.replay(channels, cursor, MAX_ANSWER_BYTES)
    if (cursor === null || holdMs === 0 || replay.events.length > 0 || replay.gap) {
      answerPoll(response, replay, hub, meter)
    } else new ParkedPoll(response, channels, cursor, holdMs, hub, meter, parked)
  })
  front.onDrain(() => {
    for (const poll of parked) poll.release()
  })
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

class ParkedPoll implements Subscriber {
  readonly #response: ServerResponse
  readonly #channels: readonly string[]
  readonly #cursor: string
  readonly #hub: Hub
  readonly #meter: Meter
  readonly #parked: Set<ParkedPoll>
  readonly #timer: NodeJS.Timeout
  #held = true

  constructor(
    response: ServerResponse,
    channels: readonly string[],
    cursor: string,
    holdMs: number,
    hub: Hub,
    meter: Meter,
    parked: Set<ParkedPoll>,
  ) {
    this.#response = response
    this.#channels = channels
    this.#cursor = cursor
    this.#hub = hub
    this.#meter = meter
    this.#parked = parked
    this.#timer = setTimeout(this.#onHoldOver, holdMs)
    meter.held++
    parked.add(this)
    for (const channel of channels) hub.subscribe(channel, this)
    response.once('close', this.#onClose)
  }

  deliver(): void {
    if (!this.#unpark()) return
    // All that came by now, a batch included, goes into the one answer.
    const replay = this.#hub.replay(this.#channels, this.#cursor, MAX_ANSWER_BYTES)
    answerPoll(this.#response, replay, this.#hub, this.#meter)
  }

  /** Lets the client go, and its connection too. */
  release(): void {
    if (!this.#unpark()) return
    this.#response.setHeader('Connection', 'close')
    answerPoll(this.#response, NOTHING_MISSED, this.#hub, this.#meter)
  }

  readonly #onHoldOver = (): void => {
    if (this.#unpark()) answerPoll(this.#response, NOTHING_MISSED, this.#hub, this.#meter)
  }

  readonly #onClose = (): void => {
    this.#unpark()
  }

  #unpark(): boolean {
    if (!this.#held) return false
    this.#held = false
    clearTimeout(this.#timer)
    this.#meter.held--
    this.#parked.delete(this)
    for (const channel of this.#channels) this.#hub.unsubscribe(channel, this)
    return true
  }
}
