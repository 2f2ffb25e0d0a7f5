import { stripVTControlCharacters } from 'node:util'
import { createLogUpdate } from 'log-update'
import pc from 'picocolors'

/** Columns of a terminal; `usual` where it is none, or one that nobody has sized: such say 0. */
export function terminalWidth(stream: { readonly columns?: number }, usual: number): number {
  return stream.columns || usual
}

/** Where progress goes: `process.stderr`, as a rule. */
export type ProgressStream = NodeJS.WritableStream &
  Partial<Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>>

const USUAL_WIDTH = 80
const ERASE_LINE = '\u001b[2K'
const UP = '\u001b[1A'

/** Whether lines can be rewritten on it: not where nobody knows how long a line can be. */
export function isLively(stream: ProgressStream, environment: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && stream.columns !== 0 && environment['TERM'] !== 'dumb'
}

/**
 * Whether to draw in ASCII: in the locales of East Asia blocks are two columns wide on many
 * terminals, and other character sets than UTF-8 do not have them.
 */
export function wantsAscii(environment: NodeJS.ProcessEnv): boolean {
  const locale = [environment['LC_ALL'], environment['LC_CTYPE'], environment['LANG']].find(
    (value) => value !== undefined && value !== '',
  )
  if (locale === undefined || locale === 'C' || locale === 'POSIX') return false
  return /^(?:zh|ja|ko)/i.test(locale) || !/utf-?8/i.test(locale)
}

/** Whether to paint: `NO_COLOR`, `FORCE_COLOR` and the terminal decide. */
export function wantsColor(environment: NodeJS.ProcessEnv): boolean {
  return pc.isColorSupported && (environment['NO_COLOR'] ?? '') === ''
}

/**
 * Some lines at the terminal's end that are rewritten in place. The cursor is never hidden, so that
 * there is nothing to bring back, however the process ends.
 */
export class LiveBlock {
  readonly #stream: ProgressStream
  readonly #update: ReturnType<typeof createLogUpdate>
  /** The columns of each line that is shown. */
  #shown: readonly number[] = []
  #width = 0

  constructor(stream: ProgressStream) {
    this.#stream = stream
    this.#update = createLogUpdate(stream, { showCursor: true })
  }

  /** Columns of the terminal, now. */
  get width(): number {
    return terminalWidth(this.#stream, USUAL_WIDTH)
  }

  show(lines: readonly string[]): void {
    const { width } = this
    if (width < this.#width) this.#eraseBroken(width)
    this.#update(lines.join('\n'))
    this.#shown = lines.map((line) => stripVTControlCharacters(line).length)
    this.#width = width
  }

  clear(): void {
    if (this.#shown.length === 0) return
    if (this.width < this.#width) this.#eraseBroken(this.width)
    else this.#update.clear()
    this.keep()
  }

  /** Leaves the lines as they are; what comes next goes below them. */
  keep(): void {
    this.#update.done()
    this.#shown = []
    this.#width = 0
  }

  /** A terminal that became narrower has broken the lines into more than are known of. */
  #eraseBroken(width: number): void {
    const rows = this.#shown.map((columns) => Math.max(1, Math.ceil(columns / width)))
    const up = rows.map((count) => `${ERASE_LINE}${UP}`.repeat(count)).join('')
    this.#stream.write(`${up}${ERASE_LINE}\r`)
    this.#update.done()
  }
}
