/** How a server speaks, found out by asking it on the paths that are usual. */
import { randomBytes } from 'node:crypto'
import { RtbenchError } from '../error.ts'
import { type Ask, Asked, waitUntil } from './connection.ts'
import {
  filled,
  isStream,
  type Listener,
  Listeners,
  type Technique,
  told,
  usual,
} from './listener.ts'

/** What is known before. */
export interface Wishes {
  /** Where each technique is that is to be measured; with none, all are looked for where they usually are. */
  readonly paths: Readonly<Partial<Record<Technique, string>>>
  /** The request that publishes an event; null where it is to be found. */
  readonly publish: { readonly method: string; readonly path: string } | null
  /** Of that request, with `{data}`; null where it is to be found. */
  readonly body: string | null
  /** Events may be sent to paths that nobody named. */
  readonly mayGuess: boolean
  /** Sent as `Authorization: Bearer`. */
  readonly token: string | null
}

/** What was found, as a scenario's target says it. */
export interface Discovery {
  readonly publish: Description | null
  readonly endpoints: Readonly<Partial<Record<Technique, Description>>>
  /** Of what was not found, or cannot be measured as it is: one line. */
  readonly missing: Readonly<Partial<Record<Technique | 'publish', string>>>
}

type Description = Readonly<Record<string, unknown>>

const PUBLISHES = [
  'publish',
  'events',
  'messages',
  'message',
  'send',
  'broadcast',
  'notify',
  'emit',
]
const BODIES: readonly string[] = [
  ...['data', 'message', 'text', 'content'].map((name) => `{"${name}":"{data}"}`),
  '{data}',
]
/** Statuses that are taken for an event's unless a target says otherwise. */
const ACCEPTED = [200, 201, 202, 204]
const UNREACHED = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
]
/** How long an event may take to arrive. */
const ARRIVAL_MS = 500

/**
 * Finds out how a server is spoken to: which paths are event streams, WebSockets and polls, and which request publishes an
 * event, proved by one that arrives.
 * @throws RtbenchError `cannot-run` where no server is
 */
export async function discover(url: string, wishes: Wishes): Promise<Discovery> {
  const search = new Search(url, wishes)
  try {
    await search.greet()
    return await search.run()
  } finally {
    search.close()
  }
}

class Search {
  readonly #url: string
  readonly #wishes: Wishes
  readonly #open = new Set<Asked>()
  readonly #missing: Partial<Record<Technique | 'publish', string>> = {}

  constructor(url: string, wishes: Wishes) {
    this.#url = url
    this.#wishes = wishes
  }

  close(): void {
    for (const asked of this.#open) asked.close()
  }

  async greet(): Promise<void> {
    const asked = this.#ask({ path: '/' })
    await asked.until(() => asked.status !== null)
    const { failure } = asked
    asked.close()
    if (failure === null || !UNREACHED.includes(failure)) return
    throw new RtbenchError('cannot-run', `${this.#url}: no server answers there (${failure})`)
  }

  async run(): Promise<Discovery> {
    const ways = new Listeners(this.#wishes.paths, (ask) => this.#ask(ask))
    const listeners = await ways.find()
    Object.assign(this.#missing, ways.missing)
    const publish = listeners.length === 0 ? null : await this.#publish(listeners)
    const endpoints: Partial<Record<Technique, Description>> = {}
    const heard = publish === null ? null : await this.#deliver(publish, listeners)
    for (const listener of listeners) {
      const { technique, ask, asked } = listener
      if (endpoints[technique] !== undefined) continue
      const path = this.#pathOf(technique, ask.path)
      if (heard === null) {
        // Nothing proves a poll but what it brings.
        const isSure = technique === 'sse' ? isStream(asked) : technique === 'websocket'
        if (isSure || this.#wishes.paths[technique] !== undefined) endpoints[technique] = { path }
        continue
      }
      const isHeard = heard.has(listener)
      const more = isHeard ? await this.#traits(listener, publish as Publish) : null
      if (more !== null) endpoints[technique] = { path, ...more }
      else
        this.#missing[technique] ??= `${ask.path} ${isHeard ? ODD[technique] : SILENT[technique]}`
    }
    for (const technique of Object.keys(endpoints) as Technique[]) delete this.#missing[technique]
    return { publish: publish?.description ?? null, endpoints, missing: this.#missing }
  }

  #pathOf(technique: Technique, tried: string): string {
    return this.#wishes.paths[technique] ?? tried
  }

  #ask(ask: Ask): Asked {
    const { token } = this.#wishes
    const asked = new Asked(this.#url, {
      ...ask,
      headers: {
        ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
        ...ask.headers,
      },
    })
    this.#open.add(asked)
    return asked
  }

  /** The first request whose event arrives; null where none does. */
  async #publish(listeners: readonly Listener[]): Promise<Publish | null> {
    const { publish, body, mayGuess } = this.#wishes
    const named = publish === null ? null : { ...publish, path: filled(publish.path) }
    const guessed = mayGuess ? usual(PUBLISHES).map((path) => ({ method: 'POST', path })) : []
    let last = ''
    for (const { method, path } of named === null ? guessed : [named]) {
      for (const template of body === null ? BODIES : [body]) {
        const headers = { 'Content-Type': typeOf(template) }
        const one = { method, path, headers, body: template }
        const { asked, heard } = await this.#try(one, listeners)
        last = `${method} ${path} ${asked.answer}`
        if (heard.size > 0) return { ask: one, description: this.#described(one, asked.status) }
        if (asked.status === 404 || asked.status === 405 || asked.status === null) break
        if (isTaken(asked)) last += ', and nothing of it arrived'
      }
    }
    this.#missing.publish =
      named !== null
        ? last
        : mayGuess
          ? `not found by POST to ${told(usual(PUBLISHES))}`
          : 'not known'
    return null
  }

  #described({ method, path, headers, body }: PublishAsk, status: number | null): Description {
    return {
      ...(method === 'POST' ? {} : { method }),
      path: this.#wishes.publish?.path ?? path,
      headers,
      ...(body === '{data}' ? {} : { body }),
      ...(status === null || ACCEPTED.includes(status) ? {} : { accepted: [status] }),
    }
  }

  /** Publishes one event, and waits for the first that brings it. */
  async #try(
    ask: PublishAsk,
    listeners: readonly Listener[],
    isEnough: (heard: number) => boolean = (heard) => heard > 0,
  ): Promise<{
    readonly asked: Asked
    readonly heard: ReadonlySet<Listener>
    readonly data: string
  }> {
    // A poll is over with whatever ended it.
    for (const one of listeners) {
      if (one.technique === 'long-poll' && one.asked.ended) one.asked = this.#ask(one.ask)
    }
    const data = `rtbench_${randomBytes(8).toString('hex')}`
    const asked = this.#ask({
      ...ask,
      path: filled(ask.path, data),
      body: filled(ask.body, data),
    })
    await asked.until(() => asked.ended)
    const heard = new Set<Listener>()
    if (!isTaken(asked)) return { asked, heard, data }
    const hear = (): boolean => {
      for (const one of listeners) if (one.asked.text.includes(data)) heard.add(one)
      return isEnough(heard.size)
    }
    await waitUntil(hear, ARRIVAL_MS)
    for (const one of listeners) {
      if (one.technique === 'short-poll' && (await this.#poll(one.ask)).text.includes(data)) {
        heard.add(one)
      }
    }
    return { asked, heard, data }
  }

  /** Who brings an event of a request that is known to publish. */
  async #deliver({ ask }: Publish, listeners: readonly Listener[]): Promise<ReadonlySet<Listener>> {
    const pushed = listeners.filter(({ technique }) => technique !== 'short-poll').length
    return (await this.#try(ask, listeners, (heard) => heard >= pushed)).heard
  }

  async #poll(ask: Ask): Promise<Asked> {
    const asked = this.#ask(ask)
    await asked.until(() => asked.ended)
    return asked
  }

  /** What must be said of a listener beside its path; null where it is none of its technique after all. */
  async #traits(listener: Listener, publish: Publish): Promise<Description | null> {
    const { technique, ask, asked } = listener
    if (technique === 'sse') return isStream(asked) ? {} : null
    if (technique === 'websocket') return {}
    if (technique === 'long-poll') return asked.status === 200 ? { first: 'held' } : null
    return this.#cursorOf(ask, publish)
  }

  /** What keeps a poll from listing an event again; null where nothing usual does. */
  async #cursorOf(ask: Ask, { ask: publish }: Publish): Promise<Description | null> {
    const { data: old } = await this.#try(publish, [])
    const first = await this.#poll(ask)
    const again = await this.#poll(ask)
    const empty = again.status === 204 || again.status === 304 ? { empty: [again.status] } : {}
    if (!again.text.includes(old)) return empty
    for (const [field, value] of cursorsIn(first.text)) {
      for (const query of new Set([field, ...QUERIES])) {
        const separator = ask.path.includes('?') ? '&' : '?'
        const next = {
          ...ask,
          path: `${ask.path}${separator}${query}=${encodeURIComponent(value)}`,
        }
        const without = await this.#poll(next)
        if (!isTaken(without) || without.text.includes(old)) continue
        const { data } = await this.#try(publish, [])
        const { text } = await this.#poll(next)
        if (!text.includes(data) || text.includes(old)) continue
        const none = without.status === 204 ? { empty: [204] } : {}
        return { ...none, cursor: [{ from: `field ${field}`, to: `query ${query}` }] }
      }
    }
    return null
  }
}

interface PublishAsk extends Ask {
  readonly method: string
  readonly body: string
}

/** A request that was seen to publish, and how a target says it. */
interface Publish {
  readonly ask: PublishAsk
  readonly description: Description
}

const QUERIES = ['since', 'after', 'lastEventId', 'last_id', 'cursor', 'from', 'offset']
const FIELD =
  /"(last_?event_?id|last_?id|cursor|next|since|seq|sequence|offset|version|id)"\s*:\s*(?:"([^"\\]+)"|(\d+))/gi

/** Fields of an answer that may say where the next one begins, each with its last value. */
function cursorsIn(text: string): ReadonlyMap<string, string> {
  return new Map(
    [...text.matchAll(FIELD)].map(([, name = '', quoted, number = '']) => [name, quoted ?? number]),
  )
}

function typeOf(body: string): string {
  return /^\s*[[{]\s*["{[]/.test(body) ? 'application/json' : 'text/plain'
}

function isTaken({ status }: Asked): boolean {
  return status !== null && status >= 200 && status < 300
}

const NOTHING = 'brings nothing of what is published'
/** Of what brought no event. */
const SILENT: Readonly<Record<Technique, string>> = {
  'short-poll': NOTHING,
  'long-poll': `is held, and ${NOTHING}`,
  sse: `is an event stream, and ${NOTHING}`,
  websocket: `takes WebSockets, and ${NOTHING}; it may want a message that subscribes`,
}

const OTHER = 'brings it in another way than that of the technique'
/** Of what brought one, and cannot be measured so. */
const ODD: Readonly<Record<Technique, string>> = {
  'short-poll': 'lists events again, and nothing usual says from where on it is asked',
  'long-poll': OTHER,
  sse: OTHER,
  websocket: OTHER,
}
