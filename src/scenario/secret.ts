/** What stands in the place of a secret, whatever that is: a scenario stays the same when it changes. */
const STARS = '***'

/** Headers that say what is sent or wanted, and not who asks; the value of any other may be a secret. */
const HARMLESS_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-type',
  'origin',
  'pragma',
])

/** Nothing but blanks, such as `{channel}`. */
const BLANKS = /^(?:\{\w+\})+$/

/** `//user:word@`, also where the word has a slash, which makes it no URL. */
const USER = /(:\\?\/\\?\/)(?:[^/?#\s]*|[^/?#\s@:]*:(?!\d*[/?#])\S{1,999})@/g
/** `user:word@host` without the scheme. */
const BARE_USER = /((?:^|[\s"']))[^\s:/@"']{1,99}:[^\s/@"']+@(?=[\w[])/g
/** `?token=…`, `&api_key=…`, or the first field of a form. */
const PARAMETER = /((?:^|[?&;\s"'])([\w.~%[\]-]{1,99})=)([^&;#\s"']+)/g
/** A line of headers, such as a message of STOMP has; what goes before a secret may stay. */
const LINE = /(^([\w-]{1,99})[ \t]*:[ \t]*(?:(?:Bearer|Basic)[ \t]+)?)([^\s\p{Cc}][^\p{Cc}]*)/gimu
/** The same within a text of JSON. */
const INNER_LINE = /(\\n([\w-]{1,99})[ \t]*:[ \t]*(?:(?:Bearer|Basic)[ \t]+)?)([^\s"\\][^"\\]*)/gi
const SCHEME = /(\b(?:Bearer|Basic)\s+)([^\s"'\\,;&]+)/gi
/** What has no figure and no capital within is a word, as in `Basic authentication`. */
const CREDENTIAL = /^(?=.{6})(?:.*(?:[\d+=]|[a-z][A-Z])|.{20})|^\*{3}$/
/** What is left of the credentials of a URL. */
const STARRED_USER = /:\\?\/\\?\/\*{3}@|(?:^|[\s"'])\*{3}@[\w[]/

/**
 * A text fit to be shown and kept: the credentials of a URL are starred, and so is what the name of
 * a parameter, of a field of JSON, or of a header tells to be a secret.
 */
export function withoutSecrets(text: string): string {
  return replaceSecrets(withoutCredentials(text), (secret) =>
    BLANKS.test(secret) ? secret : STARS,
  )
}

/** The same of the credentials of a URL alone: a file's name may look like a field's. */
export function withoutCredentials(text: string): string {
  return text.replace(USER, `$1${STARS}@`).replace(BARE_USER, `$1${STARS}@`)
}

/** Whether a text was printed by rtbench, which kept the secrets in it to itself. */
export function isStarred(text: string): boolean {
  let isIt = text === STARS || STARRED_USER.test(text)
  replaceSecrets(text, (secret) => {
    isIt ||= secret === STARS
    return secret
  })
  return isIt
}

function replaceSecrets(text: string, replace: (secret: string) => string): string {
  const named = (whole: string, before: string, name: string, secret: string): string =>
    isSecretName(decoded(name)) ? before + replace(secret) : whole
  return replaceFields(text.replace(PARAMETER, named), replace)
    .replace(LINE, named)
    .replace(INNER_LINE, named)
    .replace(SCHEME, (whole: string, before: string, secret: string) =>
      CREDENTIAL.test(secret) ? before + replace(secret) : whole,
    )
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/**
 * A description of a server fit to be shown and kept: all its texts without secrets, and the values
 * of its headers starred, save those that are none.
 */
export function describedWithoutSecrets<Described>(description: Described): Described {
  // What is copied has the shape of what it is copied from, which the compiler cannot follow.
  return copied(description, '') as Described
}

function copied(value: unknown, key: string): unknown {
  if (typeof value === 'string') return withoutSecrets(value)
  if (Array.isArray(value)) return value.map((item) => copied(item, key))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([inner, one]) => [
      inner,
      key === 'headers' ? headerValue(inner, one) : copied(one, inner),
    ]),
  )
}

function headerValue(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (HARMLESS_HEADERS.has(name.toLowerCase())) return withoutSecrets(value)
  return BLANKS.test(value) ? value : STARS
}

/** Parts that make a name one of a secret wherever they stand; an author or an authority is none. */
const ANYWHERE =
  /auth(?!or(?!i[sz]))|cookie|credential|jwt|pass(?:code|phrase|wd|word)|pwd|secret|sessid|session|signature|token/i

/** These are parts of other words, such as monkey and compass, too: only a whole word counts. */
const WORD =
  /^(?:(?:access|account|admin|api|app|client|master|private|shared)?keys?|(?:admin|db|user)?pass|passkeys?|sess)$/

/** `api`, `Key`, `ID` */
const WORDS = /\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})/gu

/** Whether a parameter, field or header of this name has a value that nobody is to read. */
export function isSecretName(name: string): boolean {
  if (ANYWHERE.test(name)) return true
  const words = (name.match(WORDS) ?? []).map((word) => word.toLowerCase())
  return words.some((word) => WORD.test(word)) || /^si[dg]$/.test(words.at(-1) ?? '')
}

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
function replaceFields(text: string, replace: (secret: string) => string): string {
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
