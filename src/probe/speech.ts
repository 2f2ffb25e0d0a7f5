/** How a probe speaks to a server: as a scenario's target describes it, or to the reference server. */
import type { CursorPart, EndpointDescription, TargetDescription } from '../scenario/target.ts'
import type { Target } from '../transports/transport.ts'
import { Answer, type Listening, Socketed } from './listening.ts'

/** The reference server's own, written out in docs/targets.md. */
const REFERENCE: TargetDescription = {
  publish: {
    method: 'POST',
    path: '/publish',
    headers: { 'Content-Type': 'application/json' },
    body: '{"channel":"{channel}","data":"{data}"}',
    accepted: [202],
    connections: 1,
  },
  endpoints: {
    'short-poll': {
      path: '/poll?channel={channel}',
      cursor: [{ from: 'field lastEventId', to: 'query lastEventId' }],
    },
    'long-poll': {
      path: '/long-poll?channel={channel}&hold={hold}',
      cursor: [{ from: 'field lastEventId', to: 'query lastEventId' }],
    },
    sse: { path: '/sse?channel={channel}' },
    websocket: { path: '/ws', subscribe: '{"type":"subscribe","channel":"{channel}"}' },
  },
}

const PUBLISH_MS = 5_000

/** What of an answer goes into the next request. */
export interface Cursor {
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
}

const NO_CURSOR: Cursor = { query: '', headers: {} }

export class Speech {
  readonly target: Target
  /** By which events are published, past what is to be probed where there is a way past it. */
  readonly #publishTo: Target
  readonly #description: TargetDescription
  readonly isReference: boolean

  constructor(target: Target, description: TargetDescription | null, publishTo: Target = target) {
    this.target = target
    this.#publishTo = publishTo
    this.#description = description ?? REFERENCE
    this.isReference = description === null
  }

  speaks(technique: string): boolean {
    return Object.hasOwn(this.#description.endpoints, technique)
  }

  get publishes(): boolean {
    return this.#description.publish !== null
  }

  /** Publishes an event; resolves with why it was not taken, or null. */
  async publish(channel: string, data: string): Promise<string | null> {
    const { publish } = this.#description
    if (publish === null) return 'the target does not say how to publish'
    const fill = (text: string): string => filled(text, channel).replaceAll('{data}', data)
    const asked = new Answer(this.#publishTo, {
      method: publish.method,
      path: filledPath(publish.path, channel).replaceAll('{data}', encodeURIComponent(data)),
      headers: mapped(publish.headers, fill),
      body: fill(publish.body),
    })
    await asked.waitFor(() => asked.endedAtMs !== null, PUBLISH_MS)
    asked.close()
    if (asked.status !== null && publish.accepted.includes(asked.status)) return null
    return `${publish.method} ${publish.path} ${asked.answer}`
  }

  /** @param query what is added to the path's */
  poll(technique: string, channel: string, cursor = NO_CURSOR, holdMs = 0): Answer {
    const { path, headers = {} } = this.#endpoint(technique)
    return new Answer(this.target, {
      path: withQuery(filledPath(path, channel).replaceAll('{hold}', String(holdMs)), cursor.query),
      headers: { ...mapped(headers, (text) => filled(text, channel)), ...cursor.headers },
    })
  }

  /** What the next poll brings along. */
  cursorOf(technique: string, answer: Answer): Cursor {
    const parts = (this.#endpoint(technique).cursor ?? []).map((part) => partOf(part, answer))
    return {
      query: parts.flatMap(({ query = [] }) => query).join('&'),
      headers: Object.assign({}, ...parts.map(({ headers = {} }) => headers)),
    }
  }

  /** @param query what is added to the path's */
  stream(channel: string, query = ''): Answer {
    const { path, headers = {} } = this.#endpoint('sse')
    return new Answer(this.target, {
      path: withQuery(filledPath(path, channel), query),
      headers: {
        Accept: 'text/event-stream',
        'Cache-Control': 'no-cache',
        ...mapped(headers, (text) => filled(text, channel)),
      },
    })
  }

  /** A socket that subscribes as soon as it is open. */
  socket(channel: string): Listening {
    const { path, headers = {}, subscribe } = this.#endpoint('websocket')
    const fill = (text: string): string => filled(text, channel)
    const socket = new Socketed(this.target, filledPath(path, channel), mapped(headers, fill))
    if (subscribe != null) {
      void socket
        .waitFor(() => socket.status === 101, PUBLISH_MS)
        .then((isOpen) => isOpen && socket.say(fill(subscribe)))
    }
    return socket
  }

  #endpoint(technique: string): EndpointDescription {
    return this.#description.endpoints[technique] ?? { path: '/' }
  }
}

function partOf(
  { from, to }: CursorPart,
  answer: Answer,
): { readonly query?: readonly string[]; readonly headers?: Readonly<Record<string, string>> } {
  const [source, name = ''] = from.split(' ')
  const header = answer.headers[name.toLowerCase()]
  const value = source === 'header' ? [header].flat()[0] : fieldOf(answer.text, name)
  if (value === undefined) return {}
  const [place, target = ''] = to.split(' ')
  if (place === 'header') return { headers: { [target]: value } }
  return { query: [`${target}=${encodeURIComponent(value)}`] }
}

/** The last one of that name, a text or a number. */
function fieldOf(text: string, name: string): string | undefined {
  const quoted = name.replace(/[.*+?^${}()|[\\]\\\\]/g, '\\\\$&')
  const found = [...text.matchAll(new RegExp(`"${quoted}"\\s*:\\s*(?:"([^"\\\\]*)"|(\\d+))`, 'g'))]
  const last = found.at(-1)
  return last?.[1] ?? last?.[2]
}

function withQuery(path: string, query: string): string {
  return query === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`
}

function filled(text: string, channel: string): string {
  return text.replaceAll('{channel}', channel)
}

function filledPath(path: string, channel: string): string {
  return filled(path, encodeURIComponent(channel))
}

function mapped(
  headers: Readonly<Record<string, string>>,
  fill: (text: string) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value)]))
}
