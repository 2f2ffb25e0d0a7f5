import type { Duplex } from 'node:stream'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { encodeFrame, Opcode } from '../../wire/websocket-encode.ts'
import { BoundedWriter, FrameCache, keeper } from '../bounded-writer.ts'
import { SLICE_BYTES } from '../catch-up.ts'
import type { Front, Hub, Meter, PublishedEvent } from '../transport.ts'
import { eventTypeFault, isChannelName, parseObject } from '../visit.ts'

const GOING_AWAY = 1001
const UNSUPPORTED_DATA = 1003
/** RFC 6455, section 4.4. */
const WRONG_VERSION =
  'HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n'

const FRAMES = new FrameCache((event) => textFrame(eventText(event, false)))
/** The frames for peers of several channels, which are told of which an event is. */
const FRAMES_OF_MANY = new FrameCache((event) => textFrame(eventText(event, true)))

/**
 * Speaks JSON text messages: the client's `subscribe`, `unsubscribe` and `publish`; the server's `event`,
 * `subscribed`, `unsubscribed`, `published`, `error`, and `gap` where events have left the log before
 * they could be replayed.
 */
export function mountWebSocket(front: Front, hub: Hub, meter: Meter): void {
  const keep = keeper(front, hub.limits.pingMs)
  const upgrader = new WebSocketServer({
    noServer: true,
    WebSocket: WatchedWebSocket,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: hub.limits.maxMessageBytes,
  })

  front.upgrade('/ws', ({ request, socket, head }) => {
    if (request.headers['sec-websocket-version'] !== '13') {
      socket.once('finish', () => socket.destroy()).end(WRONG_VERSION)
      return
    }
    upgrader.handleUpgrade(request, socket, head, (webSocket) => {
      keep(new Peer(webSocket, socket, hub, meter), webSocket)
    })
  })
}

/** Tells when its close frame is sent, whoever began: no frame may follow it. */
class WatchedWebSocket extends WebSocket {
  onClosing: () => void = ignore

  override close(code?: number, reason?: string | Buffer): void {
    this.onClosing()
    super.close(code, reason)
  }
}

type Message = Partial<
  Record<'type' | 'channel' | 'lastEventId' | 'data' | 'event' | 'ref', unknown>
>

/** One client's connection, subscribed to any number of channels. */
class Peer extends BoundedWriter {
  readonly #webSocket: WatchedWebSocket
  protected readonly channels = new Set<string>()
  /** Has more than one channel. */
  #hasMany = false
  #answeredPing = true

  constructor(webSocket: WatchedWebSocket, socket: Duplex, hub: Hub, meter: Meter) {
    super(socket, hub, meter)
    this.#webSocket = webSocket
    webSocket.onClosing = this.#onClosing
    webSocket.on('message', this.#onMessage).on('pong', this.#onPong).on('error', ignore)
  }

  end(): void {
    this.#webSocket.close(GOING_AWAY, 'server is going down')
  }

  /** Cuts a peer that left the last ping unanswered. */
  keepAlive(): void {
    if (!this.#answeredPing) {
      this.#webSocket.terminate()
      return
    }
    this.#answeredPing = false
    this.#webSocket.ping()
  }

  override missed(afterId: string): void {
    for (const channel of this.channels) this.miss([channel], afterId)
  }

  protected gapFrame([channel]: readonly string[]): Buffer {
    return textFrame(JSON.stringify({ type: 'gap', channel, gap: true }))
  }

  protected get frames(): FrameCache {
    return this.#hasMany ? FRAMES_OF_MANY : FRAMES
  }

  readonly #onClosing = (): void => {
    this.finish()
  }

  readonly #onPong = (): void => {
    this.#answeredPing = true
  }

  readonly #onMessage = (data: RawData, isBinary: boolean): void => {
    if (isBinary) {
      this.#webSocket.close(UNSUPPORTED_DATA, 'send text')
      return
    }
    this.#dispatch(parseObject(data.toString()) ?? {})
  }

  #dispatch(message: Message): void {
    const { channel, type, lastEventId } = message
    if (!isChannelName(channel)) {
      this.#say({ type: 'error', message: 'name a channel' })
      return
    }
    switch (type) {
      case 'subscribe':
        this.#subscribe(channel, lastEventId)
        break
      case 'unsubscribe':
        this.channels.delete(channel)
        this.#hasMany = this.channels.size > 1
        this.hub.unsubscribe(channel, this)
        this.stopCatchingUp(channel)
        this.#say({ type: 'unsubscribed', channel })
        break
      case 'publish':
        this.#publish(channel, message)
        break
      default:
        this.#say({ type: 'error', message: 'send subscribe, unsubscribe or publish' })
    }
  }

  #subscribe(channel: string, cursor: unknown): void {
    const { limits } = this.hub
    if (this.channels.size >= limits.maxChannels && !this.channels.has(channel)) {
      this.#say({ type: 'error', channel, message: `at most ${limits.maxChannels} channels` })
      return
    }
    this.channels.add(channel)
    this.#hasMany = this.channels.size > 1
    const entering = this.hub.enter([channel])
    if (entering === null) this.#follow(channel, cursor)
    else {
      entering.then(
        () => {
          if (!this.isOver && this.channels.has(channel)) this.#follow(channel, cursor)
        },
        () => {
          this.channels.delete(channel)
          this.#hasMany = this.channels.size > 1
          this.#say({ type: 'error', channel, message: 'the backplane cannot be reached' })
        },
      )
    }
  }

  #follow(channel: string, cursor: unknown): void {
    this.hub.subscribe(channel, this)
    this.stopCatchingUp(channel)
    if (typeof cursor !== 'string' || cursor === '') {
      this.#say({ type: 'subscribed', channel, lastEventId: this.hub.lastEventId })
      return
    }
    const missed = this.hub.replay([channel], cursor, SLICE_BYTES)
    const { events, gap } = missed
    if (gap) this.meter.gapSignals++
    // Until the missed events are there, a cut must lead back to where they are missed.
    const from = events.length === 0 ? this.hub.cursorFrom(cursor) : cursor
    this.#say({ type: 'subscribed', channel, lastEventId: from, ...(gap ? { gap } : {}) })
    this.catchUp([channel], cursor, missed)
  }

  /** Acknowledged once the backplane has taken it; by the client's `ref`, if it gave one. */
  #publish(channel: string, { data, event = null, ref }: Message): void {
    const fault = event === null ? null : eventTypeFault(event)
    const told = { channel, ...(Number.isSafeInteger(ref) ? { ref } : {}) }
    if (typeof data !== 'string' || fault !== null) {
      this.#say({ type: 'error', ...told, message: fault ?? 'publish takes a string as data' })
      return
    }
    const type = typeof event === 'string' ? event : null
    this.hub.publish([{ channel, type, data }]).then(
      () => this.#say({ type: 'published', ...told }),
      (error: Error) =>
        this.#say({ type: 'error', ...told, message: `not published: ${error.message}` }),
    )
  }

  #say(message: object): void {
    this.send(textFrame(JSON.stringify(message)))
  }
}

/** The text of an event; a peer of one channel knows it, as a poll and a stream do. */
function eventText(event: PublishedEvent, ofMany: boolean): string {
  const channel = ofMany ? `"channel":${JSON.stringify(event.channel)},` : ''
  const type = event.type === null ? '' : `"event":${JSON.stringify(event.type)},`
  return `{"type":"event","id":"${event.id}",${channel}${type}"data":${JSON.stringify(event.data)}}`
}

function textFrame(text: string): Buffer {
  return encodeFrame(Opcode.text, text, null)
}

function ignore(): void {}
