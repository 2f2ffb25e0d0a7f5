import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Hub, ServerLimits, Visit } from './transport.ts'

export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value))
  writeJsonHead(response, status, body.length)
  response.end(body)
}

export function writeJsonHead(response: ServerResponse, status: number, bytes: number): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': bytes,
    'Cache-Control': 'no-store',
  })
}

/** Of a server that will be there again: the least that clients are to wait, seconds (RFC 9110, section 10.2.3). */
export const RETRY_AFTER_SECONDS = 1

export function answerError(response: ServerResponse, status: number, message: string): void {
  if (status === 503) response.setHeader('Retry-After', RETRY_AFTER_SECONDS)
  answerJson(response, status, { error: message })
}

const CHANNEL_NAME = /^[!-~]{1,128}$/

export function isChannelName(value: unknown): value is string {
  return typeof value === 'string' && CHANNEL_NAME.test(value)
}

/**
 * Hands a visit on with the channels that it names by `?channel=`, when their events come here: at once,
 * unless the hub has to ask its backplane for them first.
 */
export function withChannels(
  hub: Hub,
  handle: (visit: Visit, channels: readonly string[]) => void,
): (visit: Visit) => void {
  return (visit) => {
    const channels = requestedChannels(visit, hub.limits)
    if (channels === null) return
    const entering = hub.enter(channels)
    if (entering === null) {
      handle(visit, channels)
      return
    }
    const { response, request } = visit
    entering
      .then(
        () => {
          if (!request.socket.destroyed) handle(visit, channels)
        },
        () => answerError(response, 503, 'the backplane cannot be reached'),
      )
      .catch(() => request.socket.destroy())
  }
}

/** The channels that a request names; null when it is answered 400 for them. */
function requestedChannels(visit: Visit, limits: ServerLimits): readonly string[] | null {
  const channels = visit.query.getAll('channel')
  const fault = channelsFault(channels, limits)
  // Named twice, a channel must not be replayed twice.
  if (fault === null) return [...new Set(channels)]
  answerError(visit.response, 400, fault)
  return null
}

function channelsFault(channels: readonly string[], { maxChannels }: ServerLimits): string | null {
  if (channels.length === 0) return 'name a channel: ?channel=NAME'
  if (channels.length > maxChannels) return `at most ${maxChannels} channels a request`
  if (channels.every(isChannelName)) return null
  return 'a channel is 1 to 128 printable characters without spaces'
}

/**
 * The cursor of a resuming client: EventSource's header, or the query. The header goes first, since an
 * EventSource that reconnects asks for the same address as before.
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

/** The fields of a JSON object; null of what is none. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null
  } catch {
    return null
  }
}
