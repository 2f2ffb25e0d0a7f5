import { RtbenchError } from '../error.ts'
import { reporters } from '../report/reporters.ts'
import { readResult } from '../result/store.ts'
import { didYouMean } from '../scenario/suggestion.ts'
import { ExitCode } from './exit-code.ts'
import { printReport } from './print.ts'

export interface ReportOptions {
  readonly format?: string
}

/** Prints a stored result in one of the forms. */
export async function reportCommand(file: string, options: ReportOptions): Promise<ExitCode> {
  const format = options.format ?? 'table'
  const reporter = reporters.find(({ name }) => name === format)
  if (reporter === undefined) {
    const names = reporters.map(({ name }) => name)
    const hint = didYouMean(format, names)
    throw new RtbenchError(
      'usage',
      `--format: unknown format ${format}${hint}; expected ${names.join(', ')}`,
    )
  }
  printReport(reporter, await readResult(file))
  return ExitCode.done
}
