import { type CST, Parser } from 'yaml'

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
