import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RtbenchError } from '../error.ts'
import { type NewFile, writeAllAtomically } from '../result/atomic-file.ts'
import { sampleScenario } from '../scenario/sample.ts'
import { ExitCode } from './exit-code.ts'
import { schemaText } from './schema-command.ts'

export interface InitOptions {
  readonly force?: boolean
}

const SCENARIO = 'scenarios/first.yaml'
const COMMAND = `rtbench run ${SCENARIO}`
const SCHEMA = 'schema/scenario.schema.json'

/** Writes a commented scenario and a workflow for continuous integration into a folder. */
export async function initCommand(named: string, { force }: InitOptions): Promise<ExitCode> {
  const folder = named === '' ? '.' : named
  const files = newFiles(folder)
  const taken = files.map(({ path }) => path).filter(isTaken)
  if (taken.length > 0 && !force) {
    const are = taken.length === 1 ? 'is' : 'are'
    throw new RtbenchError(
      'usage',
      `${taken.join(' and ')} ${are} there already; --force writes over, and nothing was written`,
    )
  }
  await writeAllAtomically(files, 'name another folder')
  for (const { path } of files) process.stdout.write(`wrote ${path}\n`)
  const there = folder === '.' ? '' : `cd ${quoted(folder)} && `
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
    { path: '.github/workflows/rtbench.yml', text: template('workflow.yml') },
  ]
  return files.map(({ path, text }) => ({ path: join(folder, path), text }))
}

function template(name: string): string {
  return readFileSync(new URL(`../../templates/${name}`, import.meta.url), 'utf8')
}

function quoted(path: string): string {
  return /^[\w./@%+=-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}
