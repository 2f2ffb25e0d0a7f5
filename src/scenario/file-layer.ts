import { basename, extname } from 'node:path'
import {
  CST,
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  Parser,
  parseDocument,
} from 'yaml'
import { isScenarioKey, SCENARIO_KEYS, type ScenarioKey } from './keys.ts'
import type { Layer } from './layer.ts'
import { type Place, type Problem, showKey, usageError } from './problem.ts'
import { didYouMean } from './suggestion.ts'

/** Copies that aliases may make; a scenario needs none. */
const MOST_ALIASES = 100
const EXPECTED = 'expected lines such as clients: 1000'

/** Turns an offset of a file into its place, that of a key if it has a name. */
type Locate = (offset: number, key?: string) => Place & { readonly line: number }

function locatorOf(path: string, text: string): Locate {
  const lines = new LineCounter()
  for (let start = 0; start !== -1; start = text.indexOf('\n', start) + 1 || -1) {
    lines.addNewLine(start)
  }
  return (offset, key = '') => {
    const { line, col: column } = lines.linePos(offset)
    const place = { label: `${path}:${line}:${column}`, order: offset, line, column }
    return key === '' ? place : { ...place, label: `${place.label} ${key}`, key }
  }
}

/**
 * The layer of a scenario file. JSON is read as the YAML that it also is. Unknown and duplicate
 * keys become problems of the layer, so that they are reported along with bad values.
 *
 * @throws RtbenchError `usage` when the text is no map of keys and values at all
 */
export function fileLayer(path: string, text: string): Layer {
  const locate = locatorOf(path, text)
  const document = parse(text, locate)
  const { contents } = document
  const values: Partial<Record<ScenarioKey, unknown>> = {}
  const problems: Problem[] = []
  const firstLines = new Map<string | null, number>()

  if (contents === null || (isScalar(contents) && contents.value === null)) {
    throw usageError([{ place: locate(0), text: `nothing in this file; ${EXPECTED}` }])
  }
  if (!isMap(contents)) {
    const place = locate(contents.range[0])
    throw usageError([{ place, text: `not a map of keys and values; ${EXPECTED}` }])
  }
  for (const { key: node, value } of contents.items) {
    const key = nameOf(node)
    // Says to an editor where the JSON Schema is, and nothing to rtbench.
    if (key === '$schema') continue
    const place = locate(node.range[0], key === null ? '' : showKey(key))
    const firstLine = firstLines.get(key)
    if (key === null || !isScenarioKey(key) || firstLine !== undefined) {
      problems.push({ place, text: refusalOf(key, firstLine) })
      continue
    }
    firstLines.set(key, place.line)
    try {
      values[key] = value?.toJS(document, { maxAliasCount: MOST_ALIASES }) ?? null
    } catch {
      const what = isAlias(value) ? `the alias *${value.source} leads` : 'aliases that lead'
      const text = `${what} nowhere or to too much; expected a value`
      problems.push({ place: locate((value ?? node).range[0], key), text })
    }
    problems.push(...duplicatesIn(value, key, locate))
  }
  return {
    path,
    values,
    problems,
    fallbackName: nameOfFile(path),
    place: (...steps) => placeOf(contents, steps, locate),
  }
}

function parse(text: string, locate: Locate): Document.Parsed {
  const tooDeep = tooDeepAt(text)
  if (tooDeep !== null) {
    throw usageError([{ place: locate(tooDeep), text: `nested too deep; ${EXPECTED}` }])
  }
  const document = parseDocument(text, {
    // Duplicates are found by fileLayer, which tells both lines and does so in linear time.
    uniqueKeys: false,
    prettyErrors: false,
  })
  // One slip often upsets the parser several times: the first is the one to mend.
  const [error] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0])
  if (error === undefined) return document
  const place = locate(error.pos[0])
  const slip = SLIPS[error.code] ?? `invalid syntax (${error.message})`
  throw usageError([{ place, text: `${slip}; expected valid YAML or JSON` }], error)
}

const SLIPS: Readonly<Partial<Record<ErrorCode, string>>> = {
  BLOCK_AS_IMPLICIT_KEY: 'a second key in the line of another, or a ":" in a text without quotes',
  TAB_AS_INDENT: 'a tab as indentation, where YAML wants spaces',
  BAD_INDENT: 'wrong indentation, or a bracket that is never closed',
  MISSING_CHAR: 'a quote, bracket, comma or colon is missing',
  MULTIPLE_DOCS: 'a second document after the first',
  BAD_SCALAR_START: 'a text that needs quotes because of its first character',
  TAG_RESOLVE_FAILED: 'an unknown tag',
}

/** What is wrong with a key before its value is looked at. */
function refusalOf(key: string | null, firstLine: number | undefined): string {
  if (key === null) return 'a key that is no text; expected one such as clients'
  if (firstLine !== undefined) return givenTwice(firstLine)
  const hint = didYouMean(key, SCENARIO_KEYS)
  return `unknown key${hint}; expected one of ${SCENARIO_KEYS.join(', ')}`
}

function givenTwice(firstLine: number): string {
  return `given twice, first in line ${firstLine}; expected one of them`
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
  for (const token of new Parser().parse(text)) {
    if (token.type !== 'document') continue
    let deep: CST.Token | undefined
    CST.visit(token, ({ key, value }, path) => {
      deep = path.length < MOST_LEVELS ? undefined : (value ?? key ?? undefined)
      return deep === undefined ? undefined : CST.visit.BREAK
    })
    if (deep !== undefined) return deep.offset
  }
  return null
}

/** The place of a key, or what is inside it; where something is missing, of the nearest above. */
function placeOf(contents: ParsedNode, steps: readonly (string | number)[], locate: Locate): Place {
  let node: ParsedNode | null = contents
  let offset = 0
  let label = ''
  for (const step of steps) {
    node = inside(node, step)
    offset = node?.range[0] ?? offset
    if (typeof step === 'string') label += `.${showKey(step)}`
    else if (node !== null) label += `[${step}]`
  }
  return locate(offset, label.slice(1))
}

/** What stands at a key or an index; the key itself where nothing is written for it. */
function inside(node: ParsedNode | null, step: string | number): ParsedNode | null {
  if (typeof step === 'number') return isSeq(node) ? (node.items[step] ?? null) : null
  const pair = isMap(node) ? node.items.find(({ key }) => nameOf(key) === step) : undefined
  return pair?.value ?? pair?.key ?? null
}

/** Null of a key that is no text. */
function nameOf(key: ParsedNode): string | null {
  return isScalar(key) ? String(key.value) : null
}

/** Keys that a map inside a node has a second time; aliases are not followed. */
function duplicatesIn(node: ParsedNode | null, above: string, locate: Locate): readonly Problem[] {
  if (isSeq(node)) {
    return node.items.flatMap((item, index) => duplicatesIn(item, `${above}[${index}]`, locate))
  }
  if (!isMap(node)) return []
  const firstLines = new Map<string, number>()
  return node.items.flatMap(({ key, value }) => {
    const name = nameOf(key) ?? ''
    const place = locate(key.range[0], `${above}.${showKey(name)}`)
    const firstLine = firstLines.get(name)
    if (firstLine === undefined) firstLines.set(name, place.line)
    const twice = firstLine === undefined ? [] : [{ place, text: givenTwice(firstLine) }]
    return [...twice, ...duplicatesIn(value, `${above}.${showKey(name)}`, locate)]
  })
}
