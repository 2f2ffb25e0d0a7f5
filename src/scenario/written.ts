/**
 * How values are written in a file, as JSON Schema. An editor completes and checks by it; zod never
 * does. It may accept what rtbench refuses (`1.0005k` clients), never the other way round.
 */
export type Written = Readonly<Record<string, unknown>>

/** One of some words, which an editor offers. */
export function writtenWords(...words: readonly string[]): Written {
  return { enum: words }
}

/** @param source of a regular expression for the whole text */
export function writtenText(source: string): Written {
  return { type: 'string', pattern: `^(?:${source})$` }
}

export function writtenNumber(minimum: number, maximum: number): Written {
  return { type: 'number', minimum, maximum }
}

export function writtenInteger(minimum: number, maximum: number): Written {
  return { type: 'integer', minimum, maximum }
}

/** Words with commas between them, each with blanks around it or not. */
export function writtenList(word: string): Written {
  return writtenText(`\\s*(?:${word})\\s*(?:,\\s*(?:${word})\\s*)*`)
}
