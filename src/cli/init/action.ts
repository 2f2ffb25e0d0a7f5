import { existsSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { type Discovery, discover } from '../../discovery/discovery.ts'
import type { Technique } from '../../discovery/listener.ts'
import { RtbenchError } from '../../error.ts'
import { targetOf } from '../../experiment/plan.ts'
import { startServed } from '../../gate/server.ts'
import { listed, shellWord } from '../../report/wording.ts'
import { type NewFile, writeAllAtomically } from '../../result/atomic-file.ts'
import { readEnvironment } from '../../result/environment.ts'
import { sampleScenario } from '../../scenario/printed.ts'
import { tell } from '../../tell.ts'
import { printableLines } from '../../text.ts'
import { ExitCode } from '../exit-code.ts'
import { refuse } from '../flags.ts'
import { settingOf } from '../output.ts'
import { schemaText } from '../schema/action.ts'
import { absenceIn } from './folder.ts'
import {
  askForServer,
  type InitOptions,
  pathFlag,
  type Server,
  serverOf,
  wishesOf,
} from './options.ts'
import { foundLine, serverScenario } from './scenario.ts'
import { tryScenario } from './trial.ts'
import { type Gate, gateCommand, workflow } from './workflow.ts'

const SCHEMA = 'schema/scenario.schema.json'

/** Writes a scenario and a workflow for continuous integration into a folder, and tries them. */
export async function act(named: string, options: InitOptions): Promise<ExitCode> {
  const folder = named === '' ? '.' : named
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true
  const server =
    serverOf(options) ?? (isTerminal ? await askForServer(process.stdin, process.stdout) : null)
  const there = folder === '.' ? '' : `cd ${shellWord(folder)} && `
  return server === null ? ofOwn(folder, there, options) : ofServer(server, folder, there, options)
}

/** What measures rtbench's own server, which works wherever rtbench does. */
async function ofOwn(folder: string, there: string, options: InitOptions): Promise<ExitCode> {
  const file = 'scenarios/first.yaml'
  const command = `npx rtbench run ${file}`
  const gate: Gate = { ...gateOf(null, options), scenario: file }
  const { schema, files } = schemaOf(folder)
  await write(
    [
      { path: join(folder, file), text: sampleScenario(schema, command) },
      ...files,
      workflow(folder, gate),
    ],
    options,
  )
  say("measures rtbench's own server, not yours: rtbench init --serve 'npm start' --force does")
  say(absenceIn(folder, there))
  say(`next: ${there}${command}`)
  return ExitCode.done
}

async function ofServer(
  server: Server,
  folder: string,
  there: string,
  options: InitOptions,
): Promise<ExitCode> {
  const file = 'scenarios/server.yaml'
  const gate: Gate = { ...gateOf(server, options), scenario: file }
  const { schema, files } = schemaOf(folder)
  const path = join(folder, file)
  // Before anything is started for nothing.
  refuseTaken([path, ...files.map((one) => one.path), workflow(folder, gate).path], options)
  const environment = await readEnvironment()
  const setting = settingOf({ ...options, quiet: true }, environment)
  const found = await ask(server, folder, options, setting.signal)
  if (setting.signal.aborted) return ExitCode.interrupted
  const techniques = Object.keys(found.endpoints).length
  const command = gateCommand(gate)
  await write(
    [
      { path, text: serverScenario(found, server, { schema, command }) },
      ...files,
      workflow(folder, { ...gate, techniques }),
    ],
    options,
  )
  say(`found ${foundLine(found)}`)
  for (const [name, why] of Object.entries(found.missing)) {
    say(`not measured: ${name}: ${why}; ${flagFor(name as Technique | 'publish')} names it`)
  }
  if ('url' in server) {
    say(
      `missing: what starts ${server.url} for the workflow; rtbench init --serve 'npm start' instead of --url writes it`,
    )
  }
  say(absenceIn(folder, there))
  say(`next: ${there}${command}`)
  // Without events nothing can be wrong, or right.
  if (found.publish === null) return ExitCode.couldNotRun
  if (options.try === false) return ExitCode.done
  tell(`trying ${path} for 2 seconds`)
  const { lines, outcome } = await tryScenario(path, { server, folder }, setting)
  for (const line of lines) say(line)
  return ExitCode[outcome]
}

function gateOf(server: Server | null, options: InitOptions): Omit<Gate, 'scenario'> {
  const { allowRemote = false, token = process.env['RTBENCH_TOKEN'] ?? '' } = options
  return { server, techniques: 1, allowRemote, withToken: server !== null && token !== '' }
}

/**
 * How the server speaks, by what is said of it and by what it answers.
 * @throws RtbenchError `usage`, `cannot-run`; nothing was written then
 */
async function ask(
  server: Server,
  folder: string,
  options: InitOptions,
  signal: AbortSignal,
): Promise<Discovery> {
  const wishes = wishesOf(options, server)
  const find = async (url: string): Promise<Discovery> => {
    await targetOf(url, { token: wishes.token, allowRemote: options.allowRemote ?? false })
    return discover(url, wishes)
  }
  const found = 'url' in server ? await find(server.url) : await served(server.serve, folder)
  if (signal.aborted) return found
  for (const technique of Object.keys(wishes.paths) as Technique[]) {
    const why = found.missing[technique]
    if (why !== undefined) refuse(pathFlag(technique), why)
  }
  if (wishes.publish !== null && found.missing.publish !== undefined && hasAny(found)) {
    refuse('--publish', found.missing.publish)
  }
  if (hasAny(found)) return found
  const where = Object.entries(found.missing).map(([name, why]) => `${name} ${why}`)
  throw new RtbenchError(
    'usage',
    `nothing was found to measure: ${where.join('; ')}; name it by --sse, --ws, --poll or --long-poll`,
  )

  async function served(command: string, cwd: string): Promise<Discovery> {
    const { url, shell } = await startServed(command, cwd, '', signal)
    try {
      return await find(url)
    } finally {
      await shell.stop()
    }
  }
}

function hasAny({ endpoints }: Discovery): boolean {
  return Object.keys(endpoints).length > 0
}

function flagFor(name: Technique | 'publish'): string {
  return name === 'publish' ? "--publish 'POST /path'" : `${pathFlag(name)} PATH`
}

function say(line: string | null): void {
  if (line !== null) process.stdout.write(`${printableLines(line)}\n`)
}

async function write(files: readonly NewFile[], options: InitOptions): Promise<void> {
  refuseTaken(
    files.map(({ path }) => path),
    options,
  )
  await writeAllAtomically(files, 'name another folder')
  for (const { path } of files) say(`wrote ${path}`)
}

/** @throws RtbenchError `usage` */
function refuseTaken(paths: readonly string[], { force }: InitOptions): void {
  const taken = paths.filter(isTaken)
  if (taken.length === 0 || force) return
  const [are, them] = taken.length === 1 ? ['is', 'it'] : ['are', 'them']
  throw new RtbenchError(
    'usage',
    `${listed(taken)} ${are} there already, and nothing was written; --force overwrites ${them}`,
  )
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

/** The JSON Schema, from a scenario's folder: that of the package, or a file of its own where it is not installed. */
function schemaOf(folder: string): { readonly schema: string; readonly files: readonly NewFile[] } {
  const installed = join('node_modules', 'rtbench', SCHEMA)
  if (existsSync(join(folder, installed))) return { schema: `../${installed}`, files: [] }
  // Hidden, so that `scenarios/*` names scenarios alone.
  const own = '.rtbench.schema.json'
  return {
    schema: `./${own}`,
    files: [{ path: join(folder, 'scenarios', own), text: schemaText() }],
  }
}
