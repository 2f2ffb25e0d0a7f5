import { RtbenchError } from '../error.ts'
import { html } from '../report/html/page.ts'
import { markdown, pictureChart, pictureFile } from '../report/markdown.ts'
import { json } from '../report/reporters.ts'
import { table } from '../report/table.ts'
import { listed } from '../report/wording.ts'
import type { Result } from '../result/document.ts'
import { type Rendering, saveResult } from '../result/store.ts'
import { printReport } from './print.ts'
import { assertWritable } from './writable.ts'

export interface PublicationOptions {
  /** The document instead of the table. */
  readonly json: boolean
  /** Null saves nothing. */
  readonly folder: string | null
  readonly quiet: boolean
  /** A page for browsers beside the document. */
  readonly html: boolean
}

/**
 * Where results go, which is tried; null where nothing is to be saved.
 * @throws RtbenchError `usage` where nothing can be written there, or a page is to be saved where nothing
 *   is; `not-written` where the disk is full
 */
export async function folderOf(options: {
  readonly out?: string
  readonly save?: boolean
  readonly html?: boolean
}): Promise<string | null> {
  if (options.html === true && options.save === false) {
    throw new RtbenchError(
      'usage',
      '--html: saves a page, and --no-save nothing; expected one of them',
    )
  }
  if (options.save === false) return null
  const folder = options.out ?? process.env['RTBENCH_OUT'] ?? 'results'
  await assertWritable(folder, '--out')
  return folder
}

/**
 * Saves what there is after a run, so that nothing of it is lost whatever becomes of the next one.
 * A failure is not told here: the last saving, which replaces this one, meets it again.
 */
export async function keepResult(result: Result, folder: string | null): Promise<void> {
  if (folder !== null) await save(result, folder)
}

/**
 * Prints a result, then saves it; false when it could not be saved. Printing comes first: whatever
 * happens to the disk, nothing that was measured is lost.
 */
export async function publishResult(result: Result, options: PublicationOptions): Promise<boolean> {
  printReport(options.json ? json : table, result)
  return options.folder === null || storeResult(result, options.folder, options)
}

/** Saves a result and says where; false when it could not be saved, which is said, too. */
export async function storeResult(
  result: Result,
  folder: string,
  { quiet, html = false }: Pick<PublicationOptions, 'quiet'> & { readonly html?: boolean },
): Promise<boolean> {
  const saved = await save(result, folder, html)
  if (saved instanceof RtbenchError) process.stderr.write(`rtbench: ${saved.message}\n`)
  else if (!quiet) process.stderr.write(`saved ${listed(saved)}\n`)
  return !(saved instanceof RtbenchError)
}

/** The paths, or why there are none. */
async function save(
  result: Result,
  folder: string,
  withPage = false,
): Promise<readonly string[] | RtbenchError> {
  try {
    return await saveResult(folder, result, (baseName) => renderingsOf(result, baseName, withPage))
  } catch (error) {
    if (error instanceof RtbenchError) return error
    throw error
  }
}

/** The picture before the Markdown that shows it: no reader finds a reference to nothing. */
function renderingsOf(result: Result, baseName: string, withPage: boolean): readonly Rendering[] {
  const chart = pictureChart(result)
  const pages = withPage ? [{ extension: html.extension, text: html.render(result) }] : []
  if (chart === null) {
    return [{ extension: markdown.extension, text: markdown.render(result) }, ...pages]
  }
  const picture = { file: `${baseName}.svg`, title: chart.title }
  return [
    { extension: 'svg', text: pictureFile(chart) },
    { extension: markdown.extension, text: markdown.render(result, { picture }) },
    ...pages,
  ]
}
