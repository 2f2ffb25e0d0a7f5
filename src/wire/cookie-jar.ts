/** More than a front or a session needs; what is beyond is not kept, as browsers have it, too. */
const MOST_COOKIES = 16
const MOST_BYTES = 4096

/** A name that is a token, and a value without what ends it (RFC 6265 section 4.1.1, and what is found in the wild). */
const PAIR = /^([!#$%&'*+.^_`|~\w-]+)[ \t]*=[ \t]*([^\p{Cc};]*?)[ \t]*(?:;|$)/u
const MAX_AGE = /;[ \t]*max-age[ \t]*=[ \t]*(-?)(\d+)[ \t]*(?:;|$)/i
const EXPIRES = /;[ \t]*expires[ \t]*=[ \t]*([^;]+)/i

/**
 * The cookies of one client: name and value of each, for as long as the client is there. All that it asks
 * for is of one server, so that domain and path are not looked at; a time of expiry is, where it is over.
 */
export class CookieJar {
  /** As a Cookie field has them: `a=1; b=2`; empty without any. */
  text = ''
  readonly #values = new Map<string, string>()

  /** Takes in the value of a Set-Cookie field (RFC 6265 section 5.2); one that is none is passed over. */
  take(field: string): void {
    const [, name, value = ''] = PAIR.exec(field) ?? []
    if (name === undefined) return
    if (isOver(field)) this.#values.delete(name)
    else if (this.#values.has(name) || this.#values.size < MOST_COOKIES) {
      const before = this.#values.get(name)
      this.#values.set(name, value)
      if (this.#written.length > MOST_BYTES) {
        if (before === undefined) this.#values.delete(name)
        else this.#values.set(name, before)
      }
    }
    this.text = this.#written
  }

  get #written(): string {
    return [...this.#values].map(([name, value]) => `${name}=${value}`).join('; ')
  }
}

/** Max-Age goes before Expires (section 5.3). */
function isOver(field: string): boolean {
  const [, sign, seconds] = MAX_AGE.exec(field) ?? []
  if (seconds !== undefined) return sign === '-' || Number(seconds) === 0
  const at = Date.parse(EXPIRES.exec(field)?.[1] ?? '')
  return at <= Date.now()
}
