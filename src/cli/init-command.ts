import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RtbenchError } from '../error.ts'
import { writeAtomically } from '../result/store.ts'
import { sampleScenario } from '../scenario/sample.ts'
import { ExitCode } from './exit-code.ts'
import { schemaText } from './schema-command.ts'

export interface InitOptions {
  readonly force?: boolean
}

interface NewFile {
  /** Within the folder. */
  readonly path: string
  readonly text: string
}

const SCENARIO = 'scenarios/first.yaml'
const COMMAND = `rtbench run ${SCENARIO}`
const SCHEMA = 'schema/scenario.schema.json'

/** Writes a commented scenario and a workflow for continuous integration into a folder. */
export async function initCommand(named: string, { force }: InitOptions): Promise<ExitCode> {
  const folder = named === '' ? '.' : named
  const files = newFiles(folder)
  const taken = files.map(({ path }) => join(folder, path)).filter(isTaken)
  if (taken.length > 0 && !force) {
    const are = taken.length === 1 ? 'is' : 'are'
    throw new RtbenchError(
      'usage',
      `${taken.join(' and ')} ${are} there already; --force writes over, and nothing was written`,
    )
  }
  for (const { path, text } of files) {
    await writeAtomically(join(folder, path), text, 'name another folder')
    process.stdout.write(`wrote ${join(folder, path)}\n`)
  }
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
  return [
    { path: SCENARIO, text: sampleScenario(schema, COMMAND) },
    ...(isInstalled ? [] : [{ path: `scenarios/${own}`, text: schemaText() }]),
    { path: '.github/workflows/rtbench.yml', text: template('workflow.yml') },
  ]
}

function template(name: string): string {
  return readFileSync(new URL(`../../templates/${name}`, import.meta.url), 'utf8')
}

function quoted(path: string): string {
  return /^[\w./@%+=-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}
