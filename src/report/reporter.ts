import type { Result } from '../result/document.ts'

export interface RenderOptions {
  /** Escape codes for a terminal; none by default. */
  readonly color?: boolean
  /** Columns that a line may have, for forms that break lines; 120 by default. */
  readonly width?: number
}

/** Turns a result into text. Pure: who calls it writes the text. */
export interface Reporter {
  /** As on the command line: `markdown`. */
  readonly name: string
  /** Of its files, without a dot: `md`. */
  readonly extension: string
  /** Ends in a line end. */
  render(result: Result, options?: RenderOptions): string
}
