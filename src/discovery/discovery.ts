/** How a server speaks, found out by asking it on the paths that are usual. */
import { randomBytes } from 'node:crypto'
import { RtbenchError } from '../error.ts'
import { type Ask, Asked, upgrade, waitUntil } from './connection.ts'

export type Technique = 'short-poll' | 'long-poll' | 'sse' | 'websocket'

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

const STREAMS = ['events', 'sse', 'stream', 'event-stream', 'subscribe', 'updates', 'notifications']
const SOCKETS = ['ws', 'websocket', 'socket', 'live', '']
const POLLS = ['poll', 'long-poll', 'messages', 'updates', 'notifications', 'changes']
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

/** At the root, and below the usual folder of an interface. */
function usual(names: readonly string[]): readonly string[] {
  return ['/', '/api/'].flatMap((folder) => names.map((name) => folder + name))
}

/** Usual paths, in words. */
function told(paths: readonly string[]): string {
  return `${paths.filter((path) => !path.startsWith('/api/')).join(', ')}, nor below /api`
}

/** One way in, which may bring what is published. */
interface Listener {
  readonly technique: Technique
  readonly ask: Ask
  asked: Asked
}

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
    const [streams, sockets, polls] = await Promise.all([
      this.#streams(),
      this.#sockets(),
      this.#polls(),
    ])
    const listeners = [...streams, ...sockets, ...polls]
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

  /** Where a technique is looked for; nowhere, where others were named. */
  #places(technique: Technique, names: readonly string[]): readonly string[] {
    const { paths } = this.#wishes
    const named = paths[technique]
    if (named !== undefined) return [filled(named)]
    return Object.keys(paths).length > 0 ? [] : usual(names)
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

  /** The first event stream; where none says that it is one, those that say nothing yet. */
  async #streams(): Promise<readonly Listener[]> {
    const all = this.#places('sse', STREAMS).map((path) =>
      this.#listen('sse', { path, headers: { Accept: 'text/event-stream' } }),
    )
    await Promise.all(all.map(({ asked }) => asked.until(() => asked.status !== null)))
    const sure = all.filter(({ asked }) => isStream(asked))
    const held = all.filter(({ asked }) => isHeld(asked))
    const found = sure.length > 0 ? sure.slice(0, 1) : held
    this.#forget('sse', all, found, '200 and text/event-stream')
    return found
  }

  async #sockets(): Promise<readonly Listener[]> {
    const all = this.#places('websocket', SOCKETS).map((path) => {
      const { headers, isGranted } = upgrade()
      return { listener: this.#listen('websocket', { path, headers }), isGranted }
    })
    const listeners = all.map(({ listener }) => listener)
    await Promise.all(listeners.map(({ asked }) => asked.until(() => asked.status !== null)))
    const granted = all.filter(({ listener, isGranted }) => isGranted(listener.asked))
    const found = granted.map(({ listener }) => listener).slice(0, 1)
    this.#forget('websocket', listeners, found, '101 and a WebSocket')
    return found
  }

  /** What answers at once is polled, what does not is held. */
  async #polls(): Promise<readonly Listener[]> {
    const headers = { Accept: 'application/json' }
    const all = [
      ...this.#places('short-poll', POLLS).map((path) =>
        this.#listen('short-poll', { path, headers }),
      ),
      ...this.#places('long-poll', POLLS).map((path) =>
        this.#listen('long-poll', { path, headers }),
      ),
    ]
    await Promise.all(all.map(({ asked }) => asked.until(() => asked.ended)))
    const found = all.filter(({ technique, asked }) =>
      technique === 'long-poll' ? isHeld(asked) : isAnswer(asked, this.#wishes.paths[technique]),
    )
    for (const technique of ['short-poll', 'long-poll'] as const) {
      const own = (listener: Listener): boolean => listener.technique === technique
      const expected =
        technique === 'long-poll' ? 'to be held until there is an event' : '200 and JSON'
      this.#forget(technique, all.filter(own), found.filter(own), expected)
    }
    return found
  }

  #listen(technique: Technique, ask: Ask): Listener {
    return { technique, ask, asked: this.#ask(ask) }
  }

  /** Ends all but those that were found, and notes that there are none. */
  #forget(
    technique: Technique,
    all: readonly Listener[],
    found: readonly Listener[],
    expected: string,
  ): void {
    for (const one of all) if (!found.includes(one)) one.asked.close()
    const [first] = all
    if (first === undefined || found.length > 0) return
    this.#missing[technique] =
      this.#wishes.paths[technique] === undefined
        ? `not found on ${told(all.map(({ ask }) => ask.path))}`
        : `GET ${first.ask.path} ${first.asked.answer}; expected ${expected}`
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

/** A template with something in its blanks. */
function filled(template: string, data = ''): string {
  return template
    .replaceAll('{channel}', 'rtbench')
    .replaceAll('{hold}', '5000')
    .replaceAll('{data}', data)
}

function typeOf(body: string): string {
  return /^\s*[[{]\s*["{[]/.test(body) ? 'application/json' : 'text/plain'
}

function isStream({ status, type }: Asked): boolean {
  return status === 200 && type === 'text/event-stream'
}

/** Nothing has come, and it may still. */
function isHeld({ status, ended }: Asked): boolean {
  return status === null && !ended
}

/** @param named where somebody said that it is one */
function isAnswer({ status, type, ended }: Asked, named: string | undefined): boolean {
  if (!ended) return false
  return (
    status === 204 ||
    status === 304 ||
    (status === 200 && (named !== undefined || /json/.test(type)))
  )
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
