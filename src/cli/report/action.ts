import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { RtbenchError } from '../../error.ts'
import { SCENARIO_BOUNDS } from '../../experiment/plan.ts'
import {
  type NamedResult,
  type RenderOptions,
  type Reporter,
  renderAll,
} from '../../report/reporter.ts'
import { reporters } from '../../report/reporters.ts'
import { writeAtomically } from '../../result/atomic-file.ts'
import type { Run } from '../../result/document.ts'
import { readResult } from '../../result/store.ts'
import { didYouMean } from '../../scenario/suggestion.ts'
import { transportMeant } from '../../scenario/transport-name.ts'
import { tell } from '../../tell.ts'
import { ExitCode } from '../exit-code.ts'
import { formatOf } from '../flags.ts'
import { printText } from '../output.ts'

interface ReportOptions extends RunSelection {
  readonly format?: string
  /** All rows of the table; the other forms have them anyway. */
  readonly full?: boolean
  /** A file, or a folder; stdout by default. */
  readonly out?: string
}

/** Renders stored results in one of the forms, to stdout or to files. */
export async function act(files: readonly string[], options: ReportOptions): Promise<ExitCode> {
  const reporter = formatOf(options.format ?? 'table', reporters)
  const results = []
  for (const file of files) results.push(await readNamed(file))
  const selected = selectedRuns(results, options)
  const { full = false, out } = options
  if (out === undefined) printText((form) => reportText(reporter, selected, { ...form, full }))
  else await writeReports(out, reportFiles(reporter, selected, { full }), files)
  return ExitCode.done
}

async function readNamed(file: string): Promise<NamedResult> {
  return { result: await readResult(file), name: basename(file).replace(/\.json$/, '') }
}

/** Which runs of stored results are shown; all by default. */
interface RunSelection {
  /** Names, comma-separated. */
  readonly transport?: string
  readonly repetition?: string
}

/**
 * Leaves out the runs that are not asked for, and a result without any.
 * @throws RtbenchError `usage` where none is left
 */
function selectedRuns(
  results: readonly NamedResult[],
  { transport, repetition }: RunSelection,
): readonly NamedResult[] {
  if (transport === undefined && repetition === undefined) return results
  const names = transport?.split(',').map((name) => transportMeant(name.trim(), SCENARIO_BOUNDS))
  const number = repetition === undefined ? null : repetitionOf(repetition)
  for (const name of names ?? []) refuseUnknown(name, results)
  const isAsked = (run: Pick<Run, 'transport' | 'repetition'>): boolean =>
    (names?.includes(run.transport) ?? true) && (number === null || run.repetition === number)
  const selected = results.flatMap(({ result, name }) => {
    const runs = result.runs.filter(isAsked)
    const missing = result.missing.filter(isAsked)
    return runs.length === 0 ? [] : [{ name, result: { ...result, runs, missing } }]
  })
  if (selected.length > 0) return selected
  throw new RtbenchError(
    'usage',
    `--repetition: no run is repetition ${number} of what is asked for`,
  )
}

function repetitionOf(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw new RtbenchError('usage', `--repetition: ${text} is no repetition; they count from 1`)
}

function refuseUnknown(name: string, results: readonly NamedResult[]): void {
  const known = [
    ...new Set(results.flatMap(({ result }) => result.runs.map(({ transport }) => transport))),
  ]
  if (known.includes(name)) return
  const hint = didYouMean(name, known)
  throw new RtbenchError(
    'usage',
    `--transport: no run of ${name}${hint}; there is ${known.join(', ') || 'no run'}`,
  )
}

/** A report as a file. */
interface ReportFile {
  /** Without a folder; unlike that of any other. */
  readonly name: string
  readonly text: string
}

/**
 * A report as one text.
 * @throws RtbenchError `usage` where the form has a text for each of several runs
 */
function reportText(
  reporter: Reporter,
  results: readonly NamedResult[],
  options: RenderOptions = {},
): string {
  if (reporter.renderRuns === undefined) return renderAll(reporter, results, options)
  const [only, ...others] = reportFiles(reporter, results, options)
  if (only !== undefined && others.length === 0) return only.text
  throw new RtbenchError(
    'usage',
    `--format ${reporter.name}: each of the ${others.length + 1} runs is a file of its own; choose one by --transport and --repetition, or name a folder by --out`,
  )
}

/** A report as files: one, or one a run where the form has no place for several. */
function reportFiles(
  reporter: Reporter,
  results: readonly NamedResult[],
  options: RenderOptions,
): readonly ReportFile[] {
  const { extension } = reporter
  const names = results.map(({ name }, i) => name ?? `result-${i + 1}`)
  const files =
    reporter.renderRuns === undefined
      ? [
          {
            name: names.length === 1 ? `${names[0]}` : 'report',
            text: renderAll(reporter, results, options),
          },
        ]
      : results.flatMap(({ result }, i) =>
          (reporter.renderRuns?.(result) ?? []).map((part) => ({
            name: `${names[i]}-${part.name}`,
            text: part.text,
          })),
        )
  const taken = new Set<string>()
  return files.map(({ name, text }) => ({ name: `${free(name, taken)}.${extension}`, text }))
}

function free(name: string, taken: Set<string>): string {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}-${number}`
    if (taken.has(candidate)) continue
    taken.add(candidate)
    return candidate
  }
}

/**
 * Writes files into a folder, which is made, or a single one as a file of that name.
 * @param sources of the report, over which nothing is written
 * @throws RtbenchError `not-written`; `usage` where a source is in the place of a report
 */
async function writeReports(
  out: string,
  files: readonly ReportFile[],
  sources: readonly string[],
): Promise<void> {
  const [only, ...others] = files
  const single = only !== undefined && others.length === 0 && !(await isFolder(out))
  const placed = files.map(({ name, text }) => ({ path: single ? out : join(out, name), text }))
  for (const { path } of placed) {
    for (const source of sources) {
      if (await isSameFile(path, source)) {
        throw new RtbenchError('usage', `--out ${out}: ${path} is the result itself; name another`)
      }
    }
  }
  for (const { path, text } of placed) {
    await writeAtomically(path, text)
    tell(`wrote ${path}`)
  }
}

/** Also by another path, or a link. */
async function isSameFile(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all(
    [one, other].map((path) => stat(path, { bigint: true }).catch(() => null)),
  )
  return first != null && second != null && first.dev === second.dev && first.ino === second.ino
}

/** A folder, or what is written as one. */
async function isFolder(path: string): Promise<boolean> {
  if (/[/\\]$/.test(path)) return true
  return stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  )
}
