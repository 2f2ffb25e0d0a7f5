import { createLogUpdate } from 'log-update'
import { printable } from './plain-text.ts'
import { type Progress, renderProgress } from './progress.ts'

/** Where progress goes: `process.stderr`, as a rule. */
export interface ProgressStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean
  readonly columns?: number
}

export interface ProgressWriterOptions {
  /** Writes nothing at all. */
  readonly quiet?: boolean
  /** Monotonic, milliseconds. */
  readonly now?: () => number
}

const plainEveryMs = 5000

/**
 * Shows progress on a stream. On a terminal one line is rewritten, and each run's last one stays.
 * Without one a plain line is written when the phase changes and at most every 5 s within it.
 */
export class ProgressWriter {
  readonly #stream: ProgressStream
  readonly #quiet: boolean
  readonly #now: () => number
  readonly #live: ReturnType<typeof createLogUpdate> | null
  #shown = false
  #phase = ''
  #writtenAtMs = 0

  constructor(stream: ProgressStream, options: ProgressWriterOptions = {}) {
    this.#stream = stream
    this.#quiet = options.quiet ?? false
    this.#now = options.now ?? monotonicMs
    // To hide the cursor would need signal handlers to bring it back.
    this.#live = stream.isTTY === true ? createLogUpdate(stream, { showCursor: true }) : null
  }

  /** Shows a state; call it as often as there is a new one. */
  update(progress: Progress): void {
    if (this.#quiet) return
    const line = printable(renderProgress(progress))
    if (this.#live !== null) {
      // One column stays free: a full line would wrap on some terminals.
      this.#live(line.slice(0, Math.max(1, (this.#stream.columns ?? 80) - 1)))
      this.#shown = progress.phase !== 'done'
      if (!this.#shown) this.#live.done()
      return
    }
    const phase = `${progress.runIndex} ${progress.phase}`
    const nowMs = this.#now()
    if (phase === this.#phase && nowMs - this.#writtenAtMs < plainEveryMs) return
    this.#phase = phase
    this.#writtenAtMs = nowMs
    this.#stream.write(`${line}\n`)
  }

  /** Writes a line that stays, above the live one. */
  note(text: string): void {
    if (this.#quiet) return
    this.end()
    this.#stream.write(`${text}\n`)
  }

  /** Takes the live line away, before something else is printed; a later state shows it again. */
  end(): void {
    if (!this.#shown || this.#live === null) return
    this.#shown = false
    this.#live.clear()
    this.#live.done()
  }
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n)
}
