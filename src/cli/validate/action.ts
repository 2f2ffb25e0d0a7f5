import { open, stat } from 'node:fs/promises'
import { RtbenchError } from '../../error.ts'
import { scenarioOf } from '../../experiment/plan.ts'
import { readResult } from '../../result/store.ts'
import { servedLayers } from '../../scenario/layer.ts'
import { readScenarioFile } from '../../scenario/load.ts'
import { lineOf, type Problem, problemsOf } from '../../scenario/problem.ts'
import { printableLines } from '../../text.ts'
import { ExitCode } from '../exit-code.ts'

/** Where a stored result says that it is one. */
const HEAD_BYTES = 4096

/** What was found out about a file. */
interface Finding {
  readonly file: string
  readonly kind: 'scenario' | 'result'
  /** What it is, when nothing is wrong with it. */
  readonly summary: string | null
  readonly problems: readonly Problem[]
}

/** Checks scenario files, and stored results, and tells all that is wrong with them. */
export async function act(
  files: readonly string[],
  { json }: { readonly json?: boolean },
): Promise<ExitCode> {
  const findings: Finding[] = []
  for (const file of files) findings.push(await examine(file))
  const text = json ? `${JSON.stringify(findings.map(entryOf), null, 2)}\n` : lines(findings)
  process.stdout.write(text)
  return findings.every(({ problems }) => problems.length === 0) ? ExitCode.done : ExitCode.usage
}

async function examine(file: string): Promise<Finding> {
  const kind = (await isResult(file)) ? 'result' : 'scenario'
  try {
    const summary = await (kind === 'result' ? summaryOfResult(file) : summaryOfScenario(file))
    return { file, kind, summary, problems: [] }
  } catch (error) {
    if (!(error instanceof RtbenchError)) throw error
    const told = problemsOf(error)
    const whole = { place: { label: file, order: 0 }, text: withoutLabel(error.message, file) }
    return { file, kind, summary: null, problems: told.length > 0 ? told : [whole] }
  }
}

async function summaryOfScenario(file: string): Promise<string> {
  // Where the server is may be said by --url, or follow from --serve.
  scenarioOf(servedLayers([await readScenarioFile(file)]))
  return 'ok'
}

async function summaryOfResult(file: string): Promise<string> {
  const { schemaVersion, scenario, runs } = await readResult(file)
  const count = runs.length === 1 ? '1 run' : `${runs.length} runs`
  return `ok, a result: schema version ${schemaVersion}, ${scenario.name}, ${count}`
}

/** Whether a file calls itself a result document; what cannot be read is told as a scenario. */
async function isResult(path: string): Promise<boolean> {
  try {
    // A pipe can be opened once only, and the scenario's reader is to have it.
    if (!(await stat(path)).isFile()) return false
    const file = await open(path, 'r')
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
      const head = buffer.toString('utf8', 0, bytesRead)
      return /^\s*\{/.test(head) && /"schemaVersion"\s*:/.test(head)
    } finally {
      await file.close()
    }
  } catch {
    return false
  }
}

function lines(findings: readonly Finding[]): string {
  return findings
    .flatMap(({ file, summary, problems }) =>
      summary === null ? problems.map(lineOf) : [`${file}: ${summary}`],
    )
    .map((line) => `${printableLines(line)}\n`)
    .join('')
}

/** A finding for a script: a problem and what would be right, apart. */
function entryOf({ file, kind, problems }: Finding): unknown {
  return {
    file,
    kind,
    ok: problems.length === 0,
    problems: problems.map(({ place: { line, column, key }, text }) => {
      const [problem = '', ...expected] = text.split('; expected ')
      return {
        line: line ?? null,
        column: column ?? null,
        key: key ?? null,
        problem,
        expected: expected.length === 0 ? null : expected.join('; expected '),
      }
    }),
  }
}

function withoutLabel(message: string, file: string): string {
  return message.startsWith(`${file}: `) ? message.slice(file.length + 2) : message
}
