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

const HEARTBEAT = chunk(':\n\n')
const LAST_CHUNK = '0\r\n\r\n'
const FRAMES = new FrameCache((event) => chunk(frameText(event)))

/**
 * Streams events for as long as the connection lasts. The first block carries the reconnection time
 * and, where no event follows, the newest id without data, which moves the cursor and is no event (HTML
 * standard): whoever is cut before the first event resumes at the right place.
 */
export function mountSse(front: Front, hub: Hub, meter: Meter): void {
  const keep = keeper(front, hub.limits.heartbeatMs)
  const handle = withChannels(hub, (visit, channels) => {
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
    if (request.method === 'HEAD') {
      response.end()
      return
    }
    const stream = new EventStream(socket, hub, meter)
    // In one packet with the head: nobody is subscribed without a cursor.
    socket.cork()
    response.flushHeaders()
    stream.open(channels, requestedCursor(request, visit.query))
    socket.uncork()
    front.take(visit, socket)
    keep(stream, socket)
  })
  front.get('/sse', handle)
}

/** One client's stream. It writes chunks itself, past the response. */
class EventStream extends BoundedWriter {
  protected channels: readonly string[] = []

  open(channels: readonly string[], cursor: string | null): void {
    const { limits } = this.hub
    this.channels = channels
    for (const channel of channels) this.hub.subscribe(channel, this)
    const missed = cursor === null ? NOTHING_MISSED : this.hub.replay(channels, cursor, SLICE_BYTES)
    const position = missed.events.length === 0 ? `id: ${this.hub.cursorFrom(cursor)}\n` : ''
    this.send(chunk(`retry: ${limits.retryMs}\n${position}\n`))
    if (cursor === null) return
    if (missed.gap) this.writeGap(channels, cursor)
    this.catchUp(channels, cursor, missed)
  }

  keepAlive(): void {
    this.send(HEARTBEAT)
  }

  end(): void {
    this.finish()
    this.socket.end(LAST_CHUNK)
  }

  protected get frames(): FrameCache {
    return FRAMES
  }

  protected gapFrame(_channels: readonly string[], afterId: string): Buffer {
    return chunk(`event: ${GAP_TYPE}\ndata: ${JSON.stringify({ lastEventId: afterId })}\n\n`)
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
