import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatEventId } from '../wire/mark.ts'
import { runs } from '../wire/random.conformance.ts'
import type { ClientSocket } from '../wire/socket.ts'
import { acceptKey } from '../wire/websocket-encode.ts'
import { marked, PACE, RecordingSession, TimerAlarms } from './session.conformance.ts'
import { SseClient } from './sse/client.ts'
import type { Target } from './transport.ts'
import { WebSocketClient } from './websocket/client.ts'

type LeanClient = InstanceType<ReturnType<typeof offline>>

/** A client's class with a socket that only keeps what is sent. */
function offline(Client: typeof SseClient | typeof WebSocketClient) {
  return class extends (Client as typeof SseClient) {
    readonly sent: string[] = []

    plug(): void {
      const write = (data: string | Buffer): void => {
        this.sent.push(data.toString('latin1'))
      }
      this.socket = { write, destroy() {} } as unknown as ClientSocket
      this.onConnected()
    }
  }
}

const OfflineSse = offline(SseClient)
const OfflineWebSocket = offline(WebSocketClient)

/** A server of its own for each object: clients of one share what they know. */
function newTarget(): Target {
  const [host, authority] = ['127.0.0.1', 'localhost']
  return { host, port: 1, secure: false, authority, basePath: '', token: null }
}

/** A client whose reads the test makes. */
class FedClient {
  readonly #session: RecordingSession
  readonly #alarms = new TimerAlarms()
  readonly #client: LeanClient
  readonly #protocol: Protocol

  constructor(protocol: Protocol, target: Target) {
    this.#session = new RecordingSession('news', PACE, this.#alarms)
    this.#protocol = protocol
    this.#client = new protocol.Client(target, this.#session)
    this.#connect()
  }

  /** One read. */
  feed(text: string): void {
    // It has hung up: nothing is read from there.
    if (this.#session.cuts.length > 0) return
    const { buffer } = this.#session.reader
    this.#client.onBytes(buffer, buffer.write(text, 'latin1'))
  }

  /** A read for each byte: none of them is a whole event. */
  feedBytes(text: string): void {
    for (const byte of text) this.feed(byte)
  }

  /** All that it has told, and how it would resume. */
  account() {
    const { marks, damaged, gaps, answers } = this.#session
    const cuts = this.#session.cuts.splice(0)
    this.#client.onClosed(null)
    this.#session.cuts.length = 0
    this.#connect()
    this.#alarms.stop()
    const resumed = this.#protocol.resumedFrom(this.#client.sent)
    return { marks, damaged, gaps, cuts, answers, resumed }
  }

  #connect(): void {
    this.#client.plug()
    this.feed(this.#protocol.head(this.#client.sent.at(-1) ?? ''))
  }
}

interface Protocol {
  readonly Client: typeof OfflineSse
  /** The answer to what was sent. */
  head(sent: string): string
  readonly reads: fc.Arbitrary<string>
  resumedFrom(sent: readonly string[]): string
}

const idAt = (time: number): string => formatEventId(1_000, time)
const id = (time: number): string => `id: ${idAt(time)}\n`

const damaged = (sequence: number): string => marked(sequence).replace('_0_', '_7_')

/** Whole events and parts of some, many alike. */
const block = fc.oneof(
  fc.constantFrom(1, 2, 3).map((n) => `${id(n)}data: ${marked(n)}\n\n`),
  fc.constantFrom(
    `data: ${marked(4)}\n\n`,
    `${id(5)}\n`,
    `${id(1)}data: ${marked(6)}`,
    '\n\n',
    '\n',
    `${id(1)}data: ${marked(1)}\n\n${id(2)}data: ${marked(2)}\n\n`,
    `${id(1)}data: ${marked(1)}\n\n${id(7)}\n`,
    `${id(2)}event: note\ndata: ${marked(2)}\n\n`,
    `data: ${marked(4)}\n\n${id(7)}\n`,
    `${id(8)}data: nothing\n\n`,
    `${id(9)}event: gap\ndata: \n\n`,
    `event: gap\ndata: \n\n${id(1)}data: ${marked(1)}\n\n`,
    `${id(2)}data: ${marked(2)}\n\ndata: begun\n`,
    'event: gap\n',
    `retry: 20\n${id(3)}data: ${marked(3)}\n\n`,
    ':\n\n',
    `${id(1)}data: a\ndata: ${marked(1)}\n\n`,
    `${id(1)}data: ${marked(1)}${marked(2)}\n\n`,
    `${id(1)}data: ${damaged(1)}\n\n`,
    `${id(2)}data: ${damaged(2)}${marked(2)}\n\n`,
    id(4),
    'id\n\n',
  ),
)

const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`

const sse: Protocol = {
  Client: OfflineSse,
  head: () =>
    'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n',
  reads: block.map(chunk),
  resumedFrom: (sent) => /Last-Event-ID: .*/.exec(sent.at(-1) ?? '')?.[0] ?? '',
}

const event = (n: number): string => JSON.stringify({ id: idAt(n), data: marked(n) })

/** A server's frame. */
const frame = (payload: string, first = 0x81): string =>
  String.fromCharCode(first, payload.length) + payload

const messages = fc.oneof(
  fc.constantFrom(1, 2, 3).map((n) => frame(event(n))),
  fc.constantFrom(
    frame(marked(4)),
    frame(`{"id":"6","data":"${damaged(6)}"}`),
    frame(event(1)) + frame(event(2)),
    frame(`{"id":"7","data":"${marked(3)}${marked(4)}"}`),
    frame(`{"id":"8","data":"${marked(5)}"}`),
    frame(event(1)) + frame('{"gap":true}'),
    frame('{"gap":true}'),
    frame(`{"type":"subscribed","lastEventId":"${idAt(5)}"}`),
    frame('?', 0x89) + frame(event(3)),
    frame('?', 0x89),
    frame('!', 0x8a),
    frame(event(6).slice(0, 20), 0x01),
    frame(event(6).slice(20), 0x80),
    frame(event(2)) + frame(event(6).slice(0, 20), 0x01),
    frame(event(6)).slice(0, 9),
    frame(event(6)).slice(9),
  ),
)

const websocket: Protocol = {
  Client: OfflineWebSocket as unknown as typeof OfflineSse,
  head: (sent) => {
    const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(sent)?.[1] ?? ''
    return `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${acceptKey(key)}\r\n\r\n`
  },
  reads: messages,
  resumedFrom: (sent) => unmasked(sent.at(-1) ?? ''),
}

/** The payload of a client's frame of less than 126 bytes. */
function unmasked(text: string): string {
  const bytes = Buffer.from(text, 'latin1')
  return bytes
    .subarray(6)
    .map((byte, at) => byte ^ (bytes[2 + (at % 4)] as number))
    .toString()
}

const CLIENTS = [0, 1, 2]

for (const [name, protocol] of Object.entries({ sse, websocket })) {
  test(`what a client tells does not depend on what others have read: ${name}`, (context) => {
    // A read, and whose it is, one after the other.
    const broadcasts = fc.array(fc.tuple(protocol.reads, fc.shuffledSubarray(CLIENTS)), {
      maxLength: 12,
    })
    fc.assert(
      fc.property(broadcasts, (sequence) => {
        const shared = newTarget()
        const together = CLIENTS.map(() => new FedClient(protocol, shared))
        const alone = CLIENTS.map(() => new FedClient(protocol, newTarget()))
        for (const [text, readers] of sequence) {
          for (const reader of readers) {
            together[reader]?.feed(text)
            alone[reader]?.feedBytes(text)
          }
        }
        assert.deepEqual(
          together.map((client) => client.account()),
          alone.map((client) => client.account()),
        )
      }),
      runs(context, 1_000),
    )
  })
}
