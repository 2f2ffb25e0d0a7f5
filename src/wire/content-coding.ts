/**
 * Content codings (RFC 9110 section 8.4.1): what a body went through before it was sent. The clients
 * ask for none (`Accept-Encoding: identity`) and undo none, since an application's cost of doing so
 * would be hidden in the figures: an answer in one is an error of its name.
 */
import { WireError } from './wire-error.ts'

const IDENTITY = 'identity'
/** A recipient takes these for the same (sections 8.4.1.1 and 8.4.1.3). */
const ALIASES: Readonly<Record<string, string>> = { 'x-gzip': 'gzip', 'x-compress': 'compress' }
/** Longer than any registered name. */
const MAX_NAME = 16
const MAX_CODINGS = 3

/**
 * What a Content-Encoding says, for the name of an error: the codings in lower case, `gzip` or
 * `gzip-br`, each of letters, digits and hyphens whatever came; '' of identity or nothing.
 */
export function contentCoding(value: string): string {
  return value
    .split(',')
    .map(codingName)
    .filter((name) => name !== IDENTITY && name !== '')
    .slice(0, MAX_CODINGS)
    .join('-')
}

function codingName(item: string): string {
  const name = item.trim().toLowerCase()
  if (name === '') return name
  const safe = name.replace(/[^a-z\d-]/g, '').slice(0, MAX_NAME)
  return safe === '' ? 'unknown' : (ALIASES[safe] ?? safe)
}

/**
 * How bodies in a coding begin. Sources: RFC 1952 section 2.3.1 (gzip), RFC 1950 section 2.2 (zlib, at
 * its usual levels), RFC 8878 section 3.1.1 (Zstandard).
 */
const SIGNS = [
  [0x1f, 0x8b, 'gzip'],
  [0x78, 0x9c, 'deflate'],
  [0x78, 0xda, 'deflate'],
  [0x28, 0xb5, 'zstd'],
] as const

/** The coding by which a body that should be text begins; '' of any other beginning. */
export function codingSign(bytes: Uint8Array, start: number, end: number): string {
  const second = bytes[start + 1] as number
  // No text in UTF-8 has the second byte of these signs where they have it.
  if (end - start < 2 || second < 0x80) return ''
  return SIGNS.find((sign) => sign[0] === bytes[start] && sign[1] === second)?.[2] ?? ''
}

/**
 * Refuses a body in a coding.
 *
 * @param coding its name; '' of a body as it is
 * @throws {WireError} `content-encoding-…`
 */
export function refuseCoding(coding: string): void {
  if (coding === '') return
  throw new WireError(`content-encoding-${coding}`, `the body is in content coding ${coding}`)
}
