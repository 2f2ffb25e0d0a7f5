/** Where a gate's findings go: the terminal, GitHub's files and a JUnit document. */
import { appendFile, realpath } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { RtbenchError } from '../../error.ts'
import {
  annotations,
  failureAnnotation,
  failureMarkdown,
  type GateRow,
  gateMarkdown,
  gateRows,
  gateTable,
} from '../../gate/report.ts'
import { failureJunit, renderJunit, type Suite } from '../../report/junit.ts'
import { shellWord } from '../../report/wording.ts'
import { writeAtomically } from '../../result/atomic-file.ts'
import type { Result } from '../../result/document.ts'
import { readResult, resultBaseName } from '../../result/store.ts'
import { tell } from '../../tell.ts'
import { asUsage, printText } from '../output.ts'

interface Findings {
  readonly suites: readonly Suite[]
  readonly notes: readonly string[]
  /** Path of the JUnit document, or null. */
  readonly junit: string | null
}

/** Prints the table, and writes what else is wanted; false when a file could not be written. */
export async function publishFindings(
  { suites, notes, junit }: Findings,
  environment: NodeJS.ProcessEnv,
): Promise<boolean> {
  const rows = gateRows(suites)
  printText((form) => gateTable(rows, form))
  for (const note of notes) tell(`rtbench: ${note}`)
  if (environment['GITHUB_ACTIONS'] === 'true')
    process.stdout.write(annotationsOf(rows, environment))
  const written = [
    await attempt(() =>
      junit === null
        ? null
        : writeAtomically(junit, renderJunit(suites), 'name another file by --junit'),
    ),
    await attempt(() => summarise(gateMarkdown(rows, notes), environment)),
  ]
  return written.every(Boolean)
}

/** Tells why there are no findings, wherever they were to go; the terminal has its line from elsewhere. */
export async function publishFailure(
  message: string,
  { junit, startedAt }: Pick<Findings, 'junit'> & { readonly startedAt: string },
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  if (environment['GITHUB_ACTIONS'] === 'true') {
    process.stdout.write(`${failureAnnotation(message)}\n`)
  }
  await attempt(() => summarise(failureMarkdown(message), environment))
  if (junit !== null) {
    await attempt(() => writeAtomically(junit, failureJunit(startedAt, message)))
  }
}

function annotationsOf(rows: readonly GateRow[], environment: NodeJS.ProcessEnv): string {
  // GitHub shows them at the files of its working copy.
  const root = environment['GITHUB_WORKSPACE'] ?? process.cwd()
  const fileOf = (file: string): string =>
    relative(root, resolve(file)).split(sep).join('/') || file
  return annotations(rows, fileOf)
    .map((line) => `${line}\n`)
    .join('')
}

/** Appended: other steps' commands may have written there, too. */
async function summarise(markdown: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const path = environment['GITHUB_STEP_SUMMARY']
  if (path === undefined || path === '') return
  try {
    await appendFile(path, markdown)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
    throw new RtbenchError('not-written', `${path}: the summary was not written (${code})`, error)
  }
}

async function attempt(write: () => Promise<void> | null): Promise<boolean> {
  try {
    await write()
    return true
  } catch (error) {
    if (!(error instanceof RtbenchError)) throw error
    tell(`rtbench: ${error.message}`)
    return false
  }
}

/**
 * Takes the report's place before anything is measured: nobody measures twice for a typing error, and
 * the report of an earlier invocation would be taken for this one's, however this one ends.
 * @throws RtbenchError `usage`
 */
export async function writeFirstReport(path: string, text: string): Promise<void> {
  await asUsage(`--junit: ${path}`, path, () =>
    writeAtomically(path, text, 'name another file by --junit'),
  )
}

/**
 * @param baseline the folder of the baselines; null without any
 * @throws RtbenchError `usage` where the report would take the place of what is to be read
 */
export async function assertNoInput(
  junit: string,
  files: readonly string[],
  baseline: string | null,
): Promise<void> {
  const own = await realPath(junit)
  const inputs = await Promise.all(files.map(realPath))
  if (inputs.includes(own)) {
    throw new RtbenchError('usage', `--junit: would overwrite the scenario ${junit}`)
  }
  if (baseline === null || !own.startsWith(`${await realPath(baseline)}${sep}`)) return
  throw new RtbenchError('usage', `--junit: ${junit} is among the baselines; name another folder`)
}

/** Of what is not there yet the path that it would have. */
async function realPath(path: string): Promise<string> {
  const whole = resolve(path)
  return realpath(whole).catch(async () => {
    const folder = dirname(whole)
    return folder === whole ? whole : join(await realPath(folder), basename(whole))
  })
}

/** The command line that compares two results of a folder; null where one is not where it should be. */
export async function compareLine(
  folder: string,
  baseline: Result,
  candidate: Result,
): Promise<string | null> {
  const paths = [baseline, candidate].map((result) => pathIn(folder, result))
  const [before, after] = await Promise.all(paths)
  return before == null || after == null
    ? null
    : `rtbench compare ${shellWord(before)} ${shellWord(after)}`
}

/** Where it was stored, unless another invocation's result of that second has the name. */
async function pathIn(
  folder: string,
  { scenario, environment: { startedAt } }: Result,
): Promise<string | null> {
  const path = join(folder, `${resultBaseName(scenario.name, startedAt)}.json`)
  const stored = await readResult(path).catch(() => null)
  return stored?.environment.startedAt === startedAt ? path : null
}
