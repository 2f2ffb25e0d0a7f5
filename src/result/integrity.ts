import { createHash } from 'node:crypto'

/** A document and the digest of what else it says. */
interface Sealed {
  readonly integrity?: unknown
}

/**
 * A digest of a document, `sha256-…` in hexadecimal, which any change of a figure or a word changes;
 * white space is not part of it, nor is its own key. It tells damage, not forgery: who changes the
 * document may change the digest, too.
 */
export function integrityOf(document: object): string {
  const text = JSON.stringify(withoutIntegrity(document))
  return `sha256-${createHash('sha256').update(text).digest('hex')}`
}

/** All that a document says but its digest. */
export function withoutIntegrity<Content extends object>(document: Content): Content {
  const { integrity: _, ...content } = document as Content & Sealed
  return content as Content
}
