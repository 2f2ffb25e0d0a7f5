import type { CursorPart, EndpointDescription, EndpointKey } from '../scenario/target.ts'
import { equalsToken } from '../wire/http-syntax.ts'
import { lastField } from '../wire/json-bytes.ts'
import { asUtf8, type Requester, RequestTemplate } from '../wire/request.ts'
import { checkCursor, WireError } from '../wire/wire-error.ts'
import type { Dialect } from './reconnecting-client.ts'
import type { Target } from './transport.ts'

/** Between the parts of a cursor: in no header's value, and in no JSON text. */
const SEPARATOR = '\n'
/** Bytes, its cursor apart, that one answer without events may be longer than another. */
const EMPTY_SLACK = 8
const NONE_YET = -1
/** The characters that neither a header nor the separator allows. */
const CONTROL = /[^\P{Cc}\t]/u

/** The keys that a description may have for polling. */
export const POLL_KEYS: readonly EndpointKey[] = ['path', 'headers', 'empty', 'cursor', 'gap']

/** The reference server's description, polled at a path with its query. */
export function referencePoll(path: string): EndpointDescription {
  return {
    path,
    cursor: [{ from: 'field lastEventId', to: 'query lastEventId' }],
    // The first bytes of an answer: payload cannot be there.
    gap: '{"gap":true',
  }
}

/** The requests to a server that is polled, and how its answers are read. */
export class PollDialect implements Dialect {
  readonly target: Target
  /** A request without a cursor is held until there is an event. */
  readonly holdsFirst: boolean
  /** Parts of the cursor stand in headers. */
  readonly readsHeaders: boolean
  readonly #request: RequestTemplate
  readonly #parts: readonly Part[]
  readonly #queryMark: string
  readonly #empty: ReadonlySet<number>
  readonly #gap: Buffer
  /** Of the shortest first answer, its cursor apart, in which no event can have been. */
  #emptyBytes = NONE_YET
  /** Cursor parts of heads whose answer is not complete, by client: they count when it is. */
  readonly #heard = new Map<object, (string | null)[]>()

  constructor(target: Target, reference: EndpointDescription) {
    const described = target.endpoint ?? reference
    this.target = target
    this.holdsFirst = described.first === 'held'
    this.#request = new RequestTemplate(target, described.path, described.headers)
    this.#parts = (described.cursor ?? []).map((part) => new Part(part))
    this.#queryMark = described.path.includes('?') ? '&' : '?'
    this.#empty = new Set(described.empty)
    this.#gap = Buffer.from(described.gap ?? '')
    this.readsHeaders = this.#parts.some(({ header }) => header !== null)
  }

  /** The request's bytes, one a character. An empty cursor is none. */
  request(channel: string, cursor: string, holdMs = 0, requester?: Requester): string {
    const hold = `${holdMs}`
    if (cursor === '') return this.#request.head(channel, '', '', hold, requester)
    let query = ''
    let lines = ''
    let from = 0
    for (let index = 0; index < this.#parts.length; index++) {
      const { lead, isQuery } = this.#parts[index] as Part
      const end = cursor.indexOf(SEPARATOR, from)
      const value = end === -1 ? cursor.slice(from) : cursor.slice(from, end)
      from = from + value.length + 1
      if (value === '') continue
      if (isQuery) {
        query += `${query === '' ? this.#queryMark : '&'}${lead}${encodeURIComponent(value)}`
      } else lines += `${lead}${value}\r\n`
    }
    return this.#request.head(channel, query, lines, hold, requester)
  }

  answersBy(status: number): boolean {
    return status === 200 || this.#empty.has(status)
  }

  /** Whether an answer says that it cannot replay everything. */
  saysGap(bytes: Buffer, start: number, end: number): boolean {
    const gap = this.#gap
    const past = start + gap.length
    return gap.length > 0 && past <= end && bytes.compare(gap, 0, gap.length, start, past) === 0
  }

  /**
   * Whether an answer without a mark may be one without events: nothing tells those but that they are as
   * short as first ones without a cursor, which come before anything is published.
   */
  mayBeEmpty(bytes: number, cursor: string | null, isFirst: boolean): boolean {
    if (bytes === 0) return true
    const rest = Math.max(0, bytes - (cursor?.length ?? 0))
    const shorter = this.#emptyBytes === NONE_YET || rest < this.#emptyBytes
    if (isFirst && shorter && !this.holdsFirst) this.#emptyBytes = rest
    return this.#emptyBytes !== NONE_YET && rest <= this.#emptyBytes + EMPTY_SLACK
  }

  /** Keeps what a header of a client's answer says of the cursor. */
  hear(
    client: object,
    bytes: Buffer,
    name: number,
    nameEnd: number,
    value: number,
    end: number,
  ): void {
    for (const [index, { header }] of this.#parts.entries()) {
      if (header === null || !equalsToken(bytes, name, nameEnd, header)) continue
      checkCursor(end - value)
      const heard = this.#heard.get(client) ?? this.#parts.map(() => null)
      heard[index] = bytes.toString('latin1', value, end)
      this.#heard.set(client, heard)
    }
  }

  /** Forgets the headers of an answer that will not be complete. */
  forget(client: object): void {
    if (this.readsHeaders) this.#heard.delete(client)
  }

  /**
   * The cursor that a complete answer brings; null when it brings no part of one. What it does not
   * bring is not taken over from the answer before.
   */
  cursorOf(client: object, bytes: Buffer, start: number, end: number): string | null {
    const heard = this.readsHeaders ? this.#heard.get(client) : undefined
    if (heard !== undefined) this.#heard.delete(client)
    let cursor: string | null = null
    let found = false
    for (let index = 0; index < this.#parts.length; index++) {
      const part = this.#parts[index] as Part
      const value = part.header === null ? part.read(bytes, start, end) : (heard?.[index] ?? null)
      found ||= value !== null
      cursor = cursor === null ? (value ?? '') : `${cursor}${SEPARATOR}${value ?? ''}`
    }
    return found ? cursor : null
  }
}

/** One part of a cursor: where an answer has it, and where a request has it. */
class Part {
  /** In lower case; null where the part is a field of the body. */
  readonly header: Buffer | null
  /** The text before the value in a request: `name=` or `Name: `. */
  readonly lead: string
  readonly isQuery: boolean
  readonly #fieldKey: Buffer

  constructor({ from, to }: CursorPart) {
    const [source, sourceName] = divided(from)
    const [place, placeName] = divided(to)
    this.header = source === 'header' ? Buffer.from(sourceName.toLowerCase()) : null
    this.#fieldKey = Buffer.from(`"${sourceName}":`)
    this.isQuery = place === 'query'
    this.lead = this.isQuery ? `${placeName}=` : `${placeName}: `
  }

  read(bytes: Buffer, start: number, end: number): string | null {
    const value = lastField(bytes, start, end, this.#fieldKey)
    if (value === null) return null
    if (CONTROL.test(value)) throw new WireError('cursor-syntax', 'a cursor with a line break')
    return this.isQuery ? value : asUtf8(value)
  }
}

/** `header Last-Modified` → `header` and `Last-Modified`. */
function divided(text: string): readonly [kind: string, name: string] {
  const space = text.indexOf(' ')
  return [text.slice(0, space), text.slice(space + 1)]
}
