/** Histories of runs, judged on the command line. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { assertRefused, Command, folder, run, start } from './command.conformance.ts'
import { root } from './root.conformance.ts'

const LOAD = [
  ...['run', '--transport', 'sse', '--clients', '10', '--channels', '2', '--rate', '20'],
  ...['--duration', '2s', '--warmup', '200ms', '--no-save', '--quiet', '--allow-invalid'],
  ...['--seed', '5'],
]
/** A run that was disrupted, and kept the law. */
const KEPT = 'kept.jsonl'

type Line = Readonly<Record<string, unknown>>

function linesOf(name: string): readonly Line[] {
  const text = readFileSync(join(folder, name), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

/** Another history, made of the one that is fine. */
function edited(name: string, edit: (lines: readonly Line[]) => readonly Line[]): string {
  const text = edit(linesOf(KEPT)).map((line) => `${JSON.stringify(line)}\n`)
  writeFileSync(join(folder, name), text.join(''))
  return name
}

/** The place of a delivery in the middle of the run. */
function somewhere(lines: readonly Line[]): number {
  const places = lines.flatMap(({ is }, at) => (is === 'delivery' ? [at] : []))
  return places[places.length >> 1] ?? 0
}

describe('a history on the command line', { concurrency: 2 }, () => {
  before(async () => {
    const args = [...LOAD, '--disrupt', 'cut=50%@1s', '--history', KEPT]
    const command = new Command(args, folder)
    const { code, stderr } = await command.ended
    await command.gone()
    assert.deepEqual([code, stderr], [0, ''])
  })

  it('of a run that kept the law passes', async (context) => {
    const { code, stdout, stderr } = await run(context, ['audit', KEPT])
    assert.deepEqual([code, stderr], [0, ''])
    const [title, happened, owed, agreed] = stdout.trimEnd().split('\n')
    assert.equal(title, `${KEPT}: sse #1: the law was kept`)
    assert.match(happened ?? '', /^ {2}10 clients, \d+ events acknowledged, .*1 disruption$/)
    const [, all, came] = /^ {2}owed ([\d,]+): ([\d,]+) came$/.exec(owed ?? '') ?? []
    assert.ok(all !== undefined && all === came, owed)
    assert.equal(agreed, '  the run counted the same')
  })

  const plants: readonly (readonly [
    string,
    string,
    (lines: readonly Line[]) => readonly Line[],
  ])[] = [
    ['lost', 'missing', (lines) => lines.toSpliced(somewhere(lines), 1)],
    [
      'duplicate',
      'duplicates',
      (lines) => {
        const at = somewhere(lines)
        return lines.toSpliced(at, 0, lines[at] ?? {})
      },
    ],
  ]
  for (const [kind, figure, plant] of plants) {
    it(`has a violation planted in it, which is found: ${kind}`, async (context) => {
      const name = edited(`${kind}.jsonl`, plant)
      const planted = linesOf(KEPT)[somewhere(linesOf(KEPT))]
      const { code, stdout } = await run(context, ['audit', name])
      assert.equal(code, 5)
      assert.match(stdout, /sse #1: 1 violation of the law\n/)
      assert.match(
        stdout,
        new RegExp(`\n {2}${kind} 1\n {4}line \\d+: client ${planted?.['client']},`),
      )
      assert.match(stdout, new RegExp(`event ${planted?.['sequence']} `))
      assert.match(stdout, new RegExp(`the run counted ${figure} 0, and its history has 1\n`))

      const told = await run(context, ['audit', '--json', KEPT, name])
      assert.equal(told.code, 5)
      const [one, other] = JSON.parse(told.stdout)
      assert.equal(one.runs[0].violations[kind], 0)
      assert.equal(other.runs[0].violations[kind], 1)
      assert.equal(other.runs[0].examples[0].sequence, planted?.['sequence'])
    })
  }

  it('is cut off in the middle of a line: the rest is judged, and it is said', async (context) => {
    const whole = readFileSync(join(folder, KEPT))
    writeFileSync(join(folder, 'torn.jsonl'), whole.subarray(0, whole.length - 200))
    const { code, stdout } = await run(context, ['audit', 'torn.jsonl'])
    assert.equal(code, 0)
    assert.match(stdout, /the run has no end here/)
    assert.match(stdout, /torn\.jsonl:\d+: is cut off: the run was killed; left out/)
  })

  it('is none, or cannot be read: one line says so', async (context) => {
    writeFileSync(join(folder, 'nonsense.jsonl'), 'nonsense\n')
    writeFileSync(join(folder, 'none.jsonl'), '')
    const lines = linesOf(KEPT)
    edited('broken.jsonl', (all) => all.toSpliced(3, 0, { is: 'delivery', client: 'x' }))
    for (const [name, problem] of [
      ['nonsense.jsonl', /nonsense\.jsonl:1: is no history: is no JSON/],
      ['none.jsonl', /there is no run in it/],
      ['broken.jsonl', /broken\.jsonl:4: delivery\.client is not a whole number/],
      ['absent.jsonl', /absent\.jsonl: .*ENOENT/],
      ['.', /is no file/],
    ] as const) {
      assertRefused(await run(context, ['audit', name]), 1, problem)
    }
    assert.ok(lines.length > 100)
    assertRefused(await run(context, ['audit', KEPT, '--examples', 'x']), 2, /--examples/)
  })

  it('is told to a pipe that closes: nobody is troubled', () => {
    edited('many.jsonl', (lines) => lines.filter(({ is }) => is !== 'delivery'))
    const audit = `'${process.execPath}' '${join(root, 'bin', 'rtbench.js')}' audit many.jsonl --examples 9999`
    const line = `${audit} --json | head -1; echo "\${PIPESTATUS[0]}"`
    const { stdout, stderr } = spawnSync('bash', ['-c', line], { cwd: folder, encoding: 'utf8' })
    assert.deepEqual([stdout.split('\n')[0], stderr], ['{', ''])
    assert.match(stdout, /\n(0|5)\n$/)
  })

  it('of a run that never had load says that nothing was judged, and does not pass', async (context) => {
    const args = [...LOAD, '--url', 'http://127.0.0.1:1', '--history', 'early.jsonl']
    const failed = await run(context, args)
    assert.equal(failed.code, 1)
    assert.match(failed.stderr, /early\.jsonl: .*nothing was judged/)
    const { code, stdout } = await run(context, ['audit', 'early.jsonl'])
    assert.deepEqual([code, stdout.split('\n').length], [4, 2])
    assert.match(stdout, /nothing was judged: the run ended before an event was published/)
  })

  it('shows what its run did not mind: the run ends with 5', async (context) => {
    const server = start(context, ['serve', '--port', '0', '--fault', 'drop=1/4', '--seed', '2'])
    const [, url = ''] = await server.says(/serves on (http:\/\/127\.0\.0\.1:\d+):/)
    const { code, stderr } = await run(context, [
      ...LOAD,
      '--url',
      url,
      '--history',
      'dropped.jsonl',
    ])
    assert.equal(code, 5)
    assert.match(stderr, /dropped\.jsonl: sse #1: \d+ violations of the law\n/)
    assert.match(stderr, / {2}lost \d+\n/)
    assert.match(stderr, /the run counted the same/)
  })
})
