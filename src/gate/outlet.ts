/** Where the findings of a gate go: the terminal, GitHub's files and a JUnit document. */
import { appendFile } from 'node:fs/promises'
import { relative, resolve, sep } from 'node:path'
import { printText } from '../cli/print.ts'
import { RtbenchError } from '../error.ts'
import { failureMarkdown, type GateRow, gateMarkdown, gateRows, gateTable } from '../report/gate.ts'
import { annotations, failureAnnotation } from '../report/github.ts'
import { failureJunit, renderJunit, type Suite } from '../report/junit.ts'
import { writeAtomically } from '../result/atomic-file.ts'

export interface Findings {
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
  for (const note of notes) process.stderr.write(`rtbench: ${note}\n`)
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
    process.stderr.write(`rtbench: ${error.message}\n`)
    return false
  }
}
