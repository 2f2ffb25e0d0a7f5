import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Result, Run } from '../result/document.ts'
import { assertRefused, folder, parseResult, run, start } from './command.conformance.ts'
import { runResident } from './resident.conformance.ts'

const small = [
  '--clients',
  '5',
  '--rate',
  '5',
  '--duration',
  '800ms',
  '--warmup',
  '0',
  '--seed',
  '1',
]
const bySmall = ['run', ...small, '--allow-invalid']

/** By arithmetic: of the requests that an interval of 50 ms or 200 ms makes; of streams there is nothing to be asked. */
function shareOf({ transport, point, exchanges }: Run): number {
  if (transport !== 'short-poll') return 1
  return (exchanges.requestsPerClientPerDay ?? 0) / (86_400_000 / (point ?? 0))
}

/** The other value would be four times as much, or a quarter, which with the same allowance is below 0.4. */
function isNear(share: number): boolean {
  return share > 0.4 && share < 1.5
}

describe('run --sweep', { concurrency: 2 }, () => {
  it('goes on after a value that cannot be measured', async (context) => {
    const server = start(context, ['serve', '--port', '0', '--hold', '1s'])
    const [, url = ''] = await server.says(/serves on (http:\/\/127\.0\.0\.1:\d+):/)
    const args = ['--url', url, '--transport', 'long-poll,sse', '--sweep', 'hold=500ms,1s,2s']
    const { code, stdout, stderr } = await run(context, [
      ...[...bySmall, ...args, '--repeat', '2'],
      ...['--out', 'halves', '--json', '--quiet'],
    ])
    assert.equal(code, 5, stderr)
    const lines = stderr.trimEnd().split('\n')
    assert.equal(lines.length, 1, stderr)
    // Who may hold for longer is asked for less.
    assert.match(
      lines[0] ?? '',
      /^rtbench: long-poll at hold=2s #1 could not be measured: \S+ holds long polls for 1s, and/,
    )
    const result = parseResult(stdout)
    assert.deepEqual(
      result.runs.map(({ transport, point, repetition }) => [repetition, transport, point]),
      [
        [1, 'long-poll', 500],
        [1, 'sse', null],
        [1, 'long-poll', 1000],
        [2, 'long-poll', 1000],
        [2, 'sse', null],
        [2, 'long-poll', 500],
      ],
    )
    assert.deepEqual(
      result.missing.map(({ point, repetition, reason }) => [
        repetition,
        point,
        reason.slice(0, 9),
      ]),
      [
        [1, 2000, '127.0.0.1'],
        [2, 2000, 'failed at'],
      ],
    )
    const [saved = ''] = readdirSync(join(folder, 'halves')).sort()
    assert.deepEqual(parseResult(readFileSync(join(folder, 'halves', saved), 'utf8')), result)
  })

  it('measures each value, and once what it does not concern', async (context) => {
    const sweep = ['--transport', 'short-poll,sse', '--sweep', 'interval=50ms,200ms']
    const measure = async (attempts: number): Promise<{ stderr: string; result: Result }> => {
      const { code, stdout, stderr } = await run(context, [...bySmall, ...sweep, '--json'])
      assert.equal(code, 0, stderr)
      const result = parseResult(stdout)
      // A machine that had no time for a window as short as this leaves slots out; a wrong interval does each time.
      const isOff = result.runs.some((run) => !isNear(shareOf(run)))
      return isOff && attempts > 1 ? measure(attempts - 1) : { stderr, result }
    }
    const { stderr, result } = await measure(5)
    assert.deepEqual(result.sweep, { key: 'interval', unit: 'ms', values: [50, 200] })
    assert.deepEqual(
      result.runs.map(({ transport, point, repetition }) => [repetition, transport, point]),
      [
        [1, 'short-poll', 50],
        [1, 'sse', null],
        [1, 'short-poll', 200],
      ],
    )
    for (const one of result.runs) {
      const { validity, exchanges } = one
      assert.ok(
        isNear(shareOf(one)),
        JSON.stringify([one.point, shareOf(one), validity, exchanges]),
      )
    }
    assert.match(stderr, /^run 1 of 3 {2}short-poll at interval=50ms /m)
    const [saved = ''] = readdirSync(join(folder, 'results')).sort()
    assert.match(saved, /-sweep-interval\.json$/)
    const page = readFileSync(join(folder, 'results', saved.replace('.json', '.md')), 'utf8')
    assert.match(page, /\| Short polling \| 50 ms \|/)
    assert.match(page, /--sweep interval=50ms,200ms/)
  })

  it('holds each value against the thresholds', async (context) => {
    const args = ['--transport', 'short-poll', '--sweep', 'interval=20ms,1s', '--no-save']
    const { code, stdout, stderr } = await run(context, [
      ...bySmall,
      ...args,
      ...['--threshold', 'p50<100ms', '--quiet'],
    ])
    assert.equal(code, 3, stderr)
    assert.match(
      stderr,
      /^rtbench: threshold p50<100ms missed by short-poll at interval=1s #1: is (?:[\d.]+ to )?[\d.]+ ms$/m,
    )
    // On a machine that is busy it may be that nobody can tell.
    assert.doesNotMatch(stderr, /missed by short-poll at interval=20ms/)
    assert.match(stdout, /Short polling +│ +20 ms/)
  })

  it('keeps what was measured before Ctrl-C, and says what is missing', async (context) => {
    const args = ['--transport', 'sse', '--sweep', 'rate=1,5', '--json', '--no-save']
    const command = start(context, ['run', '--clients', '3', '--duration', '1s', ...args])
    await command.says(/run 2 of 2 {2}sse at rate=5 {2}ramp-up/)
    command.signal('SIGINT')
    const { code, stdout, stderr } = await command.ended
    await command.gone()
    assert.equal(code, 130, stderr)
    const { runs, missing } = parseResult(stdout)
    assert.deepEqual([runs[0]?.point, runs[0]?.interrupted], [1, false])
    assert.equal(runs.length + missing.length, 2)
    for (const { point } of [...runs.slice(1), ...missing]) assert.equal(point, 5)
  })

  it('names the value that the machine cannot carry, before anything is started', async () => {
    const args = ['--transport', 'sse', '--workers', '1', '--sweep', 'clients=5,9M']
    assertRefused(
      await runResident(['run', ...args]),
      2,
      /--workers 1 cannot hold 9,000,000 clients: .* \(at clients=9000000\)/,
    )
  })

  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['--sweep', 'interval=500'], /--sweep: a single value for interval; expected at least two/],
    [['--sweep', 'interval=500,1s'], /--sweep: 500 has no unit; expected a duration from 1ms/],
    [['--sweep', 'rate=1,2', '--rate', '1'], /--rate: is swept, too, by --sweep; expected one of/],
    [
      ['--sweep', 'interval=1s,2s', '--transport', 'sse'],
      /--sweep: interval changes nothing for sse;/,
    ],
  ]
  for (const [args, line] of wrong) {
    it(`refuses ${args.join(' ')} before any traffic`, async () => {
      assertRefused(await runResident(['run', ...args]), 2, line)
    })
  }

  it('is no part of a search', async () => {
    writeFileSync(
      join(folder, 'swept.yaml'),
      'sweep: rate=1,2\ntransport: sse\nthreshold: lost==0\n',
    )
    assertRefused(
      await runResident(['capacity', 'swept.yaml']),
      2,
      /swept\.yaml:1:8 sweep: a search has no sweep; expected none, or rtbench run --sweep/,
    )
    const refused = await runResident(['capacity', '--sweep', 'rate=1,2', '--transport', 'sse'])
    assertRefused(refused, 2, /--sweep: a search has no sweep; expected none, or/)
    const none = ['capacity', 'swept.yaml', '--sweep', 'none', '--print-config']
    const { code, stdout } = await runResident(none)
    assert.equal(code, 0)
    assert.doesNotMatch(stdout, /rate=|sweep/)
    assert.doesNotMatch((await runResident(['capacity', '--help'])).stdout, /sweep/)
  })
})
