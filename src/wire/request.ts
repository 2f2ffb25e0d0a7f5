/** The server that requests go to, and the token that they bring. */
export interface Authority {
  readonly authority: string
  readonly basePath: string
  readonly token: string | null
  /** The parameter in which requests name their client, for a front that goes by it; without it none does. */
  readonly clientKey?: string
}

/** Who asks, as a front in between may want to know it. */
export interface Requester {
  /** Tells it from all others, in letters and digits. */
  readonly key: string
  /** As a Cookie field has them; empty without any. */
  readonly cookies: string
}

const NOBODY: Requester = { key: '', cookies: '' }

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
  /** What goes before a client's key in the query; null where requests do not name it. */
  readonly #keyLead: string | null
  readonly #queryMark: string
  /** A Cookie field is among the headers given. */
  readonly #hasCookie: boolean

  /**
   * @param path with its query, below the base path
   * @param headers may bring an Authorization of their own, which then stands for the token
   */
  constructor(to: Authority, path: string, headers: Readonly<Record<string, string>> = {}) {
    const lines = headerLines(to, headers)
    this.#start = new Template(`GET ${to.basePath}${path}`, CHANNEL_BLANK, HOLD_BLANK)
    this.#rest = new Template(` HTTP/1.1\r\n${lines}`, CHANNEL_BLANK)
    this.#keyLead = to.clientKey === undefined ? null : `${to.clientKey}=`
    this.#queryMark = path.includes('?') ? '&' : '?'
    this.#hasCookie = Object.keys(headers).some((name) => name.toLowerCase() === 'cookie')
  }

  /**
   * The request's bytes, one a character.
   *
   * @param query follows the path: `&name=value`, or nothing
   * @param lines further header lines, each ended by CRLF
   * @param hold for the path's blank, if it has one
   */
  head(channel: string, query = '', lines = '', hold = '', { key, cookies } = NOBODY): string {
    const encoded = encodeURIComponent(channel)
    const start = `${this.#start.fill(encoded, hold)}${query}`
    const rest = `${this.#rest.fill(encoded)}${lines}`
    const named =
      this.#keyLead === null
        ? start
        : `${start}${query === '' ? this.#queryMark : '&'}${this.#keyLead}${key}`
    return `${named}${cookies === '' ? rest : this.#withCookies(rest, cookies)}\r\n`
  }

  /** There is one Cookie field at most (RFC 6265 section 5.4). */
  #withCookies(lines: string, cookies: string): string {
    if (!this.#hasCookie) return `${lines}Cookie: ${cookies}\r\n`
    return lines.replace(/^cookie:[^\r]*/im, (line) => `${line}; ${cookies}`)
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

/** The headers of every request, and those given, which stand for what they name themselves. */
function headerLines(to: Authority, headers: Readonly<Record<string, string>>): string {
  const has = (lower: string): boolean =>
    Object.keys(headers).some((name) => name.toLowerCase() === lower)
  const lines = [
    ['Host', to.authority],
    ['User-Agent', 'rtbench'],
  ]
  // Without this any coding is acceptable (RFC 9110 section 12.5.3), and some servers compress.
  if (!has('accept-encoding')) lines.push(['Accept-Encoding', 'identity'])
  if (to.token !== null && !has('authorization')) {
    lines.push(['Authorization', `Bearer ${to.token}`])
  }
  return [...lines, ...Object.entries(headers)]
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
}

/** Text for a head: each character is one byte, here of its UTF-8. */
export function asUtf8(text: string): string {
  return Buffer.from(text).toString('latin1')
}

/** A text with blanks for two values, such as `/sse?channel={channel}`, taken apart once. */
export class Template {
  /** Texts and blanks in turn. */
  readonly #parts: readonly string[]
  /** Which of them are blanks of the first value. */
  readonly #takesFirst: readonly boolean[]

  /**
   * @param first the blank of the first value, its braces included: `{channel}`
   * @param second that of the second; without it there is none
   */
  constructor(text: string, first: string, second = first) {
    const blanks = `${first}|${second}`.replace(/[{}]/g, '\\$&')
    this.#parts = text.split(new RegExp(`(${blanks})`))
    this.#takesFirst = this.#parts.map((part) => part === first)
  }

  /** The text with its blanks filled in. A value is taken as it is: who gives it has encoded it. */
  fill(first: string, second = ''): string {
    const parts = this.#parts
    let text = parts[0] as string
    for (let at = 1; at < parts.length; at += 2) {
      text += this.#takesFirst[at] === true ? first : second
      text += parts[at + 1] as string
    }
    return text
  }
}
