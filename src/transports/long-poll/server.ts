import type { ServerResponse } from 'node:http'
import { answerHead } from '../answer.ts'
import { requestedChannels } from '../channels.ts'
import { requestedCursor } from '../cursor.ts'
import { answerPoll, MAX_ANSWER_BYTES } from '../poll-answer.ts'
import {
  type Front,
  type Hub,
  type Meter,
  NOTHING_MISSED,
  type Subscriber,
} from '../server-side.ts'

/**
 * Holds a request until there is an event or the hold runs out, then answers explicitly, with an
 * empty list if need be (RFC 6202). A request without a cursor is answered at once with the newest
 * id, so that its sender has a cursor from which nothing can be missed.
 */
export function mountLongPoll(front: Front, hub: Hub, meter: Meter): void {
  const parked = new Set<ParkedPoll>()
  front.get('/long-poll', (visit) => {
    const { request, response, query } = visit
    const channels = requestedChannels(visit, hub.limits)
    if (channels === null) return
    if (request.method === 'HEAD') {
      answerHead(response)
      return
    }
    const cursor = requestedCursor(request, query)
    const replay = cursor === null ? NOTHING_MISSED : hub.replay(channels, cursor, MAX_ANSWER_BYTES)
    if (cursor === null || replay.events.length > 0 || replay.gap) {
      answerPoll(response, replay, hub, meter)
    } else new ParkedPoll(response, channels, cursor, hub, meter, parked)
  })
  front.onDrain(() => {
    for (const poll of parked) poll.release()
  })
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
    this.#timer = setTimeout(this.#onHoldOver, hub.limits.holdMs)
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
