import type { EndpointDescription } from '../../scenario/target.ts'
import { EventCache } from '../../wire/broadcast-cache.ts'
import { firstField } from '../../wire/json-bytes.ts'
import { CHANNEL_BLANK, type Requester, RequestTemplate, Template } from '../../wire/request.ts'
import type { Dialect } from '../reconnecting-client.ts'
import type { Target } from '../transport.ts'

const REFERENCE: EndpointDescription = {
  path: '/ws',
  subscribe: '{"type":"subscribe","channel":"{channel}"}',
  resume: '{"type":"subscribe","channel":"{channel}","lastEventId":"{id}"}',
  ids: ['id', 'lastEventId'],
  subscribed: '"type":"subscribed"',
  gap: '"gap":true',
  refused: '"type":"error"',
}

/** The reference server's own, and exact: no event begins like it. */
const ACKNOWLEDGEMENT = /^\{"type":"(published|error)","channel":"[^"]*","ref":(\d+)[,}]/

const ID_BLANK = '{id}'

/** The dialect of WebSocket: the frames around events. */
export class WebSocketDialect implements Dialect {
  readonly target: Target
  readonly known = new EventCache()
  /** Nobody confirms a subscription: it stands as soon as it is asked for. */
  readonly isUnconfirmed: boolean
  readonly #request: RequestTemplate
  readonly #subscribe: Template | null
  readonly #resume: Template | null
  readonly #idKeys: readonly Buffer[]
  readonly #subscribed: string | null
  readonly #refused: string | null
  readonly #gap: string | null

  constructor(target: Target) {
    const described = target.endpoint ?? REFERENCE
    this.target = target
    this.#request = new RequestTemplate(target, described.path, described.headers)
    this.#subscribe = templateOf(described.subscribe)
    this.#resume = templateOf(described.resume) ?? this.#subscribe
    this.#idKeys = (described.ids ?? []).map((field) => Buffer.from(`"${field}":`))
    this.#subscribed = described.subscribed ?? null
    this.#refused = described.refused ?? null
    this.#gap = described.gap ?? null
    this.isUnconfirmed = this.#subscribed === null
  }

  /** The opening handshake's bytes, one a character. */
  handshake(channel: string, key: string, requester?: Requester): string {
    return this.#request.head(
      channel,
      '',
      `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n`,
      '',
      requester,
    )
  }

  /** The message that subscribes, or goes on after an id; null where connecting is enough. */
  subscription(channel: string, id: string): string | null {
    const template = id === '' ? this.#subscribe : this.#resume
    // An id is put back as it was written in the server's JSON.
    return template === null ? null : template.fill(JSON.stringify(channel).slice(1, -1), id)
  }

  /** The message that sends an event: to the reference server. */
  message(channel: string, data: string, ref: number): string {
    return `{"type":"publish","channel":"${channel}","data":"${data}","ref":${ref}}`
  }

  /** The server's word on a message that was sent to it; null of any other text. */
  acknowledgementOf(
    text: string,
  ): { readonly ref: number; readonly refusal: string | null } | null {
    const [, type, ref] = ACKNOWLEDGEMENT.exec(text) ?? []
    if (ref === undefined) return null
    return { ref: Number(ref), refusal: type === 'error' ? 'ws-refused' : null }
  }

  /** The id that a message carries; null when it has none. */
  idOf(bytes: Buffer, start: number, end: number): string | null {
    for (const key of this.#idKeys) {
      const id = firstField(bytes, start, end, key)
      if (id !== null) return id
    }
    return null
  }

  /** The server's word on a subscription, of a message without an event. */
  wordOf(text: string): 'subscribed' | 'refused' | null {
    if (this.#refused !== null && text.includes(this.#refused)) return 'refused'
    return this.#subscribed !== null && text.includes(this.#subscribed) ? 'subscribed' : null
  }

  saysGap(text: string): boolean {
    return this.#gap !== null && text.includes(this.#gap)
  }
}

function templateOf(text: string | null | undefined): Template | null {
  return text === null || text === undefined ? null : new Template(text, CHANNEL_BLANK, ID_BLANK)
}
