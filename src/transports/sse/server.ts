import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { requestedChannels, requestedCursor } from '../channels.ts'
import { Rota } from '../rota.ts'
import type { Front, Hub, Meter, PublishedEvent, Replay, Subscriber } from '../transport.ts'

const HEARTBEAT = chunk(':\n\n')
const LAST_CHUNK = '0\r\n\r\n'
const NOTHING: Replay = { events: [], gap: false }

// A broadcast writes one and the same frame to every stream.
let knownEvent: PublishedEvent | null = null
let knownFrame = HEARTBEAT

/**
 * Streams events for as long as the connection lasts. The first block carries the reconnection
 * time and, where no event follows, the newest id without data, which moves the client's cursor
 * without giving it an event (HTML standard): whoever is cut before the first event still resumes
 * at the right place.
 */
export function mountSse(front: Front, hub: Hub, meter: Meter): void {
  const streams = new Rota<EventStream>(hub.limits.heartbeatMs, (stream) => {
    stream.write(HEARTBEAT)
  })

  front.get('/sse', (visit) => {
    const channels = requestedChannels(visit, hub.limits)
    if (channels === null) return
    const { response, request } = visit
    if (request.httpVersion !== '1.1' || response.socket === null) {
      response.writeHead(505, { 'Content-Length': 0, Connection: 'close' }).end()
      return
    }
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      // nginx would hold events back to fill its buffers.
      'X-Accel-Buffering': 'no',
      'Transfer-Encoding': 'chunked',
    })
    response.flushHeaders()
    const stream = new EventStream(response.socket, hub, meter)
    stream.open(channels, requestedCursor(request, visit.query))
    streams.add(stream)
    response.once('close', () => {
      streams.delete(stream)
      stream.close(channels)
    })
  })

  front.onDrain(() => {
    for (const stream of streams.stop()) stream.end()
  })
}

/** One client's stream. It writes chunks itself, past the response, which would frame each anew. */
class EventStream implements Subscriber {
  readonly #socket: Socket
  readonly #hub: Hub
  readonly #meter: Meter
  /** Unsent bytes beyond which the client is too slow. */
  #maxBufferedBytes: number

  constructor(socket: NonNullable<ServerResponse['socket']>, hub: Hub, meter: Meter) {
    this.#socket = socket
    this.#hub = hub
    this.#meter = meter
    this.#maxBufferedBytes = hub.limits.maxBufferedBytes
  }

  open(channels: readonly string[], cursor: string | null): void {
    const { limits, lastEventId } = this.#hub
    this.#meter.held++
    for (const channel of channels) this.#hub.subscribe(channel, this)
    let opening = `retry: ${limits.retryMs}\n`
    const replay = cursor === null ? NOTHING : this.#hub.replay(channels, cursor)
    opening += replay.events.length === 0 ? `id: ${lastEventId}\n\n` : '\n'
    if (replay.gap) {
      this.#meter.gapSignals++
      opening += `event: gap\ndata: ${JSON.stringify({ lastEventId: cursor })}\n\n`
    }
    for (const event of replay.events) opening += frameText(event)
    this.#meter.deliveries += replay.events.length
    const bytes = chunk(opening)
    // Who asks for much has not been slow yet; the log bounds it.
    this.#maxBufferedBytes += bytes.length
    this.write(bytes)
  }

  close(channels: readonly string[]): void {
    this.#meter.held--
    for (const channel of channels) this.#hub.unsubscribe(channel, this)
  }

  deliver(event: PublishedEvent): void {
    if (event !== knownEvent) {
      knownEvent = event
      knownFrame = chunk(frameText(event))
    }
    if (this.write(knownFrame)) this.#meter.deliveries++
  }

  /** False when the connection is over already. */
  write(frame: Buffer): boolean {
    if (!this.#socket.writable) return false
    if (!this.#socket.write(frame) && this.#socket.writableLength > this.#maxBufferedBytes) {
      this.#meter.slowConsumers++
      this.#socket.destroy()
    }
    return true
  }

  end(): void {
    this.#socket.end(LAST_CHUNK)
  }
}

function frameText(event: PublishedEvent): string {
  const type = event.type === null ? '' : `event: ${event.type}\n`
  const data = event.data.split(/\r\n|\r|\n/).join('\ndata: ')
  return `${type}id: ${event.id}\ndata: ${data}\n\n`
}

/** Text as one chunk of a chunked body. */
function chunk(text: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`)
}
