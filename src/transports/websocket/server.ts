import type { Socket } from 'node:net'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { isChannelName } from '../channels.ts'
import { Rota } from '../rota.ts'
import type { Front, Hub, Meter, PublishedEvent, Subscriber } from '../transport.ts'

const NO_FRAME = Buffer.alloc(0)
const GOING_AWAY = 1001
const UNSUPPORTED_DATA = 1003
/** RFC 6455, section 4.4. */
const WRONG_VERSION =
  'HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n'

// A broadcast writes one and the same frame to every socket.
let knownEvent: PublishedEvent | null = null
let knownFrame: Buffer = NO_FRAME

/**
 * Speaks JSON text messages: the client sends `subscribe`, `unsubscribe` and `publish`; the server
 * sends `event`, and `subscribed`, `unsubscribed`, `published` or `error` in answer.
 */
export function mountWebSocket(front: Front, hub: Hub, meter: Meter): void {
  const peers = new Rota<Peer>(hub.limits.pingMs, (peer) => peer.probe())
  const upgrader = new WebSocketServer({
    noServer: true,
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
      const peer = new Peer(webSocket, socket, hub, meter)
      peers.add(peer)
      webSocket.once('close', () => {
        peers.delete(peer)
        peer.close()
      })
    })
  })

  front.onDrain(() => {
    for (const peer of peers.stop()) peer.end()
  })
}

/** One client's connection, subscribed to any number of channels. */
class Peer implements Subscriber {
  readonly #webSocket: WebSocket
  readonly #socket: Socket
  readonly #hub: Hub
  readonly #meter: Meter
  readonly #channels = new Set<string>()
  /** Unsent bytes beyond which the client is too slow. */
  #maxBufferedBytes: number
  #answeredPing = true

  constructor(webSocket: WebSocket, socket: Socket, hub: Hub, meter: Meter) {
    this.#webSocket = webSocket
    this.#socket = socket
    this.#hub = hub
    this.#meter = meter
    this.#maxBufferedBytes = hub.limits.maxBufferedBytes
    meter.held++
    webSocket.on('message', this.#onMessage).on('pong', this.#onPong).on('error', ignore)
  }

  close(): void {
    this.#meter.held--
    for (const channel of this.#channels) this.#hub.unsubscribe(channel, this)
  }

  end(): void {
    this.#webSocket.close(GOING_AWAY, 'server is going down')
  }

  /** Cuts a peer that left the last ping unanswered. */
  probe(): void {
    if (!this.#answeredPing) {
      this.#webSocket.terminate()
      return
    }
    this.#answeredPing = false
    this.#webSocket.ping()
  }

  deliver(event: PublishedEvent): void {
    if (event !== knownEvent) {
      knownEvent = event
      knownFrame = textFrame(eventText(event))
    }
    this.#deliver(knownFrame)
  }

  readonly #onPong = (): void => {
    this.#answeredPing = true
  }

  readonly #onMessage = (data: RawData, isBinary: boolean): void => {
    if (isBinary) {
      this.#webSocket.close(UNSUPPORTED_DATA, 'send text')
      return
    }
    this.#dispatch(parseMessage(data.toString()))
  }

  #dispatch(message: Record<string, unknown>): void {
    const { channel } = message as { channel?: unknown }
    if (!isChannelName(channel)) {
      this.#say({ type: 'error', message: 'name a channel' })
      return
    }
    switch (message['type']) {
      case 'subscribe':
        this.#subscribe(channel, message['lastEventId'])
        break
      case 'unsubscribe':
        this.#channels.delete(channel)
        this.#hub.unsubscribe(channel, this)
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
    const { lastEventId, limits } = this.#hub
    if (this.#channels.size >= limits.maxChannels && !this.#channels.has(channel)) {
      this.#say({ type: 'error', channel, message: `at most ${limits.maxChannels} channels` })
      return
    }
    this.#channels.add(channel)
    this.#hub.subscribe(channel, this)
    if (typeof cursor !== 'string') {
      this.#say({ type: 'subscribed', channel, lastEventId })
      return
    }
    const { events, gap } = this.#hub.replay([channel], cursor)
    if (gap) this.#meter.gapSignals++
    // Until the missed events are there, a cut must lead back to where they are missed.
    const from = events.length === 0 ? lastEventId : cursor
    this.#say({ type: 'subscribed', channel, lastEventId: from, ...(gap ? { gap } : {}) })
    const frames = events.map((event) => textFrame(eventText(event)))
    // Who asks for much has not been slow yet; the log bounds it.
    const replayBytes = frames.reduce((sum, frame) => sum + frame.length, 0)
    this.#maxBufferedBytes = this.#hub.limits.maxBufferedBytes + replayBytes
    for (const frame of frames) this.#deliver(frame)
  }

  #publish(channel: string, message: Record<string, unknown>): void {
    const { data } = message as { data?: unknown }
    if (typeof data !== 'string') {
      this.#say({ type: 'error', channel, message: 'publish takes a string as data' })
      return
    }
    this.#hub.publish([{ channel, type: null, data }]).then(
      () => this.#say({ type: 'published', channel }),
      () => this.#say({ type: 'error', channel, message: 'not published' }),
    )
  }

  #say(message: object): void {
    this.#write(textFrame(JSON.stringify(message)))
  }

  #deliver(frame: Buffer): void {
    if (this.#write(frame)) this.#meter.deliveries++
  }

  /**
   * Writes past ws, which would frame the same event anew for every receiver. False when the
   * connection is over already: no frame may follow a close frame.
   */
  #write(frame: Buffer): boolean {
    if (this.#webSocket.readyState !== WebSocket.OPEN) return false
    if (!this.#socket.write(frame) && this.#socket.writableLength > this.#maxBufferedBytes) {
      this.#meter.slowConsumers++
      this.#webSocket.terminate()
    }
    return true
  }
}

function eventText(event: PublishedEvent): string {
  const type = event.type === null ? '' : `"event":${JSON.stringify(event.type)},`
  const channel = JSON.stringify(event.channel)
  return `{"type":"event","id":"${event.id}","channel":${channel},${type}"data":${JSON.stringify(event.data)}}`
}

/** A server's unmasked text frame (RFC 6455, section 5.2). */
function textFrame(text: string): Buffer {
  const bytes = Buffer.byteLength(text)
  const headBytes = bytes < 126 ? 2 : bytes < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafeSlow(headBytes + bytes)
  frame[0] = 0x81
  if (headBytes === 2) frame[1] = bytes
  else if (headBytes === 4) {
    frame[1] = 126
    frame.writeUInt16BE(bytes, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(bytes), 2)
  }
  frame.write(text, headBytes)
  return frame
}

function parseMessage(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Answered as a message without a channel.
  }
  return {}
}

function ignore(): void {}
