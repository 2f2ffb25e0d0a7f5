/** Every command that a page, the head of a scenario or a help tells to type can be typed. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { CommanderError } from '@commander-js/extra-typings'
import { planOf } from '../experiment/plan.ts'
import { comparisonReporters } from '../report/comparison-reporters.ts'
import { reporters } from '../report/reporters.ts'
import { environmentLayer, flagLayer, type Layer } from '../scenario/layer.ts'
import { readScenarioFile } from '../scenario/load.ts'
import { workloadOf } from './advise/action.ts'
import { scenariosOf } from './bus/action.ts'
import { capacityWish } from './capacity/action.ts'
import { blockScenario, budgetOf, checkOptions, gateJudgingOf, mostPairsOf } from './ci/options.ts'
import { judgingOf } from './judging.ts'
import { createProgram } from './program.ts'
import { root } from './root.conformance.ts'
import { serverOptions } from './serve/action.ts'

/** Assignments before a command, and its words as a shell has them. */
const COMMAND =
  /(?<=^|[\s(`])((?:\w+=\S+ )*)(?:npx )?rtbench((?:[ \t]+(?:'[^']*'|"[^"]*"|[^\s'"|&;<>()#`])+)+)/gm
/** `FILE…` and `T` stand for what a reader has. */
const PLACEHOLDER = /(?:^|\s)[A-Z]+…?(?=\s|$)/

/** What a text tells to type, in the blocks of a page as in its sentences. */
function commandsOf(text: string): readonly { environment: string; line: string }[] {
  const whole = text.replace(/\\\n\s*/g, ' ').replace(/`[^`\n]+\n[^`\n]+`/g, oneLine)
  return [...whole.matchAll(COMMAND)].map(([, environment = '', line = '']) => ({
    environment,
    line,
  }))
}

function oneLine(inline: string): string {
  return inline.replace(/\s+/g, ' ')
}

function wordsOf(line: string): string[] {
  const words = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? []
  return words.map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'))
}

type Options = Readonly<Record<string, unknown>>

/** What an action would refuse, beyond what the command line does. */
const CHECKS: Readonly<Record<string, (options: Options, below: readonly Layer[]) => unknown>> = {
  run: (options, below) => planOf([flagLayer(options), ...below]),
  bus: (options, below) => scenariosOf([], options, below),
  capacity: (options, below) => capacityWish(options, below),
  ci: (options, below) => {
    checkOptions(options)
    gateJudgingOf(options)
    mostPairsOf(options)
    const { scenario } = planOf([flagLayer({ repeat: options['repeat'] }), ...below])
    budgetOf(options, scenario)
    blockScenario(scenario, options)
  },
  serve: (options) => serverOptions(options, {}),
  report: ({ format }) => known(format, reporters),
  compare: (options) => {
    judgingOf(options)
    known(options['format'], comparisonReporters)
  },
  advise: (options) => workloadOf(options),
}

function known(name: unknown, all: readonly { readonly name: string }[]): void {
  assert.ok(name === undefined || all.some((one) => one.name === name), `--format: ${name}`)
}

/** Parses a command, and starts nothing. @throws what it would be refused for */
async function assertTypable(environment: string, line: string): Promise<void> {
  const program = await createProgram()
  const words = wordsOf(line)
  const silent = { writeOut() {}, writeErr() {}, outputError() {} }
  let check = async (): Promise<void> => {}
  for (const command of program.commands) {
    // In a sentence a command's name is no more than that.
    if (words.length === 1 && words[0] === command.name()) return
    command.exitOverride().configureOutput(silent)
    command.action(() => {
      check = async () => {
        const assigned = wordsOf(environment).map((word) => word.split(/=(.*)/s).slice(0, 2))
        const files = command.args.filter((file) => /^scenarios\/[^*]*\.yaml$/.test(file))
        const own = files.map((file) => join(root, file)).filter((file) => existsSync(file))
        const layers = [
          environmentLayer(Object.fromEntries(assigned)),
          ...(await Promise.all(own.map((file) => readScenarioFile(file)))),
        ]
        CHECKS[command.name()]?.(command.opts(), layers)
      }
    })
  }
  try {
    await program.configureOutput(silent).parseAsync(words, { from: 'user' })
    if (!PLACEHOLDER.test(line)) await check()
  } catch (error) {
    if (!(error instanceof CommanderError && error.exitCode === 0)) throw error
  }
}

async function faultsOf(file: string, text: string): Promise<readonly string[]> {
  const faults: string[] = []
  for (const { environment, line } of commandsOf(text)) {
    await assertTypable(environment, line).catch((error: Error) => {
      faults.push(`${file}: rtbench${line}: ${error.message}`)
    })
  }
  return faults
}

/** Of every page, of every scenario's head and of every command's help. */
async function documents(): Promise<readonly (readonly [string, string])[]> {
  const folders = ['.', 'docs', 'docs/decisions', 'results', 'scenarios', 'scenarios/ci']
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name)),
  )
  const { commands } = await createProgram()
  const helps = commands.map((command) => {
    let help = ''
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
    const examples = help.matchAll(/^ {2}\$ (.*?)(?: {2,}\S.*)?$/gm)
    return [`help ${command.name()}`, [...examples].map(([, line]) => line).join('\n')] as const
  })
  const texts = files.flatMap((file) => {
    const text = /\.(?:md|yaml)$/.test(file) ? readFileSync(join(root, file), 'utf8') : ''
    if (file.endsWith('.yaml')) return [[file, text.match(/^# {5}\S.*$/gm)?.join('\n') ?? '']]
    const blocks = text.match(/^```.*?^```/gms) ?? []
    const typed = blocks.map((block) => {
      // What a block answers is no command.
      if (block.startsWith('```console')) return block.match(/^\$ (?:.*\\\n)*.*$/gm)?.join('\n')
      return /^```(?:sh|bash|zsh|fish)\n/.test(block) ? block : ''
    })
    typed.push(...(text.replace(/^```.*?^```/gms, '').match(/`[^`]+`/g) ?? []))
    return [[file, typed.join('\n')]]
  }) as readonly (readonly [string, string])[]
  return [...texts, ...helps]
}

test('every documented command can be typed', async () => {
  const all = await documents()
  for (const file of ['README.md', 'docs/ci.md', 'scenarios/broadcast.yaml', 'help run']) {
    const text = all.find(([name]) => name === file)?.[1] ?? ''
    assert.ok(commandsOf(text).length > 0, `nothing was found in ${file}`)
  }
  const faults = await Promise.all(all.map(([file, text]) => faultsOf(file, text)))
  assert.deepEqual(faults.flat(), [])
})

for (const [command, what] of [
  ['rtbench rnu', /unknown command 'rnu'/],
  ['npx rtbench run --cleints 5', /unknown option '--cleints'/],
  ['one `npx rtbench run\n--cleints 5` two', /unknown option '--cleints'/],
  ['rtbench run --transport', /argument missing/],
  ['rtbench run --transport \\\n  ssee', /did you mean sse/],
  ['rtbench run --duration 10', /--duration/],
  ['true | RTBENCH_HOLD=x rtbench run --seed 1', /RTBENCH_HOLD/],
  ['cat <(rtbench run --sweep clients=2)', /sweep/],
  ["rtbench capacity --transport sse --limit 'p99<100'", /--limit/],
  ['rtbench ci scenarios/ci/*.yaml --only deterministc', /--only/],
  ['rtbench ci a.yaml --against main --budget soon', /--budget/],
  ['rtbench ci a.yaml --against main --block 2', /--block/],
  ['rtbench ci a.yaml --budget 5m', /--budget: only together with --against/],
  ['rtbench ci a.yaml --against main --judge p98', /--judge: "p98" is no figure/],
  ['rtbench compare a.json b.json --judge lost', /--judge: "lost" is no figure/],
  ['rtbench compare a.json b.json --only times', /--only/],
  ['rtbench serve --port 0 && rtbench serve --port 70000', /--port/],
  ['rtbench report result.json --format tabel', /--format/],
  ['rtbench compare before.json', /missing required argument/],
  ['rtbench advise result.json --users 5 --rate 1 --latency fast', /--latency/],
] as const) {
  test(`a mistake is found: ${command}`, async () => {
    assert.match((await faultsOf('page.md', command)).join('\n'), what)
  })
}

test('the files that the pages on the house and on conformance name are there', () => {
  const read = (name: string): string => readFileSync(join(root, 'docs', name), 'utf8')
  const page = read('conformance.md') + read('architecture.md')
  const named = [...page.matchAll(/`(?:src\/)?([\w./-]+\.ts)`/g)].map(([, file = '']) => file)
  assert.ok(named.length > 100)
  const isThere = (file: string): boolean => existsSync(join(root, 'src', file))
  assert.deepEqual(
    [...new Set(named)].filter((file) => !isThere(file)),
    [],
  )
})
