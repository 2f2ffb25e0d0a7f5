import type { Socket } from 'node:net'
import { BoundedWriter } from '../bounded-writer.ts'
import { requestedChannels } from '../channels.ts'
import { requestedCursor } from '../cursor.ts'
import { GAP_TYPE } from '../event-type.ts'
import { Rota } from '../rota.ts'
import {
  type Front,
  type Hub,
  type Meter,
  NOTHING_MISSED,
  type PublishedEvent,
  type Subscriber,
} from '../server-side.ts'

const HEARTBEAT = chunk(':\n\n')
const LAST_CHUNK = '0\r\n\r\n'

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
    stream.keepAlive()
  })

  front.get('/sse', (visit) => {
    const channels = requestedChannels(visit, hub.limits)
    if (channels === null) return
    const { response, request } = visit
    const { socket } = response
    if (request.httpVersion !== '1.1' || socket === null) {
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
    const stream = new EventStream(socket, hub, meter)
    // In one packet with the head: nobody is subscribed without a cursor.
    socket.cork()
    response.flushHeaders()
    stream.open(channels, requestedCursor(request, visit.query))
    socket.uncork()
    front.take(visit, socket)
    const slice = streams.add(stream)
    socket.once('close', () => {
      streams.delete(stream, slice)
      stream.close(channels)
    })
  })

  front.onDrain(() => {
    for (const stream of streams.stop()) stream.end()
  })
}

/** One client's stream. It writes chunks itself, past the response. */
class EventStream extends BoundedWriter implements Subscriber {
  readonly #hub: Hub

  constructor(socket: Socket, hub: Hub, meter: Meter) {
    super(socket, meter, hub.limits.maxBufferedBytes)
    this.#hub = hub
  }

  open(channels: readonly string[], cursor: string | null): void {
    const { limits, lastEventId } = this.#hub
    this.meter.held++
    for (const channel of channels) this.#hub.subscribe(channel, this)
    let opening = `retry: ${limits.retryMs}\n`
    const replay = cursor === null ? NOTHING_MISSED : this.#hub.replay(channels, cursor)
    opening += replay.events.length === 0 ? `id: ${lastEventId}\n\n` : '\n'
    if (replay.gap) {
      this.meter.gapSignals++
      opening += `event: ${GAP_TYPE}\ndata: ${JSON.stringify({ lastEventId: cursor })}\n\n`
    }
    this.send(chunk(opening))
    this.sendReplay(replay.events.map((event) => chunk(frameText(event))))
  }

  close(channels: readonly string[]): void {
    this.meter.held--
    for (const channel of channels) this.#hub.unsubscribe(channel, this)
  }

  deliver(event: PublishedEvent): void {
    if (event !== knownEvent) {
      knownEvent = event
      knownFrame = chunk(frameText(event))
    }
    if (this.send(knownFrame)) this.meter.deliveries++
  }

  keepAlive(): void {
    this.send(HEARTBEAT)
  }

  end(): void {
    this.isClosing = true
    this.socket.end(LAST_CHUNK)
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
