import { BoundedWriter, FrameCache, keeper } from '../bounded-writer.ts'
import { SLICE_BYTES } from '../catch-up.ts'
import {
  type Front,
  type Hub,
  type Meter,
  NOTHING_MISSED,
  type PublishedEvent,
} from '../transport.ts'
import { GAP_TYPE, requestedCursor, withChannels } from '../visit.ts'

/** How a stream is framed: over HTTP/1.1 in chunks; over HTTP/2 by that itself, and over 1.0 not at all. */
interface Framing {
  readonly frames: FrameCache
  readonly heartbeat: Buffer
  readonly last: string
  frame(text: string): Buffer
}

const CHUNKED = framing(chunk, '0\r\n\r\n')
const PLAIN = framing(Buffer.from, '')

function framing(frame: Framing['frame'], last: string): Framing {
  const frames = new FrameCache((event) => frame(frameText(event)))
  return { frames, heartbeat: frame(':\n\n'), last, frame }
}

/**
 * Streams events for as long as the connection lasts. The first block carries the reconnection time
 * and, where no event follows, the newest id without data, which moves the cursor and is no event (HTML
 * standard): whoever is cut before the first event resumes at the right place.
 */
export function mountSse(front: Front, hub: Hub, meter: Meter): void {
  const keep = keeper(front, hub.limits.heartbeatMs)
  const handle = withChannels(hub, (visit, channels) => {
    const { response, request } = visit
    const socket = visit.stream ?? response.socket
    if (socket === null) return
    // A proxy may speak 1.0, as nginx does by default: there the end of the connection ends the body.
    const isChunked = visit.stream === null && request.httpVersion === '1.1'
    const framed = isChunked ? { 'Transfer-Encoding': 'chunked' } : { Connection: 'close' }
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      // nginx would hold events back to fill its buffers. Who wants to see that asks for it.
      ...(visit.query.has(UNHINTED) ? {} : { 'X-Accel-Buffering': 'no' }),
      ...(visit.stream === null ? framed : {}),
    })
    if (request.method === 'HEAD') {
      response.end()
      return
    }
    const stream = isChunked
      ? new EventStream(socket, hub, meter)
      : new PlainEventStream(socket, hub, meter)
    // In one packet with the head: nobody is subscribed without a cursor.
    socket.cork()
    response.flushHeaders()
    stream.open(channels, requestedCursor(request, visit.query))
    socket.uncork()
    front.take(visit)
    keep(stream, socket)
  })
  front.get('/sse', handle)
}

/** The parameter of a request that is answered as by a server that knows of no proxy. */
export const UNHINTED = 'unhinted'

/** One client's stream. It writes frames itself, past the response. */
class EventStream extends BoundedWriter {
  protected channels: readonly string[] = []

  /** Asked for each event: one and the same for all of a class costs no look into memory. */
  protected get framing(): Framing {
    return CHUNKED
  }

  open(channels: readonly string[], cursor: string | null): void {
    const { limits } = this.hub
    this.channels = channels
    for (const channel of channels) this.hub.subscribe(channel, this)
    const missed = cursor === null ? NOTHING_MISSED : this.hub.replay(channels, cursor, SLICE_BYTES)
    const position = missed.events.length === 0 ? `id: ${this.hub.cursorFrom(cursor)}\n` : ''
    this.send(this.framing.frame(`retry: ${limits.retryMs}\n${position}\n`))
    if (cursor === null) return
    if (missed.gap) this.writeGap(channels, cursor)
    this.catchUp(channels, cursor, missed)
  }

  keepAlive(): void {
    this.send(this.framing.heartbeat)
  }

  end(): void {
    this.finish()
    this.socket.end(this.framing.last)
  }

  protected get frames(): FrameCache {
    return this.framing.frames
  }

  protected gapFrame(_channels: readonly string[], afterId: string): Buffer {
    return this.framing.frame(
      `event: ${GAP_TYPE}\ndata: ${JSON.stringify({ lastEventId: afterId })}\n\n`,
    )
  }
}

/** The same where there are no chunks. */
class PlainEventStream extends EventStream {
  protected override get framing(): Framing {
    return PLAIN
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
