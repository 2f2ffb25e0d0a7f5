/** What a message may have been made of a mark that is not found in it. */
export type Disguise = 'base64' | 'hex' | 'utf-16' | 'gzip' | 'gzip-base64' | 'cut'

const PREFIX = Buffer.from('rtbm_')

/**
 * The mark's prefix in base64 (RFC 4648 section 4, and as well section 5): another text for each place
 * that its first byte may have in a group of three. Digits that depend on what stands around are left
 * out.
 */
const BASE64: readonly Buffer[] = [0, 1, 2].map((before) => {
  const encoded = Buffer.concat([Buffer.alloc(before), PREFIX])
    .toString('base64')
    .replace(/=+$/, '')
  const first = Math.ceil((before * 8) / 6)
  return Buffer.from(encoded.slice(first, Math.floor(((before + PREFIX.length) * 8) / 6)))
})

/** Of either byte order: what the first byte is, or the last, depends on it. */
const UTF_16 = Buffer.from('rtbm_', 'utf16le').subarray(0, -1)
/** Of gzip's first three bytes (RFC 1952 section 2.3). */
const GZIP_BASE64 = Buffer.from('H4sI')
const HEX: readonly Buffer[] = [PREFIX.toString('hex'), PREFIX.toString('hex').toUpperCase()].map(
  (text) => Buffer.from(text),
)

/** Recognises what hides a mark in a message in which none was found; null where nothing tells. */
export function disguiseOf(bytes: Buffer, start: number, end: number): Disguise | null {
  const message = bytes.subarray(start, end)
  if (BASE64.some((text) => message.includes(text))) return 'base64'
  if (message.includes(UTF_16)) return 'utf-16'
  if (HEX.some((text) => message.includes(text))) return 'hex'
  if (message.includes(PREFIX)) return 'cut'
  if (message[0] === 0x1f && message[1] === 0x8b) return 'gzip'
  return message.includes(GZIP_BASE64) ? 'gzip-base64' : null
}
