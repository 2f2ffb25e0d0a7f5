import { RtbenchError } from '../error.ts'
import { json } from '../report/json.ts'
import { markdown } from '../report/markdown.ts'
import { table } from '../report/table.ts'
import type { Result } from '../result/document.ts'
import { saveResult } from '../result/store.ts'
import { printReport } from './print.ts'

export interface PublicationOptions {
  /** The document instead of the table. */
  readonly json: boolean
  /** Null saves nothing. */
  readonly folder: string | null
  readonly quiet: boolean
}

/** Where results go; null where nothing is to be saved. */
export function folderOf(options: { out?: string; save?: boolean }): string | null {
  return options.save === false ? null : (options.out ?? process.env['RTBENCH_OUT'] ?? 'results')
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
  return options.folder === null || storeResult(result, options.folder, options.quiet)
}

/** Saves a result and says where; false when it could not be saved, which is said, too. */
export async function storeResult(
  result: Result,
  folder: string,
  quiet: boolean,
): Promise<boolean> {
  const saved = await save(result, folder)
  if (saved instanceof RtbenchError) process.stderr.write(`rtbench: ${saved.message}\n`)
  else if (!quiet) process.stderr.write(`saved ${saved.join(' and ')}\n`)
  return !(saved instanceof RtbenchError)
}

/** The paths, or why there are none. */
async function save(result: Result, folder: string): Promise<readonly string[] | RtbenchError> {
  const renderings = [{ extension: markdown.extension, text: markdown.render(result) }]
  try {
    return await saveResult(folder, result, renderings)
  } catch (error) {
    if (error instanceof RtbenchError) return error
    throw error
  }
}
