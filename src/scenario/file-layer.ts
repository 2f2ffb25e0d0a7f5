import { basename, extname } from 'node:path'
import {
  type CST,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  type ParsedNode,
  Parser,
  parseDocument,
  type YAMLError,
} from 'yaml'
import { isScenarioKey, SCENARIO_KEYS, type ScenarioKey } from './keys.ts'
import type { Layer } from './layer.ts'
import { type Place, type Problem, showKey, usageError } from './problem.ts'
import { didYouMean } from './suggestion.ts'

/** Copies that aliases may make; a scenario needs none. */
const MOST_ALIASES = 100
const EXPECTED = 'expected lines such as clients: 1000'

/** Turns offsets of one file into places. */
class Locator {
  readonly #path: string
  readonly #lines = new LineCounter()

  constructor(path: string, text: string) {
    this.#path = path
    for (let start = 0; start !== -1; start = text.indexOf('\n', start) + 1 || -1) {
      this.#lines.addNewLine(start)
    }
  }

  line(offset: number): number {
    return this.#lines.linePos(offset).line
  }

  place(offset: number, key = ''): Place {
    const { line, col } = this.#lines.linePos(offset)
    const label = `${this.#path}:${line}:${col}`
    if (key === '') return { label, order: offset, line, column: col }
    return { label: `${label} ${key}`, order: offset, line, column: col, key }
  }
}

/**
 * The layer of a scenario file. JSON is read as the YAML that it also is. Unknown and duplicate
 * keys become problems of the layer, so that they are reported along with bad values.
 *
 * @throws RtbenchError `usage` when the text is no map of keys and values at all
 */
export function fileLayer(path: string, text: string): Layer {
  const locator = new Locator(path, text)
  const document = parse(text, locator)
  const { contents } = document
  const values: Partial<Record<ScenarioKey, unknown>> = {}
  const problems: Problem[] = []
  const nodes = new Map<string, ParsedNode>()
  const firstLines = new Map<string, number>()

  if (contents === null || (isScalar(contents) && contents.value === null)) {
    throw usageError([{ place: locator.place(0), text: `nothing in this file; ${EXPECTED}` }])
  }
  if (!isMap(contents)) {
    const place = locator.place(contents.range[0])
    throw usageError([{ place, text: `not a map of keys and values; ${EXPECTED}` }])
  }
  for (const pair of contents.items) {
    const offset = pair.key.range[0]
    const key = isScalar(pair.key) ? String(pair.key.value) : null
    // Says to an editor where the JSON Schema is, and nothing to rtbench.
    if (key === '$schema') continue
    const problem = refuseKey(key, firstLines)
    if (problem !== null || key === null || !isScenarioKey(key)) {
      const place = locator.place(offset, key === null ? '' : showKey(key))
      problems.push({ place, text: problem ?? `unknown key; ${EXPECTED}` })
      continue
    }
    firstLines.set(key, locator.line(offset))
    nodes.set(key, pair.value ?? pair.key)
    const value = readValue(pair, document)
    if ('problem' in value) {
      const place = locator.place(nodes.get(key)?.range[0] ?? offset, key)
      problems.push({ place, text: value.problem })
    } else {
      values[key] = value.value
    }
    for (const { label, offset, firstOffset } of duplicatesIn(pair.value)) {
      const place = locator.place(offset, key + label)
      problems.push({ place, text: givenTwice(locator.line(firstOffset)) })
    }
  }
  return {
    source: path,
    values,
    problems,
    fallbackName: nameOfFile(path),
    origin: (key) => `${path}:${locator.line(nodes.get(key)?.range[0] ?? 0)}`,
    place(key, ...inside) {
      const node = nodes.get(key)
      if (node === undefined) return locator.place(0, key)
      const { offset, label } = descend(node, inside)
      return locator.place(offset, key + label)
    },
  }
}

function parse(text: string, locator: Locator): Document.Parsed {
  const tooDeep = tooDeepAt(text)
  if (tooDeep !== null) {
    throw usageError([{ place: locator.place(tooDeep), text: `nested too deep; ${EXPECTED}` }])
  }
  const document = parseDocument(text, {
    // Duplicates are found by fileLayer, which tells both lines and does so in linear time.
    uniqueKeys: false,
    prettyErrors: false,
  })
  // One slip often upsets the parser several times: the first is the one to mend.
  const [error] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0])
  if (error === undefined) return document
  const place = locator.place(error.pos[0])
  throw usageError([{ place, text: `${explain(error)}; expected valid YAML or JSON` }], error)
}

function explain(error: YAMLError): string {
  switch (error.code) {
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'a second key in the line of another, or a ":" in a text without quotes'
    case 'TAB_AS_INDENT':
      return 'a tab as indentation, where YAML wants spaces'
    case 'BAD_INDENT':
      return 'wrong indentation, or a bracket that is never closed'
    case 'MISSING_CHAR':
      return 'a quote, bracket, comma or colon is missing'
    case 'MULTIPLE_DOCS':
      return 'a second document after the first'
    case 'BAD_SCALAR_START':
      return 'a text that needs quotes because of its first character'
    case 'TAG_RESOLVE_FAILED':
      return 'an unknown tag'
    default:
      return `invalid syntax (${error.message})`
  }
}

/** What is wrong with a key before its value is looked at, or null. */
function refuseKey(key: string | null, firstLines: ReadonlyMap<string, number>): string | null {
  if (key === null) return 'a key that is no text; expected one such as clients'
  const firstLine = firstLines.get(key)
  if (firstLine !== undefined) return givenTwice(firstLine)
  if (isScenarioKey(key)) return null
  const hint = didYouMean(key, SCENARIO_KEYS)
  return `unknown key${hint}; expected one of ${SCENARIO_KEYS.join(', ')}`
}

function givenTwice(firstLine: number): string {
  return `given twice, first in line ${firstLine}; expected one of them`
}

function readValue(
  { value }: Pair<ParsedNode, ParsedNode | null>,
  document: Document.Parsed,
): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: value?.toJS(document, { maxAliasCount: MOST_ALIASES }) ?? null }
  } catch {
    return {
      problem: isAlias(value)
        ? `the alias *${value.source} leads nowhere or to too much; expected a value`
        : 'aliases that lead nowhere or to too much; expected a value',
    }
  }
}

/** `scenarios/my load.yaml` → `my-load`. */
function nameOfFile(path: string): string | null {
  const name = basename(path, extname(path))
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[^\p{L}\p{N}]+/u, '')
  return name === '' ? null : [...name].slice(0, 64).join('')
}

/** A scenario is a map of values and lists: two levels. */
const MOST_LEVELS = 16

/**
 * The offset at which a YAML text nests deeper than any scenario does, or null. The library
 * composes nodes recursively and relies on catching the exhausted stack, but V8 aborts the whole
 * process when it happens to run out inside a regular expression; so deep texts are turned away
 * before. Parsing into tokens, as here, does not recurse.
 */
export function tooDeepAt(text: string): number | null {
  const pending: { readonly token: CST.Token; readonly level: number }[] = []
  for (const token of new Parser().parse(text)) pending.push({ token, level: 0 })
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { token, level } = next
    if (level > MOST_LEVELS) return token.offset
    for (const child of childrenOf(token)) pending.push({ token: child, level: level + 1 })
  }
  return null
}

function childrenOf(token: CST.Token): readonly CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value]
  if (!('items' in token)) return []
  return token.items.flatMap(({ key, value }) =>
    [key, value].filter((child) => child !== undefined && child !== null),
  )
}

/** A node inside another one, and how far the way to it could be followed. */
interface Descent {
  readonly offset: number
  /** `.sse.path`, `[1]`; without an index that is not there. */
  readonly label: string
}

/**
 * Follows keys and indices into a node. Where a key is missing, or what stands there has no value,
 * the place is the nearest one above.
 */
function descend(from: ParsedNode, inside: readonly (string | number)[]): Descent {
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
interface Duplicate {
  /** `.sse.path` */
  readonly label: string
  readonly offset: number
  readonly firstOffset: number
}

/** All duplicate keys inside a node, aliases not followed. */
function duplicatesIn(node: unknown, above = ''): readonly Duplicate[] {
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
  return isNode(value) ? value : null
}

function offsetOf(value: unknown): number | null {
  return asNode(value)?.range?.[0] ?? null
}
