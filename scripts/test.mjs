/**
 * Runs the built tests in three stages, and sums them up once:
 *
 * - `unit` (`*.test.js`), many files a process and the processes side by side;
 * - `e2e` (`*.e2e.test.js`), which start the program, as many side by side as there are processors;
 * - `oracle` (`*.oracle.test.js`), which hold figures to a truth and want the machine for themselves.
 *
 * `node scripts/test.mjs [unit|e2e|oracle]... [part of a file's path]...`
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { Readable } from 'node:stream'
import { run } from 'node:test'
import { spec, tap } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'

const STAGES = ['unit', 'e2e', 'oracle']
const LONGEST_MS = 480_000
/** Some more than processors, so that the longest is not what all wait for. */
const BATCHES_A_PROCESSOR = 3
/**
 * What would be waited for at the end if it did not begin first: those that judge times, beside two that
 * do little but wait, and then by length.
 */
const LONGEST_FIRST = [
  ...[
    'ci/pair-times',
    'ci/times',
    'init/action',
    'advise',
    'nothing-',
    'ci/pair',
    'interruption',
    'ci/command',
  ],
  ...['browser', 'sweep', 'index', 'cli/run', 'serve', 'capacity'],
]
/**
 * Where the compiler should see nothing else: what they repeat most takes seven times as long beside
 * others. And one that adds to the registry of transports.
 */
const ALONE = [
  'report/fifth-transport',
  'report/hostile',
  'long-poll/holds',
  'cli/schema/schema.test',
  'compare/synthetic',
  'gate/synthetic',
]

const dist = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist')
const batches = join(dist, '.batches')
const args = process.argv.slice(2)
const stages = STAGES.filter((stage) => args.includes(stage))
const parts = args.filter((arg) => !STAGES.includes(arg))
const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter(
  (file) =>
    file.endsWith('.test.js') && (parts.length === 0 || parts.some((part) => file.includes(part))),
)

function stageOf(file) {
  return /\.(e2e|oracle)\.test\.js$/.exec(file)?.[1] ?? 'unit'
}

/** Files that import the others: a process for each file would take longer to start than to test. */
function batched(files) {
  rmSync(batches, { recursive: true, force: true })
  mkdirSync(batches)
  const isAlone = (file) => ALONE.some((name) => file.includes(name))
  const together = files.filter((file) => !isAlone(file))
  const count = Math.min(together.length, BATCHES_A_PROCESSOR * availableParallelism())
  const imports = Array.from({ length: count }, (_, batch) => {
    const own = together.filter((_, index) => index % count === batch)
    const path = join(batches, `${batch + 1}.test.js`)
    const lines = own.map((file) => `import ${JSON.stringify(join('..', file))}\n`)
    writeFileSync(path, lines.join(''))
    return path
  })
  return [...files.filter(isAlone).map((file) => join(dist, file)), ...imports]
}

function rank(file) {
  const at = LONGEST_FIRST.findIndex((name) => file.includes(name))
  return at < 0 ? LONGEST_FIRST.length : at
}

function eventsOf(stage) {
  const own = files.filter((file) => stageOf(file) === stage)
  const paths =
    stage === 'unit'
      ? batched(own)
      : own.sort((one, other) => rank(one) - rank(other)).map((file) => join(dist, file))
  const processors = availableParallelism()
  const concurrency = { unit: processors, e2e: processors, oracle: 1 }[stage]
  return paths.length === 0 ? [] : run({ files: paths, concurrency, timeout: LONGEST_MS })
}

const COUNT = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/

/** The stages' events as those of one run: numbered on, and summed up at the end. */
async function* allEvents() {
  const counts = new Map()
  let number = 0
  for (const stage of stages.length > 0 ? stages : STAGES) {
    const before = number
    for await (const event of eventsOf(stage)) {
      const { type, data } = event
      if (data?.nesting === 0) {
        if (type === 'test:plan') continue
        const count = type === 'test:diagnostic' ? COUNT.exec(data.message) : null
        if (count !== null) {
          counts.set(count[1], (counts.get(count[1]) ?? 0) + Number(count[2]))
          continue
        }
        if (data.testNumber !== undefined) {
          data.testNumber += before
          number = Math.max(number, data.testNumber)
        }
      }
      if (type === 'test:fail' && !data.todo) process.exitCode = 1
      if (type !== 'test:summary') yield event
    }
  }
  yield { type: 'test:plan', data: { nesting: 0, count: number } }
  for (const [name, sum] of counts) {
    yield {
      type: 'test:diagnostic',
      data: { nesting: 0, message: `${name} ${sum}`, level: 'info' },
    }
  }
  if (number === 0) {
    process.stderr.write(`no tests: ${relative('', dist)} has none of ${args.join(' ')}\n`)
    process.exitCode = 1
  }
}

process.once('exit', () => rmSync(batches, { recursive: true, force: true }))
const reporter = process.stdout.isTTY ? new spec() : tap
Readable.from(allEvents()).compose(reporter).pipe(process.stdout)
