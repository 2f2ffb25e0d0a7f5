/**
 * A text with blanks for two values, such as `/sse?channel={channel}`. It is taken apart once, so
 * that filling it in is concatenation and nothing else.
 */
export class Template {
  /** What stands before each blank. */
  readonly #before: readonly string[]
  /** By blank: whether the first value belongs there, or else the second. */
  readonly #takesFirst: readonly boolean[]
  /** What stands after the last blank. */
  readonly #rest: string

  /**
   * @param first the blank of the first value, its braces included: `{channel}`
   * @param second that of the second; without it there is none
   */
  constructor(text: string, first: string, second?: string) {
    const before: string[] = []
    const takesFirst: boolean[] = []
    let from = 0
    for (;;) {
      const one = text.indexOf(first, from)
      const other = second === undefined ? -1 : text.indexOf(second, from)
      const isFirst = one !== -1 && (other === -1 || one < other)
      const at = isFirst ? one : other
      if (at === -1) break
      before.push(text.slice(from, at))
      takesFirst.push(isFirst)
      from = at + (isFirst ? first : (second ?? '')).length
    }
    this.#before = before
    this.#takesFirst = takesFirst
    this.#rest = text.slice(from)
  }

  /** The text with its blanks filled in. A value is taken as it is: who gives it has encoded it. */
  fill(first: string, second = ''): string {
    let text = ''
    for (let at = 0; at < this.#before.length; at++) {
      text += this.#before[at] as string
      text += this.#takesFirst[at] === true ? first : second
    }
    return text + this.#rest
  }
}
