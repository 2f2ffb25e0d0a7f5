/**
 * `npm run docs` runs what the documents tell to type, as it is written, in copies of the repository:
 * every block whole, line by line. `npm run docs -- README.md "help run"` takes some of the documents,
 * `--all` also what takes minutes or much of the machine, `--list` shows what would be run.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../root.conformance.ts'
import { type Copy, copyRepository, measureFixture, removeOutside } from './copy.conformance.ts'
import { documentedScripts } from './corpus.conformance.ts'
import { execute } from './execution.conformance.ts'
import { BEFORE, OUTSIDE } from './fixture.conformance.ts'
import { excuseOf, type Step, stepsOf } from './plan.conformance.ts'
import type { Script } from './script.conformance.ts'

const SHOWN_LINES = 20

const args = process.argv.slice(2)
const all = args.includes('--all')
const list = args.includes('--list')
const wanted = args.filter((argument) => !argument.startsWith('--'))
const scripts = await documentedScripts(root)
const files = [...new Set(scripts.map(({ file }) => file))]
const unknown = wanted.find((file) => !files.includes(file))

const counts = { ran: 0, failed: 0, heldBack: 0 }
/** What was run, and where it stands. */
const seen = new Map<string, string>()

if (unknown !== undefined) {
  say(`${unknown} has no commands; there are ${files.join(', ')}`)
  process.exitCode = 2
} else await runFiles(wanted.length > 0 ? wanted : files)

async function runFiles(names: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rtbench-docs-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const result = list ? '' : measureFixture(root, folder)
  for (const file of names) await runFile(file, result)
  say(`${counts.ran} ran, ${counts.failed} failed, ${counts.heldBack} lines were not run`)
  if (counts.failed > 0) process.exitCode = 1
}

async function runFile(file: string, result: string): Promise<void> {
  const planned: { script: Script; steps: readonly Step[] }[] = []
  for (const script of scripts.filter((one) => one.file === file)) {
    planned.push({ script, steps: await stepsOf(script, { root, all }) })
  }
  const text = [BEFORE[file] ?? '', ...planned.map(({ script }) => script.text)].join('\n')
  const isOutside = text.includes(OUTSIDE)
  if (isOutside && existsSync(OUTSIDE)) {
    say(`not run  ${file}: ${OUTSIDE} is there already`)
    counts.heldBack += 1
    return
  }
  const due = planned.some(({ steps }) => steps.some(({ heldBack }) => heldBack === null))
  const copy = list || !due ? null : copyRepository(root, result, text)
  try {
    const before = BEFORE[file]
    if (before !== undefined && copy !== null) await execute('bash', [stepFor(before)], copy)
    for (const { script, steps } of planned) await runScript(script, steps, copy)
  } finally {
    copy?.remove()
    if (isOutside && !list) removeOutside()
  }
}

async function runScript(script: Script, steps: readonly Step[], copy: Copy | null): Promise<void> {
  const place = `${script.file}:${script.line}`
  for (const { statement, heldBack } of steps) {
    if (heldBack === null || heldBack === 'the name of a command') continue
    counts.heldBack += 1
    say(`not run  ${place}  ${statement}  (${heldBack})`)
  }
  const due = steps.filter(({ heldBack }) => heldBack === null)
  const [first] = due
  if (first === undefined) return
  const more = due.length > 1 ? ` (and ${due.length - 1} more)` : ''
  const what = `${place}  ${first.statement.trim()}${more}`
  const text = due
    .map(({ statement }) => statement.replace('npx ', '').replace(/ +#.*$/, ''))
    .join('\n')
  const earlier = seen.get(text)
  if (earlier !== undefined) {
    say(`as above ${what}  (${earlier})`)
    return
  }
  seen.set(text, place)
  counts.ran += 1
  if (copy === null) {
    say(`would run  ${what}`)
    return
  }
  const { code, seconds, output, excused } = await execute(script.shell, due, copy)
  const time = `${seconds.toFixed(1).padStart(6)} s`
  if (code === 0) {
    say(`ok     ${time}  ${what}`)
    for (const line of excused) say(`         ${excuse(line, due)}`)
    return
  }
  counts.failed += 1
  say(`FAILED ${time}  ${what}: exit code ${code}`)
  say(output.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n'))
}

function excuse(line: string, steps: readonly Step[]): string {
  const [index, code] = line.split(':').map(Number)
  const statement = steps[index ?? 0]?.statement ?? ''
  return `exit code ${code} of ${statement}: ${excuseOf(statement, code ?? 0)}`
}

function stepFor(statement: string): Step {
  return { statement, heldBack: null, endless: false, codes: [] }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
