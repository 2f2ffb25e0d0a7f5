import type { Hub, Publication, Visit } from '../transports/transport.ts'
import { answerError, answerJson, eventTypeFault, isChannelName } from '../transports/visit.ts'

const MAX_BODY_BYTES = 4 * 1024 * 1024

/**
 * `POST /publish`: one event, `{"channel", "data", "type"?}`, or an array of them. Data that is not a
 * string is sent as its JSON text.
 */
export function publishHandler(hub: Hub): (visit: Visit) => void {
  return (visit) => {
    const { response } = visit
    readBody(visit, (text) => {
      let publications: readonly Publication[]
      try {
        publications = parsePublications(text, hub.limits.maxMessageBytes)
      } catch (error) {
        answerError(response, 400, (error as Error).message)
        return
      }
      hub.publish(publications).then(
        () => {
          const { lastEventId } = hub
          answerJson(response, 202, { accepted: publications.length, lastEventId })
        },
        (error: Error) =>
          answerError(response, 503, `the backplane did not take it: ${error.message}`),
      )
    })
  }
}

function readBody({ request, response }: Visit, take: (text: string) => void): void {
  let pieces: Buffer[] = []
  let bytes = 0
  request.on('data', (piece: Buffer) => {
    bytes += piece.length
    if (bytes <= MAX_BODY_BYTES) pieces.push(piece)
    else pieces = []
  })
  request.on('end', () => {
    if (bytes <= MAX_BODY_BYTES) take(Buffer.concat(pieces).toString())
    // Not before: a sender whose connection is closed while it writes may never read the answer.
    else answerError(response, 413, `at most ${MAX_BODY_BYTES} bytes a request`)
  })
}

function parsePublications(text: string, maxDataBytes: number): readonly Publication[] {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new Error('the body is not JSON')
  }
  const items: readonly unknown[] = Array.isArray(body) ? body : [body]
  return items.map((item, index) => parsePublication(item, `event ${index}`, maxDataBytes))
}

function parsePublication(item: unknown, where: string, maxDataBytes: number): Publication {
  if (typeof item !== 'object' || item === null) throw new Error(`${where} is not an object`)
  const { channel, type, data } = item as Record<string, unknown>
  if (!isChannelName(channel)) {
    throw new Error(`${where}: channel is not 1 to 128 printable characters without spaces`)
  }
  const fault = type === undefined || type === null ? null : eventTypeFault(type)
  if (fault !== null) throw new Error(`${where}: ${fault}`)
  if (data === undefined) throw new Error(`${where} has no data`)
  const textData = typeof data === 'string' ? data : JSON.stringify(data)
  if (Buffer.byteLength(textData) > maxDataBytes) {
    throw new Error(`${where}: data is over ${maxDataBytes} bytes`)
  }
  return { channel, type: typeof type === 'string' ? type : null, data: textData }
}
