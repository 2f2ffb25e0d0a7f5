import { didYouMean } from './suggestion.ts'
import type { Refusal } from './units.ts'

/** A field's name: `token`, RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/
/** A field's value: RFC 9110 section 5.5, with the bytes beyond ASCII as Latin-1. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** Headers that are rtbench's to set: they belong to the connection, the framing or the technique. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'last-event-id',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
])

/** What is wrong with a header that a scenario gives, or null. */
export function refuseHeader(
  name: string,
  value: string,
  blanks: readonly string[],
): Refusal | null {
  return refuseHeaderName(name) ?? refuseHeaderValue(value) ?? refuseBlanks(value, blanks)
}

function refuseHeaderName(name: string): Refusal | null {
  if (!TOKEN.test(name)) return { problem: 'is no name of a header' }
  const lower = name.toLowerCase()
  if (OWN_HEADERS.has(lower) || lower.startsWith('sec-websocket-')) {
    return { problem: 'is a header that rtbench sets itself' }
  }
  return null
}

/** What is wrong with the value of a header, which may be a secret: it is not told. */
export function refuseHeaderValue(value: string): Refusal | null {
  if (VALUE.test(value)) return null
  const isBroken = /[\r\n]/.test(value)
  return { problem: isBroken ? 'has a line break in its value' : 'has a value that no header can' }
}

/** Whether a request may give a cursor back in this header. */
export function carriesCursor(name: string): boolean {
  const lower = name.toLowerCase()
  return (
    lower === 'last-event-id' ||
    (refuseHeaderName(name) === null && !/^(?:cookie|accept-encoding)$/.test(lower))
  )
}

/** A blank that is none of those known, such as `{chanel}`. */
export function refuseBlanks(text: string, known: readonly string[]): Refusal | null {
  for (const [blank, name = ''] of text.matchAll(/\{(\w+)\}/g)) {
    if (known.includes(name)) continue
    const near = didYouMean(name, known)
    return { problem: `has the unknown blank ${blank}${near.replace(/ (\w+)\?$/, ' {$1}?')}` }
  }
  return null
}

/** What is wrong with a base URL of an already running server, or null. */
export function refuseTargetUrl(text: string): Refusal | null {
  const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(text)?.[1]
  if (scheme === undefined) return { problem: 'is not a URL with its scheme' }
  if (/^wss?$/i.test(scheme)) {
    return { problem: `has the scheme ${scheme}, which rtbench derives from http or https itself` }
  }
  if (!/^https?$/i.test(scheme)) return { problem: `has the scheme ${scheme}` }
  const port = /^[^/]*\/\/[^/?#]*:(\d+)(?:[/?#]|$)/.exec(text)?.[1]
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65535)) {
    return { problem: `has the port ${port}, which is not from 1 to 65535` }
  }
  if (/[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) return { problem: 'is not a URL' }
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') {
    return { problem: 'carries credentials, which results would store' }
  }
  if (/[?#]/.test(text)) return { problem: 'has a query or a fragment' }
  return null
}
