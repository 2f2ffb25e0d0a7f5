import { isSecretName } from './secret-name.ts'

/** How JSON is written in a text, and in a text of JSON, where each quote has a backslash. */
interface Notation {
  /** A field's name, up to its value. */
  readonly name: RegExp
  /** A blank, a text with what tells that it is a name, or a figure, which may be starred. */
  readonly token: RegExp
}

const NOTATIONS: readonly Notation[] = [
  notation('"', String.raw`[^"\\]|\\[^]`, String.raw`\s`),
  notation(
    String.raw`\\"`,
    String.raw`[^"\\]|\\[^"\\]|\\\\(?:\\[^]|[^\\])`,
    String.raw`(?:\s|\\[nrt])`,
  ),
]

function notation(quote: string, character: string, space: string): Notation {
  return {
    name: new RegExp(String.raw`${quote}([^"\\]{1,99})${quote}${space}*:${space}*`, 'g'),
    token: new RegExp(
      String.raw`(\{\w+\})|(${quote})((?:${character})*)(${quote}${space}*:)?|(-?\d[\d.eE+-]*|\*{3})`,
      'y',
    ),
  }
}

/**
 * Replaces the values of all fields of JSON whose names tell secrets, and all that is in such a
 * value. The text need not be JSON as a whole: a message may begin with a number, a text that is
 * looked for is a part of one, and a blank stands where anything may.
 */
export function replaceFields(text: string, replace: (secret: string) => string): string {
  return NOTATIONS.reduce((given, form) => replaceIn(given, form, replace), text)
}

function replaceIn(
  text: string,
  { name, token }: Notation,
  replace: (secret: string) => string,
): string {
  let done = ''
  let from = 0
  name.lastIndex = 0
  for (let found = name.exec(text); found !== null; found = name.exec(text)) {
    if (!isSecretName(found[1] ?? '')) continue
    done += text.slice(from, name.lastIndex)
    const value = replaceValue(text, name.lastIndex, token, replace)
    done += value.replaced
    from = value.end
    name.lastIndex = value.end
  }
  return done + text.slice(from)
}

/** The value that begins there: one of many parts ends with its bracket, or with the text. */
function replaceValue(
  text: string,
  start: number,
  token: RegExp,
  replace: (secret: string) => string,
): { readonly replaced: string; readonly end: number } {
  let replaced = ''
  let end = start
  let depth = 0
  do {
    token.lastIndex = end
    const found = token.exec(text)
    const [whole = text.charAt(end), blank, quote = '', words, colon, figure] = found ?? []
    if (found === null) {
      if (whole === '[' || whole === '{') depth++
      else if (depth > 0 && (whole === ']' || whole === '}')) depth--
      else if (depth === 0) break
      replaced += whole
    } else if (blank !== undefined || (colon !== undefined && depth > 0)) replaced += whole
    else if (figure !== undefined) replaced += replace(figure)
    else replaced += quote + (words === '' ? '' : replace(words ?? '')) + (colon ?? '')
    end += whole.length
    // What ends a text is taken with it, so that it begins no other.
    if (quote !== '' && colon === undefined && text.startsWith(quote, end)) {
      replaced += quote
      end += quote.length
    }
  } while (depth > 0 && end < text.length)
  return { replaced, end }
}
