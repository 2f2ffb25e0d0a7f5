/** Who may bring what is published: the ways in that a server has on the paths that are usual. */
import { type Ask, type Asked, upgrade } from './connection.ts'

export type Technique = 'short-poll' | 'long-poll' | 'sse' | 'websocket'

const STREAMS = ['events', 'sse', 'stream', 'event-stream', 'subscribe', 'updates', 'notifications']
const SOCKETS = ['ws', 'websocket', 'socket', 'live', '']
const POLLS = ['poll', 'long-poll', 'messages', 'updates', 'notifications', 'changes']

/** At the root, and below the usual folder of an interface. */
export function usual(names: readonly string[]): readonly string[] {
  return ['/', '/api/'].flatMap((folder) => names.map((name) => folder + name))
}

/** Usual paths, in words. */
export function told(paths: readonly string[]): string {
  return `${paths.filter((path) => !path.startsWith('/api/')).join(', ')}, nor below /api`
}

/** One way in, which may bring what is published. */
export interface Listener {
  readonly technique: Technique
  readonly ask: Ask
  asked: Asked
}

/** Where each technique is that is to be measured. */
type Paths = Readonly<Partial<Record<Technique, string>>>

/** Looks for the ways in. */
export class Listeners {
  readonly #paths: Paths
  readonly #ask: (ask: Ask) => Asked
  /** Why a technique is not there, one line each. */
  readonly missing: Partial<Record<Technique, string>> = {}

  /** @param paths with none, all are looked for where they usually are */
  constructor(paths: Paths, ask: (ask: Ask) => Asked) {
    this.#paths = paths
    this.#ask = ask
  }

  async find(): Promise<readonly Listener[]> {
    const found = await Promise.all([this.#streams(), this.#sockets(), this.#polls()])
    return found.flat()
  }

  /** Where a technique is looked for; nowhere, where others were named. */
  #places(technique: Technique, names: readonly string[]): readonly string[] {
    const named = this.#paths[technique]
    if (named !== undefined) return [filled(named)]
    return Object.keys(this.#paths).length > 0 ? [] : usual(names)
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
      technique === 'long-poll' ? isHeld(asked) : isAnswer(asked, this.#paths[technique]),
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
    this.missing[technique] =
      this.#paths[technique] === undefined
        ? `not found on ${told(all.map(({ ask }) => ask.path))}`
        : `GET ${first.ask.path} ${first.asked.answer}; expected ${expected}`
  }
}

/** A template with something in its blanks. */
export function filled(template: string, data = ''): string {
  return template
    .replaceAll('{channel}', 'rtbench')
    .replaceAll('{hold}', '5000')
    .replaceAll('{data}', data)
}

export function isStream({ status, type }: Asked): boolean {
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
