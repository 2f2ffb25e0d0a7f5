import type { Result } from '../result/document.ts'

export interface RenderOptions {
  /** Escape codes for a terminal; none by default. */
  readonly color?: boolean
  /** Columns that a line may have, for forms that break lines; 120 by default. */
  readonly width?: number
  /** All rows, where a form has a shorter one. */
  readonly full?: boolean
  /** A picture beside the report that it may refer to, its file without a folder; none by default. */
  readonly picture?: { readonly file: string; readonly title: string }
}

/** A result, and where it was read. */
export interface NamedResult {
  readonly result: Result
  /** Of its file, without folder and extension; null for one that has no file. */
  readonly name: string | null
}

/** Turns a result into text. Pure: who calls it writes the text. */
export interface Reporter {
  /** As on the command line: `markdown`. */
  readonly name: string
  /** Of its files, without a dot: `md`. */
  readonly extension: string
  /** Ends in a line end. */
  render(result: Result, options?: RenderOptions): string
  /** Several results in one text; without it, their texts follow each other. */
  renderAll?(results: readonly NamedResult[], options?: RenderOptions): string
  /** One text a run, each with a name that tells it from the others, for a form that has no place for several. */
  renderRuns?(result: Result): readonly { readonly name: string; readonly text: string }[]
}

/** A form that has any number of results in one text. */
export function collective(
  name: string,
  extension: string,
  renderAll: (results: readonly NamedResult[]) => string,
): Reporter {
  const render = (result: Result): string => renderAll([{ result, name: null }])
  return { name, extension, render, renderAll }
}

/** Several results as one text, whatever the form. */
export function renderAll(
  reporter: Reporter,
  results: readonly NamedResult[],
  options: RenderOptions = {},
): string {
  if (reporter.renderAll !== undefined) return reporter.renderAll(results, options)
  return results.map(({ result }) => reporter.render(result, options)).join('\n')
}
