import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import type { Run } from '../result/document.ts'
import { transports } from '../transports/registry.ts'
import {
  assertRefused,
  folder,
  lastOfEach,
  parseResult,
  run,
  start,
} from './command.conformance.ts'
import { root } from './root.conformance.ts'

const small = [
  '--clients',
  '20',
  '--duration',
  '1s',
  '--warmup',
  '200ms',
  '--rate',
  '10',
  '--seed',
  '3',
]
const quick = ['run', ...small, '--interval', '100ms', '--allow-invalid']

function assertExact({ delivery, clients, validity }: Run): void {
  const { expected, delivered, lost, duplicates, outOfOrder, foreign, misrouted, reach } = delivery
  assert.ok(expected > 0)
  assert.deepEqual([delivered, reach], [expected, 1])
  assert.deepEqual([lost, duplicates, outOfOrder, foreign, misrouted], [0, 0, 0, 0, 0])
  assert.deepEqual([clients.connected, clients.failed], [clients.requested, 0])
  assert.ok(!validity.reasons.some(({ code }) => code === 'accounting'))
}

describe('run', { concurrency: 2 }, () => {
  it('measures all transports of a scenario, prints one document and saves it', async (context) => {
    const out = join(folder, 'new', 'results')
    const scenario = join(root, 'scenarios', 'ci-smoke.yaml')
    const { code, stdout, stderr } = await run(
      context,
      ['run', scenario, '--json', '--allow-invalid', '--duration', '1s', '--clients', '60'],
      { RTBENCH_OUT: out },
    )
    assert.equal(code, 0, stderr)
    const result = parseResult(stdout)
    assert.deepEqual(
      result.runs.map(({ transport }) => transport),
      transports.map(({ name }) => name),
    )
    assert.ok(result.runs.some(({ spent }) => spent))
    for (const run of result.runs) {
      assertExact(run)
      const { exchanges, latency, clients, timeline, server } = run
      const { hasExchanges } = transports.find(({ name }) => name === run.transport) ?? {}
      assert.equal(exchanges.emptyRatio !== null, hasExchanges)
      assert.equal(latency.count, run.delivery.delivered)
      const held = clients.held.max ?? Number.NaN
      if (run.transport === 'short-poll') assert.equal(held, 0)
      // A poll that is being answered at that moment is not held.
      else if (hasExchanges === true) assert.ok(held >= 30 && held <= 60, `${held} held`)
      else assert.equal(held, 60)
      assert.equal(timeline.length, 1)
      assert.ok((server?.totalCpuUsPerDelivery ?? 0) > 0)
      // Null where a busy machine read the edges of the window apart.
      if (run.spent) {
        const parts = Object.values(run.spent)
        const mean = parts.reduce((sum, part) => sum + part, 0)
        assert.ok(parts.length === 4 && Math.abs(mean - (latency.meanUs ?? 0)) <= 0.3, `${parts}`)
      }
      assert.equal(run.probe, null)
      assert.deepEqual([run.partial, run.interrupted], [false, false])
    }
    // Progress and the names of the files, and neither on stdout.
    assert.match(stderr, /seed 1; /)
    assert.match(stderr, /run 4 of 4 {2}websocket {2}steady/)
    const names = readdirSync(out).sort()
    assert.equal(names.length, 3, String(names))
    const [jsonName = '', markdownName = '', pictureName = ''] = names
    assert.match(jsonName, /^\d{4}-[\w-]+Z-ci-smoke\.json$/)
    assert.equal(markdownName, jsonName.replace(/json$/, 'md'))
    assert.deepEqual(parseResult(readFileSync(join(out, jsonName), 'utf8')), result)
    const page = readFileSync(join(out, markdownName), 'utf8')
    assert.match(page, /\| Server-Sent Events \|/)
    assert.equal(pictureName, jsonName.replace(/json$/, 'svg'))
    assert.ok(page.includes(`(${pictureName})`))
    assert.match(
      readFileSync(join(out, pictureName), 'utf8'),
      /^<svg [\s\S]*>WebSocket[^<]*<\/text>/,
    )
    assert.ok(stderr.includes(jsonName))
  })

  it('accounts exactly over several workers and instances, and misses a threshold', async (context) => {
    const { code, stdout, stderr } = await run(context, [
      ...[...quick, '--transport', 'sse,long-poll', '--workers', '2', '--instances', '2'],
      ...['--channels', '3', '--json', '--no-save', '--quiet'],
      ...['--threshold', 'lost==0', '--threshold', 'p50>10s'],
    ])
    assert.equal(code, 3, stderr)
    const { runs } = parseResult(stdout)
    for (const run of runs) {
      assertExact(run)
      assert.deepEqual([run.generator.workers, run.server?.instances], [2, 2])
      // Three channels of 7, 7 and 6 clients: more deliveries than events.
      assert.ok(run.delivery.expected > 6 * run.delivery.published * 0.9)
    }
    assert.match(
      stderr,
      /^(rtbench: threshold p50>10s missed by (sse|long-poll) #1: is \d[^\n]*\n){2}$/,
    )
    assert.equal(readdirSync(folder).includes('results'), false)
  })

  it('repeats in a rotating order, each round by a seed of its own', async (context) => {
    const args = [
      ...[...quick, '--transport', 'sse,websocket', '--repeat', '2', '--seed', '7'],
      ...['--duration', '300ms', '--warmup', '0'],
      ...['--json', '--no-save', '--quiet'],
    ]
    const { stdout, stderr } = await run(context, lastOfEach(args))
    const { scenario, runs } = parseResult(stdout)
    assert.deepEqual(
      runs.map(({ transport, repetition, seed }) => [transport, repetition, seed]),
      [
        ['sse', 1, 7],
        ['websocket', 1, 7],
        ['websocket', 2, 8],
        ['sse', 2, 8],
      ],
      stderr,
    )
    assert.equal(scenario.seed, 7)
    for (const { host } of runs) assert.ok((host.echoUs ?? 0) > 0 && (host.echoCpuUs ?? 0) > 0)
  })

  it('measures nothing that could not be saved', async (context) => {
    const out = join(folder, 'a-file')
    writeFileSync(out, 'an old file')
    // There is no server: it would be exit 1 with another line.
    const args = [...quick, '--url', 'http://127.0.0.1:9', '--out']
    for (const place of [out, join(out, 'results'), '/proc/results']) {
      if (place.startsWith('/proc') && process.platform !== 'linux') continue
      const refused =
        /^rtbench: --out: \S+ cannot be written: [^\n]+; name another folder by --out$/m
      assertRefused(await run(context, [...args, place]), 2, refused)
    }
    assert.equal(readFileSync(out, 'utf8'), 'an old file')
    // A trial leaves nothing behind.
    assert.equal((await run(context, [...args, join(folder, 'never')])).code, 1)
    assert.equal(existsSync(join(folder, 'never')), false)
  })

  it('prints what it cannot save', async (context) => {
    const out = join(folder, 'taken')
    const args = [...quick, '--transport', 'websocket', '--out', join(out, 'results')]
    const command = start(context, [...args, '--threshold', 'p50>10s'])
    await command.says(/steady/)
    writeFileSync(out, 'an old file')
    const { code, stdout, stderr } = await command.ended
    assert.equal(code, 6, stderr)
    assert.match(stdout, /^Push latency p50 /m)
    assert.match(stderr, /^rtbench: .*taken.*$/m)
    assert.match(stderr, /threshold p50>10s missed/)
    assert.equal(readFileSync(out, 'utf8'), 'an old file')
  })

  it('takes a reader that has seen enough for no error, and saves all the same', async (context) => {
    mkdirSync(join(folder, 'piped'))
    const bin = join(root, 'bin', 'rtbench.js')
    const words = [process.execPath, bin, ...quick, '--transport', 'sse', '--quiet']
    const line = `${words.map((word) => `'${word}'`).join(' ')} --out piped | head -1`
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', line], {
      cwd: folder,
      signal: context.signal,
    })
    assert.match(stdout, /^[A-Z][^\n]+\n$/)
    assert.equal(stderr, '')
    assert.equal(readdirSync(join(folder, 'piped')).length, 3)
  })
})
