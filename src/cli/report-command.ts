import { basename } from 'node:path'
import { RtbenchError } from '../error.ts'
import type { NamedResult, Reporter } from '../report/reporter.ts'
import { reporters } from '../report/reporters.ts'
import { readResult } from '../result/store.ts'
import { didYouMean } from '../scenario/suggestion.ts'
import { ExitCode } from './exit-code.ts'
import { printText } from './print.ts'
import { reportFiles, reportText, writeReports } from './report-output.ts'
import { type RunSelection, selectedRuns } from './run-selection.ts'

export interface ReportOptions extends RunSelection {
  readonly format?: string
  /** A file, or a folder; stdout by default. */
  readonly out?: string
}

/** Renders stored results in one of the forms, to stdout or to files. */
export async function reportCommand(
  files: readonly string[],
  options: ReportOptions,
): Promise<ExitCode> {
  const reporter = reporterNamed(options.format ?? 'table')
  const results = []
  for (const file of files) results.push(await readNamed(file))
  const selected = selectedRuns(results, options)
  if (options.out === undefined) printText((form) => reportText(reporter, selected, form))
  else await writeReports(options.out, reportFiles(reporter, selected), files)
  return ExitCode.done
}

function reporterNamed(format: string): Reporter {
  const reporter = reporters.find(({ name }) => name === format)
  if (reporter !== undefined) return reporter
  const names = reporters.map(({ name }) => name)
  const hint = didYouMean(format, names)
  throw new RtbenchError(
    'usage',
    `--format: unknown format ${format}${hint}; expected ${names.join(', ')}`,
  )
}

async function readNamed(file: string): Promise<NamedResult> {
  return { result: await readResult(file), name: basename(file).replace(/\.json$/, '') }
}
