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

/**
 * Prints a result, then saves it; false when it could not be saved. Printing comes first: whatever
 * happens to the disk, nothing that was measured is lost.
 */
export async function publishResult(result: Result, options: PublicationOptions): Promise<boolean> {
  printReport(options.json ? json : table, result)
  if (options.folder === null) return true
  try {
    const renderings = [{ extension: markdown.extension, text: markdown.render(result) }]
    const paths = await saveResult(options.folder, result, renderings)
    if (!options.quiet) process.stderr.write(`saved ${paths.join(' and ')}\n`)
    return true
  } catch (error) {
    if (!(error instanceof RtbenchError)) throw error
    process.stderr.write(`rtbench: ${error.message}\n`)
    return false
  }
}
