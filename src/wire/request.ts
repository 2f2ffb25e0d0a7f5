import { Template } from './template.ts'

/** Where requests go and as whom. */
export interface Authority {
  readonly authority: string
  readonly basePath: string
  readonly token: string | null
}

/** Stands for the channel in a request's path and headers. */
export const CHANNEL_BLANK = '{channel}'

/** Stands for the milliseconds that a server may hold the request, in its path. */
const HOLD_BLANK = '{hold}'

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
