import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { RtbenchError } from '../error.ts'
import {
  type NamedResult,
  type RenderOptions,
  type Reporter,
  renderAll,
} from '../report/reporter.ts'
import { writeAtomically } from '../result/atomic-file.ts'

/** A report as a file. */
export interface ReportFile {
  /** Without a folder; unlike that of any other. */
  readonly name: string
  readonly text: string
}

/**
 * A report as one text.
 * @throws RtbenchError `usage` where the form has a text for each of several runs
 */
export function reportText(
  reporter: Reporter,
  results: readonly NamedResult[],
  options: RenderOptions = {},
): string {
  if (reporter.renderRuns === undefined) return renderAll(reporter, results, options)
  const [only, ...others] = reportFiles(reporter, results)
  if (only !== undefined && others.length === 0) return only.text
  throw new RtbenchError(
    'usage',
    `--format ${reporter.name}: each of the ${others.length + 1} runs is a file of its own; choose one by --transport and --repetition, or name a folder by --out`,
  )
}

/** A report as files: one, or one a run where the form has no place for several. */
export function reportFiles(
  reporter: Reporter,
  results: readonly NamedResult[],
): readonly ReportFile[] {
  const { extension } = reporter
  const names = results.map(({ name }, i) => name ?? `result-${i + 1}`)
  const files =
    reporter.renderRuns === undefined
      ? [
          {
            name: names.length === 1 ? `${names[0]}` : 'report',
            text: renderAll(reporter, results),
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
export async function writeReports(
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
    process.stderr.write(`wrote ${path}\n`)
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
