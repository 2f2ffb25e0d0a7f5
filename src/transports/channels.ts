import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerLimits, Visit } from './transport.ts'

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
  if (channels.length === 0) return refuse(visit.response, 'name a channel: ?channel=NAME')
  if (channels.length > limits.maxChannels) {
    return refuse(visit.response, `at most ${limits.maxChannels} channels a request`)
  }
  if (!channels.every(isChannelName)) {
    return refuse(visit.response, 'a channel is 1 to 128 printable characters without spaces')
  }
  // Named twice, a channel must not be replayed twice.
  return [...new Set(channels)]
}

function refuse(response: ServerResponse, message: string): null {
  const body = JSON.stringify({ error: message })
  response.writeHead(400, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  })
  response.end(body)
  return null
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
