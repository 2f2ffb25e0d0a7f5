/** What the stored matrix of proxies says of a technique: the evidence that is shipped with rtbench. */
import { readFileSync } from 'node:fs'

const FILE = new URL('../../results/evidence/proxies.json', import.meta.url)

let sentences: Readonly<Record<string, unknown>> | null = null

/**
 * `passes 9 of 10; nginx's defaults hold events back until 4 KiB`; null of a technique that was not asked for. How it
 * was made is in docs/proxies.md.
 */
export function wayEvidence(technique: string): string | null {
  sentences ??= (JSON.parse(readFileSync(FILE, 'utf8')) as { sentences: Record<string, unknown> })
    .sentences
  const sentence = Object.hasOwn(sentences, technique) ? sentences[technique] : null
  return typeof sentence === 'string' ? sentence : null
}
