import { PassThrough } from 'node:stream'

/** A command with its parameters, or a character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is read
const PART = /\u001b\[([?\d;]*)([A-Za-z])|./gsu

/**
 * A terminal of as many rows as are wanted, as far as progress uses one: text, line ends, moves and
 * erasures. It breaks lines that reach its width, as terminals do.
 */
export class Screen {
  readonly stream: PassThrough & { isTTY: boolean; columns: number; rows: number }
  readonly #lines: string[] = ['']
  #row = 0
  #column = 0
  /** All that was written. */
  written = ''

  constructor(columns: number) {
    this.stream = Object.assign(new PassThrough(), { isTTY: true, columns, rows: 1000 })
    this.stream.on('data', (bytes: Buffer) => this.#take(bytes.toString()))
  }

  /** The rows, without the blank ones at the end. */
  get text(): string {
    return this.#lines
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd()
  }

  #take(text: string): void {
    this.written += text
    for (const [part, parameters = '', command] of text.matchAll(PART)) {
      if (command !== undefined) this.#obey(command, parameters)
      else if (part === '\n') this.#down(1, true)
      else if (part === '\r') this.#column = 0
      else this.#put(part)
    }
  }

  #obey(command: string, parameters: string): void {
    const count = Number(parameters || '1')
    const line = this.#lines[this.#row] ?? ''
    switch (command) {
      case 'A':
        this.#row = Math.max(0, this.#row - count)
        return
      case 'B':
        this.#down(count, false)
        return
      case 'G':
        this.#column = count - 1
        return
      case 'K':
        this.#lines[this.#row] = parameters === '2' ? '' : line.slice(0, this.#column)
        return
      case 'm':
      case 'h':
      case 'l':
        return
      default:
        throw new Error(`a command that progress has no use for: ${parameters}${command}`)
    }
  }

  #down(rows: number, toStart: boolean): void {
    this.#row += rows
    while (this.#lines.length <= this.#row) this.#lines.push('')
    if (toStart) this.#column = 0
  }

  #put(character: string): void {
    if (this.#column >= this.stream.columns) this.#down(1, true)
    const line = (this.#lines[this.#row] ?? '').padEnd(this.#column)
    this.#lines[this.#row] = line.slice(0, this.#column) + character + line.slice(this.#column + 1)
    this.#column++
  }
}
