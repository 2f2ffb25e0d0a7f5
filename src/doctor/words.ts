import type { Finding } from './finding.ts'

/** A finding of something that this machine does not tell. */
export function unknown(about: Pick<Finding, 'code' | 'title'>, text: string): Finding {
  return { ...about, outcome: 'unknown', text, fix: null }
}
