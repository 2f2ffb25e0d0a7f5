/** The server that requests go to, and the token that they bring. */
export interface Authority {
  readonly authority: string
  readonly basePath: string
  readonly token: string | null
}

/** Stands for the channel in a request's path and headers. */
export const CHANNEL_BLANK = '{channel}'

/** Stands for the milliseconds that a server may hold the request, in its path. */
export const HOLD_BLANK = '{hold}'

/**
 * A GET request for any channel: as few headers as HTTP/1.1 asks for, a name, that bodies be sent as
 * they are, the token, and those given. What all requests share is put together once; the channel goes in percent-encoded.
 */
export class RequestTemplate {
  readonly #start: Template
  readonly #rest: Template

  /**
   * @param path with its query, below the base path
   * @param headers may bring an Authorization of their own, which then stands for the token
   */
  constructor(to: Authority, path: string, headers: Readonly<Record<string, string>> = {}) {
    const lines = headerLines(to, headers)
    this.#start = new Template(`GET ${to.basePath}${path}`, CHANNEL_BLANK, HOLD_BLANK)
    this.#rest = new Template(` HTTP/1.1\r\n${lines}`, CHANNEL_BLANK)
  }

  /**
   * The request's bytes, one a character.
   *
   * @param query follows the path: `&name=value`, or nothing
   * @param lines further header lines, each ended by CRLF
   * @param hold for the path's blank, if it has one
   */
  head(channel: string, query = '', lines = '', hold = ''): string {
    const encoded = encodeURIComponent(channel)
    return `${this.#start.fill(encoded, hold)}${query}${this.#rest.fill(encoded)}${lines}\r\n`
  }
}

/**
 * The head of a request up to where further header lines and the empty line follow. Blanks stay as
 * they are.
 *
 * @param path with its query, below the base path
 */
export function requestHead(
  to: Authority,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): string {
  return `${method} ${to.basePath}${path} HTTP/1.1\r\n${headerLines(to, headers)}`
}

/** The headers of every request, and those given. */
function headerLines(to: Authority, headers: Readonly<Record<string, string>>): string {
  return [
    ['Host', to.authority],
    ['User-Agent', 'rtbench'],
    ...uncoded(headers),
    ...authorization(to.token, headers),
    ...Object.entries(headers),
  ]
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
}

/** Text for a head: each character is one byte, here of its UTF-8. */
export function asUtf8(text: string): string {
  return Buffer.from(text).toString('latin1')
}

/** The token as a header, unless the headers bring their own. */
function authorization(
  token: string | null,
  headers: Readonly<Record<string, string>>,
): readonly (readonly [name: string, value: string])[] {
  return token === null || hasHeader(headers, 'authorization')
    ? []
    : [['Authorization', `Bearer ${token}`]]
}

/** Without this any coding is acceptable (RFC 9110 section 12.5.3), and some servers compress. */
function uncoded(
  headers: Readonly<Record<string, string>>,
): readonly (readonly [name: string, value: string])[] {
  return hasHeader(headers, 'accept-encoding') ? [] : [['Accept-Encoding', 'identity']]
}

function hasHeader(headers: Readonly<Record<string, string>>, lower: string): boolean {
  return Object.keys(headers).some((name) => name.toLowerCase() === lower)
}

/**
 * A text with blanks for two values, such as `/sse?channel={channel}`. It is taken apart once, so
 * that filling it in is concatenation and nothing else.
 */
export class Template {
  /** The texts before each blank. */
  readonly #before: readonly string[]
  /** The blanks of the first value; others are the second's. */
  readonly #takesFirst: readonly boolean[]
  /** The text after the last blank. */
  readonly #rest: string

  /**
   * @param first the blank of the first value, its braces included: `{channel}`
   * @param second that of the second; without it there is none
   */
  constructor(text: string, first: string, second?: string) {
    const before: string[] = []
    const takesFirst: boolean[] = []
    let from = 0
    for (;;) {
      const one = text.indexOf(first, from)
      const other = second === undefined ? -1 : text.indexOf(second, from)
      const isFirst = one !== -1 && (other === -1 || one < other)
      const at = isFirst ? one : other
      if (at === -1) break
      before.push(text.slice(from, at))
      takesFirst.push(isFirst)
      from = at + (isFirst ? first : (second ?? '')).length
    }
    this.#before = before
    this.#takesFirst = takesFirst
    this.#rest = text.slice(from)
  }

  /** The text with its blanks filled in. A value is taken as it is: who gives it has encoded it. */
  fill(first: string, second = ''): string {
    let text = ''
    for (let at = 0; at < this.#before.length; at++) {
      text += this.#before[at] as string
      text += this.#takesFirst[at] === true ? first : second
    }
    return text + this.#rest
  }
}
