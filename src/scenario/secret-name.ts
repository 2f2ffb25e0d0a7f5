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
