import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { RtbenchError } from '../../error.ts'
import { listed, shellWord } from '../../report/wording.ts'
import { type NewFile, writeAllAtomically } from '../../result/atomic-file.ts'
import { safeFileName } from '../../result/store.ts'
import { sampleScenario } from '../../scenario/printed.ts'
import { ExitCode } from '../exit-code.ts'
import { schemaText } from '../schema/action.ts'

const SCENARIO = 'scenarios/first.yaml'
const COMMAND = `npx rtbench run ${SCENARIO}`
const SCHEMA = 'schema/scenario.schema.json'

/** Writes a commented scenario and a workflow for continuous integration into a folder. */
export async function act(
  named: string,
  { force }: { readonly force?: boolean },
): Promise<ExitCode> {
  const folder = named === '' ? '.' : named
  const files = newFiles(folder)
  const taken = files.map(({ path }) => path).filter(isTaken)
  if (taken.length > 0 && !force) {
    const [are, them] = taken.length === 1 ? ['is', 'it'] : ['are', 'them']
    throw new RtbenchError(
      'usage',
      `${listed(taken)} ${are} there already, and nothing was written; --force overwrites ${them}`,
    )
  }
  await writeAllAtomically(files, 'name another folder')
  for (const { path } of files) process.stdout.write(`wrote ${path}\n`)
  const there = folder === '.' ? '' : `cd ${shellWord(folder)} && `
  const absence = absenceIn(folder, there)
  if (absence !== null) process.stdout.write(`${absence}\n`)
  process.stdout.write(`next: ${there}${COMMAND}\n`)
  return ExitCode.done
}

/** A link counts whatever it leads to: it would be replaced. */
function isTaken(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    // No folder leads there, as the attempt to write will say.
    return false
  }
}

/** With the JSON Schema where the folder has no package of rtbench to find it in. */
function newFiles(folder: string): readonly NewFile[] {
  const installed = join('node_modules', 'rtbench', SCHEMA)
  const isInstalled = existsSync(join(folder, installed))
  // Hidden, so that `scenarios/*` names scenarios alone.
  const own = '.rtbench.schema.json'
  const schema = isInstalled ? `../${installed}` : `./${own}`
  const files = [
    { path: SCENARIO, text: sampleScenario(schema, COMMAND) },
    ...(isInstalled ? [] : [{ path: `scenarios/${own}`, text: schemaText() }]),
  ]
  return [...files.map(({ path, text }) => ({ path: join(folder, path), text })), workflow(folder)]
}

/** GitHub reads workflows at a repository's root alone; that of a folder below runs in its folder. */
function workflow(folder: string): NewFile {
  const root = foldersUp(folder).find((one) => existsSync(join(one, '.git'))) ?? resolve(folder)
  const below = relative(root, resolve(folder)).split(sep).join('/')
  const text = template('workflow.yml')
  const workflows = join(folder, relative(resolve(folder), root), '.github', 'workflows')
  if (below === '') return { path: join(workflows, 'rtbench.yml'), text }
  // A name of its own, since several folders of a repository may have one.
  const name = `rtbench-${fileNameOf(below)}.yml`
  return { path: join(workflows, name), text: runningIn(below, text) }
}

/** Of a path: what it is where that is plain, and else with a digest that tells it from all others. */
function fileNameOf(path: string): string {
  if (/^[\w-]+(?:\/[\w-]+)*$/.test(path) && path.length < 80) return path.replaceAll('/', '.')
  const digest = createHash('sha256').update(path).digest('hex').slice(0, 8)
  const safe = safeFileName(path).slice(0, 70)
  return safe === '' ? digest : `${safe}-${digest}`
}

/** An artifact's paths begin at the root, wherever the steps run. */
function runningIn(below: string, text: string): string {
  const setting = `defaults:\n  run:\n    working-directory: ${JSON.stringify(below)}\n\njobs:`
  return text
    .replace(/^name: rtbench$/m, () => `name: ${JSON.stringify(`rtbench in ${below}`)}`)
    .replace(/^jobs:/m, () => setting)
    .replace(/^ +(?=junit\.xml$|results\/ci\/$)/gm, (indent) => `${indent}${below}/`)
}

/** What the workflow needs and the folder has not; npm looks above the folder as well. */
function absenceIn(folder: string, there: string): string | null {
  const find = (...names: readonly string[]): string | undefined =>
    foldersUp(folder)
      .flatMap((one) => names.map((name) => join(one, name)))
      .find((path) => existsSync(path))
  const lock = find('package-lock.json', 'npm-shrinkwrap.json')
  if (lock === undefined) {
    const begin = find('package.json') === undefined ? 'npm init -y && ' : ''
    return `missing: a package-lock.json, which the workflow's npm ci needs; make it by ${there}${begin}npm i -D rtbench`
  }
  return locksRtbench(lock)
    ? null
    : `missing: rtbench in ${relative(process.cwd(), lock)}, so that the workflow's npx would fetch whatever has its name; put it there by ${there}npm i -D rtbench`
}

/** Whether npm ci installs it, or the package is rtbench itself. */
function locksRtbench(lock: string): boolean {
  const text = readFileSync(lock, 'utf8')
  return /"node_modules\/rtbench"\s*:/.test(text) || /^\s*\{\s*"name"\s*:\s*"rtbench"/.test(text)
}

/** The folder and those above it, as far as its repository's root. */
function foldersUp(folder: string): readonly string[] {
  const folders = [resolve(folder)]
  for (;;) {
    const last = folders.at(-1) as string
    if (existsSync(join(last, '.git'))) return folders
    // In no repository only the folder itself counts.
    if (dirname(last) === last) return folders.slice(0, 1)
    folders.push(dirname(last))
  }
}

function template(name: string): string {
  return readFileSync(new URL(`../../../templates/${name}`, import.meta.url), 'utf8')
}
