import type { IncomingMessage } from 'node:http'

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
