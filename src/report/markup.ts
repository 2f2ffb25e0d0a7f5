import { inUnicode } from './plain-text.ts'

/** Text that is HTML or SVG already, so that it is not escaped again. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}

type Piece = Markup | string | number | null | undefined | readonly Piece[]

/**
 * HTML or SVG with its blanks filled: text is escaped, markup is not, the pieces of a list follow
 * each other, and what is null is left out. Attribute values stand in double quotes.
 */
export function markup(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return new Markup(parts.map((part, i) => (i === 0 ? '' : textOf(pieces[i - 1])) + part).join(''))
}

function textOf(piece: Piece): string {
  if (piece === null || piece === undefined) return ''
  if (piece instanceof Markup) return piece.text
  if (typeof piece === 'string') return escaped(piece)
  if (typeof piece === 'number') return String(piece)
  return piece.map(textOf).join('')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // Two of them begin a command to a CI that reads the page as output.
  '#': '&#35;',
  ':': '&#58;',
}

/**
 * Takes their meaning from a text's characters, in content as in attributes. What XML forbids, and
 * what turns the direction of the text around it, becomes a space.
 */
export function escaped(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufffe\uffff]+/g,
      ' ',
    )
    .replace(/[&<>"']|#(?=#)|:(?=:)/g, (character) => entities[character] ?? '')
}

/** A value for `<script type="application/json">`: no text in it can end the element. */
export function dataScript(value: unknown): Markup {
  return new Markup(
    JSON.stringify(value).replace(/[<>&\u007f-\u009f\u2028\u2029]|#(?=#)/g, inUnicode),
  )
}

/** Text of our own that is to stand as it is, such as a script. */
export function verbatim(text: string): Markup {
  return new Markup(text)
}
