import { replaceFields } from './secret-field.ts'
import { isSecretName } from './secret-name.ts'

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
