/** Decides how a documented script is run, and what of it is not. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { planOf } from '../../experiment/scenario-sources.ts'
import { environmentLayer, flagLayer } from '../../scenario/layer.ts'
import { readScenarioFile } from '../../scenario/load.ts'
import { concerns } from '../../transports/concern.ts'
import { transportNamed } from '../../transports/registry.ts'
import { type Called, hasPlaceholder, isMention, parse, rtbenchArgs } from './check.conformance.ts'
import { type Script, statementsOf } from './script.conformance.ts'
import { simpleCommands } from './shell.conformance.ts'

/** A line of a script, and what becomes of it. */
export interface Step {
  readonly statement: string
  /** Why it is not run; null where it is. */
  readonly heldBack: string | null
  /** Ends only when it is stopped: it is run as in another terminal. */
  readonly endless: boolean
  /** Exit codes that are in order beside 0. */
  readonly codes: readonly number[]
}

export interface PlanOptions {
  readonly root: string
  /** Also what takes minutes. */
  readonly all: boolean
}

/** What a run takes beside its warm-up and its window: processes, connecting, the end. */
const OVERHEAD_MS = 4_000
const MINUTES_MS = 150_000
/** A search asks about so many times. */
const SEARCH_STEPS = 10
const CROWD = 100_000

/** Programs that are not part of the project, and that not every machine has. */
const OTHERS = ['jq', 'nginx', 'zsh', 'fish', 'curl']

/** What is told by an exit code: the statement, and the code. */
const CODES: readonly (readonly [RegExp, readonly number[], string])[] = [
  [/rtbench validate .*mine\.yaml/, [2], 'mine.yaml is the example of what is wrong'],
  [/rtbench doctor/, [1], 'this machine may not be fit for it'],
  [/rtbench (run|capacity|ci)/, [4], 'this machine may be too busy for a valid measurement'],
  [/rtbench advise/, [3], 'no valid result keeps the latency on this machine'],
  [/rtbench capacity/, [3], 'this machine may not keep the limit'],
]

/** The steps of a script. */
export async function stepsOf(script: Script, options: PlanOptions): Promise<readonly Step[]> {
  const steps = statementsOf(script.text).map(async (statement): Promise<Step> => {
    const endless = isEndless(statement)
    const codes = CODES.flatMap(([pattern, more]) => (pattern.test(statement) ? more : []))
    return { statement, heldBack: await reasonOf(script, statement, options), endless, codes }
  })
  return Promise.all(steps)
}

function isEndless(statement: string): boolean {
  if (/&\s*(#.*)?$/.test(statement)) return false
  return simpleCommands(statement).some(
    ({ words }) =>
      rtbenchArgs(words)?.[0] === 'serve' || (words[0] === 'curl' && words[1] === '-N'),
  )
}

async function reasonOf(
  script: Script,
  statement: string,
  { root, all }: PlanOptions,
): Promise<string | null> {
  if (!existsShell(script.shell)) return `needs ${script.shell}`
  if (script.shell === 'bash' && statement.includes('<(rtbench completion zsh)')) {
    return 'is for zsh, as in docs/terminal.md'
  }
  for (const { words, environment } of simpleCommands(statement)) {
    const [program = '', ...rest] = words
    if (OTHERS.includes(program) && !existsShell(program)) return `needs ${program}`
    if (program === 'npm' && rest[1] === 'docs') return 'it is what runs here'
    if (!all && program === 'npm' && rest[0] === 'test') return 'the whole suite: minutes; --all'
    if (!all && program === 'npm' && rest[1] === 'bench') return 'a benchmark: minutes; --all'
    const args = rtbenchArgs(words)
    if (args === null) continue
    if (script.inline && (await isMention(args))) return 'the name of a command'
    if (hasPlaceholder(args)) return 'has a placeholder'
    const called = await parse(args, environment)
    const reason = called === null || all ? null : await longRun(called, root)
    if (reason !== null) return `${reason}; --all`
  }
  return null
}

function existsShell(program: string): boolean {
  return spawnSync('bash', ['-c', `command -v ${program}`]).status === 0
}

/** Why a measurement takes minutes, or much of the machine; null where it does not. */
async function longRun(
  { name, files, options, environment }: Called,
  root: string,
): Promise<string | null> {
  if (options['printConfig'] === true || (name !== 'run' && name !== 'capacity')) return null
  const [file] = files
  const path = file === undefined ? null : join(root, file)
  const layers = [
    flagLayer(name === 'run' ? options : { ...options, threshold: undefined }),
    environmentLayer(environment),
    ...(path !== null && existsSync(path) ? [await readScenarioFile(path)] : []),
  ]
  const { scenario, sweep } = planOf(layers)
  if (scenario.clients >= CROWD) return `${scenario.clients.toLocaleString('en')} clients`
  const points = (name: string): number =>
    sweep !== null && concerns(sweep.key, transportNamed(name)) ? sweep.points.length : 1
  const runs = scenario.transports.reduce((sum, name) => sum + scenario.repeat * points(name), 0)
  const times = name === 'capacity' ? SEARCH_STEPS : runs
  const ms = times * (scenario.warmupMs + scenario.durationMs + OVERHEAD_MS)
  return ms < MINUTES_MS ? null : `some ${Math.ceil(ms / 60_000)} minutes`
}

/** Why a code other than 0 is in order. */
export function excuseOf(statement: string, code: number): string {
  const found = CODES.find(([pattern, codes]) => pattern.test(statement) && codes.includes(code))
  return found?.[2] ?? ''
}
