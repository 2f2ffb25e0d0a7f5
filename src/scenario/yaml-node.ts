import { isMap, isScalar, isSeq, type Node, type ParsedNode } from 'yaml'
import { showKey } from './problem.ts'

/** A node inside another one, and how far the way to it could be followed. */
export interface Descent {
  readonly offset: number
  /** `.sse.path`, `[1]`; without an index that is not there. */
  readonly label: string
}

/**
 * Follows keys and indices into a node. Where a key is missing, or what stands there has no value,
 * the place is the nearest one above.
 */
export function descend(from: ParsedNode, inside: readonly (string | number)[]): Descent {
  let node: Node | null = from
  let offset = from.range[0]
  let label = ''
  for (const step of inside) {
    const next: Node | null = typeof step === 'string' ? valueAt(node, step) : itemAt(node, step)
    if (typeof step === 'string') label += `.${showKey(step)}`
    else if (next !== null) label += `[${step}]`
    offset = offsetOf(next) ?? offset
    node = next
  }
  return { offset, label }
}

/** A key's value, or the key itself where nothing is written for it. */
function valueAt(node: Node | null, wanted: string): Node | null {
  if (!isMap(node)) return null
  const found = node.items.find(({ key }) => isScalar(key) && String(key.value) === wanted)
  if (found === undefined) return null
  return offsetOf(found.value) === null ? asNode(found.key) : asNode(found.value)
}

function itemAt(node: Node | null, index: number): Node | null {
  return isSeq(node) ? asNode(node.items[index]) : null
}

/** A key that a map inside a node has a second time. */
export interface Duplicate {
  /** `.sse.path` */
  readonly label: string
  readonly offset: number
  readonly firstOffset: number
}

/** All duplicate keys inside a node, aliases not followed. */
export function duplicatesIn(node: unknown, above = ''): readonly Duplicate[] {
  if (isSeq(node)) {
    return node.items.flatMap((item, index) => duplicatesIn(item, `${above}[${index}]`))
  }
  if (!isMap(node)) return []
  const first = new Map<string, number>()
  const found: Duplicate[] = []
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : ''
    const label = `${above}.${showKey(name)}`
    const offset = offsetOf(key) ?? 0
    const firstOffset = first.get(name)
    if (firstOffset === undefined) first.set(name, offset)
    else found.push({ label, offset, firstOffset })
    found.push(...duplicatesIn(value, label))
  }
  return found
}

function asNode(value: unknown): Node | null {
  return typeof value === 'object' && value !== null ? (value as Node) : null
}

function offsetOf(value: unknown): number | null {
  const node = asNode(value)
  return node !== null && 'range' in node
    ? ((node.range as readonly number[] | null)?.[0] ?? null)
    : null
}
