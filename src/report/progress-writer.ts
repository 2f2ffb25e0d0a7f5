import { printable, printableLines } from '../text.ts'
import {
  isCounted,
  type LiveSecond,
  type Progress,
  renderLive,
  renderProgress,
} from './progress.ts'
import { isLively, LiveBlock, type ProgressStream, wantsAscii, wantsColor } from './terminal.ts'

export interface ProgressWriterOptions {
  /** Writes nothing at all. */
  readonly quiet?: boolean
  /** Monotonic, milliseconds. */
  readonly now?: () => number
  /** Says what the terminal can do: `TERM`, `NO_COLOR`, the locale. */
  readonly environment?: NodeJS.ProcessEnv
}

const plainEveryMs = 5000
/** The machine is measured at the same time. */
const LIVE_EVERY_MS = 250
/** More seconds than any terminal's sparkline has columns for. */
const KEPT_SECONDS = 60

/**
 * Shows progress on a stream. On a terminal two lines are rewritten, and each run's last one stays.
 * Without one a plain line is written when the phase changes and at most every 5 s within it.
 */
export class ProgressWriter {
  readonly #stream: ProgressStream
  readonly #quiet: boolean
  readonly #now: () => number
  readonly #live: LiveBlock | null
  readonly #style: { readonly color: boolean; readonly ascii: boolean }
  #phase = ''
  #writtenAtMs = 0
  #seconds: readonly LiveSecond[] = []

  constructor(stream: ProgressStream, options: ProgressWriterOptions = {}) {
    const { environment = process.env } = options
    this.#stream = stream
    this.#quiet = options.quiet ?? false
    this.#now = options.now ?? (() => performance.now())
    this.#live = isLively(stream, environment) ? new LiveBlock(stream) : null
    this.#style = { color: wantsColor(environment), ascii: wantsAscii(environment) }
  }

  /** Shows a state; call it as often as there is a new one. */
  update(progress: Progress): void {
    if (this.#quiet) return
    const phase = `${progress.runIndex} ${progress.phase}`
    const isNew = phase !== this.#phase
    if (this.#live !== null) this.#remember(progress, isNew)
    const everyMs = this.#live === null ? plainEveryMs : LIVE_EVERY_MS
    const nowMs = this.#now()
    if (!isNew && nowMs - this.#writtenAtMs < everyMs) return
    this.#phase = phase
    this.#writtenAtMs = nowMs
    if (this.#live === null) this.#stream.write(`${printable(renderProgress(progress))}\n`)
    else this.#show(this.#live, progress)
  }

  /** Writes a line that stays, above the live ones. */
  note(text: string): void {
    if (this.#quiet) return
    this.end()
    this.#stream.write(`${printableLines(text)}\n`)
  }

  /** Takes the live lines away, before something else is printed; a later state shows them again. */
  end(): void {
    this.#live?.clear()
  }

  #remember(progress: Progress, isNew: boolean): void {
    if (isNew) this.#seconds = []
    if (!isCounted(progress)) return
    const { deliveriesPerSecond, p99Us } = progress
    this.#seconds = [...this.#seconds, { deliveriesPerSecond, p99Us }].slice(-KEPT_SECONDS)
  }

  #show(live: LiveBlock, progress: Progress): void {
    const { width } = live
    if (progress.phase !== 'done') {
      live.show(renderLive(progress, this.#seconds, { ...this.#style, width }))
      return
    }
    const line = printable(renderProgress({ ...progress, timeLeftMs: null }))
    live.show([line.slice(0, Math.max(1, width - 1))])
    live.keep()
  }
}
