/** Names of transports as people write them: `ws`, `SSE`, `long polling`. */

export interface TransportNames {
  readonly transportNames: readonly string[]
  /** What else people call a transport, in lower case, with a hyphen where words may stand apart. */
  readonly otherNames: (transport: string) => readonly string[]
}

const ALL = 'all'

/** The name here of the transport that a word means, or `all`; the word itself where it means none. */
export function transportMeant(word: string, names: TransportNames): string {
  const known = [ALL, ...names.transportNames]
  return known.find((name) => new RegExp(`^(?:${writtenName(name, names)})$`).test(word)) ?? word
}

/** The source of a regular expression for all that means a transport, or `all`. */
export function writtenName(name: string, { otherNames }: TransportNames): string {
  return (name === ALL ? [ALL] : [name, ...otherNames(name)]).map(spellings).join('|')
}

/** The same for any of them. */
export function writtenNames(names: TransportNames): string {
  return [ALL, ...names.transportNames].map((name) => writtenName(name, names)).join('|')
}

/** In any case, and with a blank, an underscore or nothing for a hyphen; JSON Schema has no flag for that. */
function spellings(word: string): string {
  return word.replace(/[a-z]|-|\W/gi, (one) => {
    if (one === '-') return '[-_ ]?'
    return /\W/.test(one) ? `\\${one}` : `[${one.toLowerCase()}${one.toUpperCase()}]`
  })
}
