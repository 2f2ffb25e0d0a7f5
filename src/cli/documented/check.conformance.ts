/** Holds a documented command against the command line, and starts nothing. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CommanderError } from '@commander-js/extra-typings'
import { planOf } from '../../experiment/scenario-sources.ts'
import { comparisonReporters } from '../../report/comparison-reporters.ts'
import { reporters } from '../../report/reporters.ts'
import { environmentLayer, flagLayer, type Layer } from '../../scenario/layer.ts'
import { readScenarioFile } from '../../scenario/load.ts'
import { isRefusal, parseCount } from '../../scenario/units.ts'
import { workloadOf } from '../advise.ts'
import { capacityWish } from '../capacity.ts'
import { checkOptions, judgingOf } from '../ci/options.ts'
import { minChangeOf } from '../flags.ts'
import { createProgram } from '../program.ts'
import { serverOptions } from '../serve.ts'
import { FILES, FOLDERS, RESULTS, WRITTEN } from './fixture.conformance.ts'
import type { Script } from './script.conformance.ts'
import { type SimpleCommand, simpleCommands } from './shell.conformance.ts'

/** As an action has them. */
type Options = Readonly<Record<string, unknown>>

export interface Called {
  readonly name: string
  readonly files: readonly string[]
  readonly options: Options
  readonly environment: Readonly<Record<string, string>>
}

/** `FILE…` and `T` stand for what a reader has. */
const PLACEHOLDER = /^[A-Z]+…?$/

/** What is wrong with a script, a line for each fault; nothing where all of it can be typed. */
export async function faultsOf(script: Script, root: string): Promise<readonly string[]> {
  const faults: string[] = []
  for (const command of simpleCommands(script.text)) {
    const args = rtbenchArgs(command.words)
    const fault =
      args !== null
        ? await faultOfRtbench(args, command, script, root)
        : command.words[0] === 'npm'
          ? faultOfNpm(command.words.slice(1), root)
          : null
    if (fault !== null)
      faults.push(`${script.file}:${script.line} ${command.words.join(' ')}: ${fault}`)
  }
  return faults
}

/** What rtbench is called with; null where it is another program. */
export function rtbenchArgs(words: readonly string[]): readonly string[] | null {
  const [program, ...args] = words[0] === 'npx' ? words.slice(1) : words
  return program === 'rtbench' ? args : null
}

/** Whether something stands for what only a reader has. */
export function hasPlaceholder(words: readonly string[]): boolean {
  return words.some((word) => PLACEHOLDER.test(word))
}

async function faultOfRtbench(
  args: readonly string[],
  { environment }: SimpleCommand,
  { inline }: Script,
  root: string,
): Promise<string | null> {
  if (inline && (await isMention(args))) return null
  try {
    const called = await parse(args, environment)
    if (called === null || hasPlaceholder(args)) return null
    await (CHECKS[called.name] ?? noCheck)(called, root)
    return null
  } catch (error) {
    return (error as Error).message
  }
}

/** `rtbench report` in a sentence is the command's name; that there is one is checked all the same. */
export async function isMention(args: readonly string[]): Promise<boolean> {
  const [name = '', ...rest] = args
  const { commands } = await createProgram('')
  return rest.length === 0 && commands.some((command) => command.name() === name)
}

/** The command and its flags; null where it only prints its help. */
export async function parse(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Called | null> {
  const program = await createProgram()
  let called: Called | null = null
  for (const command of program.commands) {
    command.exitOverride().configureOutput({ writeOut() {}, writeErr() {}, outputError() {} })
    command.action(() => {
      called = { name: command.name(), files: command.args, options: command.opts(), environment }
    })
  }
  program.configureOutput({ writeOut() {}, writeErr() {}, outputError() {} })
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return null
    throw error
  }
  return called
}

type Check = (called: Called, root: string) => Promise<void> | void

function noCheck(): void {}

const CHECKS: Readonly<Record<string, Check>> = {
  async run({ files: [file], options, environment }, root) {
    planOf([flagLayer(options), ...(await layersOf(file, environment, root))])
  },
  async capacity({ files: [file], options, environment }, root) {
    capacityWish(options, await layersOf(file, environment, root))
  },
  async ci({ files, options }, root) {
    checkOptions(options)
    judgingOf(options)
    const folder = options['baseline']
    if (typeof folder === 'string') needed(folder, root)
    for (const file of files.flatMap((name) => filesLike(name, root))) {
      planOf([flagLayer({ repeat: options['repeat'] }), ...(await layersOf(file, {}, root))])
    }
  },
  serve({ options }) {
    serverOptions(options, {})
  },
  report({ files, options }, root) {
    for (const file of files) needed(file, root)
    known(options, 'format', [...reporters.map(({ name }) => name)])
  },
  compare({ files, options }, root) {
    for (const file of files) needed(file, root)
    minChangeOf(options)
    known(options, 'format', [...comparisonReporters.map(({ name }) => name)])
  },
  advise({ files, options }, root) {
    for (const file of files.flatMap((name) => filesLike(name, root))) needed(file, root)
    workloadOf(options)
  },
  validate({ files }, root) {
    for (const file of files.flatMap((name) => filesLike(name, root))) needed(file, root)
  },
  doctor({ options }) {
    const { clients } = options
    if (typeof clients === 'string' && isRefusal(parseCount(clients))) {
      throw new Error(`--clients: ${clients}`)
    }
  },
}

/** What a scenario is made of below the flags. A reader's own file has been read by whoever wrote it. */
async function layersOf(
  file: string | undefined,
  environment: Readonly<Record<string, string>>,
  root: string,
): Promise<readonly Layer[]> {
  const below = [environmentLayer(environment)]
  if (file === undefined) return below
  needed(file, root)
  const path = join(root, file)
  return existsSync(path) ? [...below, await readScenarioFile(path)] : below
}

/** @throws Error where neither the repository nor a reader has it */
function needed(path: string, root: string): void {
  const declared = [...RESULTS, ...Object.keys(FILES), ...Object.keys(FOLDERS), ...WRITTEN]
  const isDeclared = declared.some((name) => name === path || name.startsWith(`${path}/`))
  if (isDeclared || existsSync(join(root, path))) return
  throw new Error(`${path} is not in the repository, and no fixture`)
}

/** The files that a pattern such as `scenarios/*.yaml` stands for; a file's name stands for itself. */
function filesLike(pattern: string, root: string): readonly string[] {
  const [, folder, ending = ''] = /^(.+)\/\*(\.\w+)$/.exec(pattern) ?? []
  if (folder === undefined) return [pattern]
  const found = existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : []
  const declared = RESULTS.filter((name) => name.startsWith(`${folder}/`))
  const files = found.filter((name) => name.endsWith(ending)).map((name) => `${folder}/${name}`)
  if (files.length + declared.length === 0) throw new Error(`${pattern} finds nothing`)
  return files
}

function known(options: Options, flag: string, names: readonly string[]): void {
  const value = options[flag]
  if (value === undefined || (typeof value === 'string' && names.includes(value))) return
  throw new Error(`--${flag}: ${String(value)}; expected ${names.join(', ')}`)
}

function faultOfNpm(args: readonly string[], root: string): string | null {
  const [verb, script = '', ...rest] = args
  if (verb === 'ci' || verb === 'test') return null
  if (verb !== 'run') return `npm ${verb} is no command that is checked here`
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Readonly<Record<string, string>>
  }
  if (scripts[script] === undefined) return `there is no script ${script}`
  if (script === 'docs') return faultOfPages(rest.slice(1), root)
  if (script !== 'bench') return null
  const sections = benchSections(root)
  const { positionals } = parseArgs({
    args: rest.slice(1),
    allowPositionals: true,
    options: { runs: { type: 'string' } },
  })
  const unknown = positionals.find((choice) => !sections.includes(choice.split('/')[0] ?? ''))
  return unknown === undefined ? null : `bench has no section ${unknown}; ${sections.join(', ')}`
}

function faultOfPages(args: readonly string[], root: string): string | null {
  const missing = args.find((page) => !page.startsWith('--') && !existsSync(join(root, page)))
  return missing === undefined ? null : `there is no ${missing}`
}

/** The names in the tables of bench/index.ts, which starts to measure when it is imported. */
function benchSections(root: string): readonly string[] {
  const source = readFileSync(join(root, 'bench', 'index.ts'), 'utf8')
  const tables = [...source.matchAll(/const (?:sections|judges)[^{]*\{([^}]*)\}/g)]
  return tables.flatMap(([, table = '']) =>
    [...table.matchAll(/^\s*'?([\w-]+)'?\s*[:,]/gm)].map(([, name = '']) => name),
  )
}
