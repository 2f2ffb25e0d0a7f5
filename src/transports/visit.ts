import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Hub, Meter, PublishedEvent, Replay, ServerLimits, Visit } from './transport.ts'

/** A JSON answer. */
export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value))
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
  })
  response.end(body)
}

/** Answers HEAD where the content is made only when it is asked for (RFC 9110, section 9.3.2). */
export function answerHead(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }).end()
}

export function answerError(response: ServerResponse, status: number, message: string): void {
  answerJson(response, status, { error: message })
}

/** A channel's name: printable, without white space. */
const CHANNEL_NAME = /^[!-~]{1,128}$/

export function isChannelName(value: unknown): value is string {
  return typeof value === 'string' && CHANNEL_NAME.test(value)
}

/**
 * The channels that a request names by `?channel=`, once or repeated. Answers 400 and returns null
 * when there are none, too many, or one that is no name.
 */
export function requestedChannels(visit: Visit, limits: ServerLimits): readonly string[] | null {
  const channels = visit.query.getAll('channel')
  const fault = channelsFault(channels, limits)
  if (fault !== null) {
    answerError(visit.response, 400, fault)
    return null
  }
  // Named twice, a channel must not be replayed twice.
  return [...new Set(channels)]
}

function channelsFault(channels: readonly string[], { maxChannels }: ServerLimits): string | null {
  if (channels.length === 0) return 'name a channel: ?channel=NAME'
  if (channels.length > maxChannels) return `at most ${maxChannels} channels a request`
  if (channels.every(isChannelName)) return null
  return 'a channel is 1 to 128 printable characters without spaces'
}

/**
 * The cursor of a resuming client: EventSource's header, or the query of the document's polls. The
 * header goes first, since an EventSource that reconnects asks for the same address as before.
 */
export function requestedCursor(request: IncomingMessage, query: URLSearchParams): string | null {
  const header = request.headers['last-event-id']
  if (typeof header === 'string' && header !== '') return Buffer.from(header, 'latin1').toString()
  const value = query.get('lastEventId')
  return value === '' ? null : value
}

const EVENT_TYPE = /^[^\r\n\0]{1,128}$/
/** On a stream, the type that tells of events which cannot be replayed. */
export const GAP_TYPE = 'gap'

/** The fault of a publisher's type for an event; null when it may be published. */
export function eventTypeFault(type: unknown): string | null {
  if (typeof type !== 'string' || !EVENT_TYPE.test(type)) {
    return 'type is not a line of 1 to 128 characters'
  }
  return type === GAP_TYPE ? `type ${GAP_TYPE} is the server's own` : null
}

/** Events in one answer, bytes, about; more of them are for the next request. */
export const MAX_ANSWER_BYTES = 1024 * 1024
/** A body from here on is one buffer for all who get it, though Node writes it apart from the head. */
const LARGE_CHARACTERS = 64 * 1024

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
export function answerPoll(response: ServerResponse, replay: Replay, hub: Hub, meter: Meter): void {
  const { events, gap, isWhole } = replay
  if (gap) meter.gapSignals++
  meter.deliveries += events.length
  const lastEventId = isWhole ? hub.lastEventId : (events.at(-1)?.id ?? '')
  if (replay !== knownReplay || lastEventId !== knownLastEventId) {
    const body = encode(events, gap, lastEventId)
    knownReplay = replay
    knownLastEventId = lastEventId
    knownBody = body.length < LARGE_CHARACTERS ? body : Buffer.from(body)
    knownBytes = Buffer.byteLength(knownBody)
  }
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': knownBytes,
    'Cache-Control': 'no-store',
  })
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
