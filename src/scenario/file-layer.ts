import { basename, extname } from 'node:path'
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  type Pair,
  type ParsedNode,
  parseDocument,
  type YAMLError,
} from 'yaml'
import { isScenarioKey, SCENARIO_KEYS, type ScenarioKey } from './keys.ts'
import type { Layer } from './layer.ts'
import { type Place, type Problem, showKey, usageError } from './problem.ts'
import { didYouMean } from './suggestion.ts'
import { tooDeepAt } from './yaml-depth.ts'
import { descend, duplicatesIn } from './yaml-node.ts'

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
