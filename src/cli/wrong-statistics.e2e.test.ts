import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { ServerStatistics } from '../server/statistics.ts'
import { assertRefused, parseResult, run, start } from './command.conformance.ts'
import { type Distort, statsProxy } from './stats-proxy.conformance.ts'

const measured = [
  'run',
  '--transport',
  'sse',
  '--clients',
  '20',
  '--rate',
  '10',
  '--warmup',
  '100ms',
]
const quick = [...measured, '--duration', '1s', '--no-save', '--quiet', '--json']

/** A run against a server that says such things of itself. */
async function runAgainst(context: TestContext, distort: Distort) {
  const server = start(context, ['serve', '--port', '0'])
  const [, port = ''] = await server.says(/serves on http:\/\/127\.0\.0\.1:(\d+):/)
  const url = await statsProxy(context, Number(port), distort)
  return run(context, [...quick, '--url', url])
}

/** Of the first answer, which is read before anything is measured. */
const atOnce: readonly (readonly [string, (told: ServerStatistics) => unknown, RegExp])[] = [
  ['nothing but its name', () => ({ server: 'rtbench' }), /upMs: expected number/],
  ['no transport', (told) => ({ ...told, transports: null }), /transports: expected record/],
  [
    'not the transport that is measured',
    (told) => ({ ...told, transports: { websocket: told.transports['websocket'] } }),
    /transports\.sse: missing/,
  ],
  [
    'CPU time below zero',
    (told) => ({ ...told, cpu: { userUs: -5, systemUs: -1e300 } }),
    /cpu\.userUs: expected number to be >=0, found -5/,
  ],
]

/** Of every answer after the first. */
const later: readonly (readonly [string, Distort, RegExp])[] = [
  ['nothing but its name', () => '{"server":"rtbench"}', /upMs: expected number/],
  [
    'another process each time',
    (told, asked) => JSON.stringify({ ...told, pid: 1_000 + asked }),
    /do several processes answer at one address\?/,
  ],
  [
    'a time that goes back',
    (told, asked) => JSON.stringify({ ...told, upMs: 1e6 - asked * 1_000 }),
    /upMs: went from \d+ to \d+/,
  ],
  [
    'more CPU time than any machine has',
    (told, asked) => JSON.stringify({ ...told, cpu: { userUs: asked * 1e13, systemUs: 0 } }),
    /cpu: \d+ ms of processor time within/,
  ],
]

describe('a server whose statistics are wrong', { concurrency: 2 }, () => {
  for (const [name, change, line] of atOnce) {
    it(`is refused in one line: ${name}`, async (context) => {
      const ended = await runAgainst(context, (told) => JSON.stringify(change(told)))
      assertRefused(ended, 1, /tells wrong statistics .*; is it an rtbench of another version\?$/m)
      assert.match(ended.stderr, line)
    })
  }

  for (const [name, distort, line] of later) {
    it(`is measured all the same, and not believed: ${name}`, async (context) => {
      const { code, stdout, stderr } = await runAgainst(context, (told, asked) =>
        asked === 1 && name !== 'a time that goes back'
          ? JSON.stringify(told)
          : distort(told, asked),
      )
      assert.ok(code === 0 || code === 4, stderr)
      const [measured] = parseResult(stdout).runs
      assert.ok(measured !== undefined)
      const reason = measured.validity.reasons.find(({ code }) => code === 'server-statistics')
      assert.match(reason?.message ?? '', line)
      assert.ok(measured.delivery.delivered > 150)
      assert.deepEqual(
        [measured.server?.cpuUsPerDelivery ?? null, measured.server?.cpuUtilisation ?? null],
        [null, null],
      )
      for (const { serverCpuUtilisation } of measured.timeline)
        assert.equal(serverCpuUtilisation, null)
    })
  }

  it('is measured when it falls silent', async (context) => {
    const { code, stdout, stderr } = await runAgainst(context, (told, asked) =>
      asked === 1 ? JSON.stringify(told) : null,
    )
    assert.ok(code === 0 || code === 4, stderr)
    const codes = parseResult(stdout).runs[0]?.validity.reasons.map((reason) => reason.code) ?? []
    assert.ok(codes.includes('server-silent') && !codes.includes('server-statistics'))
  })
})

describe("a server whose clock is not this machine's", { concurrency: 2 }, () => {
  for (const [direction, seconds] of [
    ['behind', -1],
    ['ahead of', 1],
  ] as const) {
    it(`is named where it is ${direction} it, and its stamps are not read`, async (context) => {
      const shift = `const now = process.hrtime; process.hrtime = Object.assign(() => {
        const [s, ns] = now(); return [s + ${seconds}, ns] }, now)`
      const preload = `data:text/javascript,${encodeURIComponent(shift)}`
      const server = start(context, ['serve', '--port', '0'], {
        NODE_OPTIONS: `--import ${preload}`,
      })
      const [, url = ''] = await server.says(/serves on (http:\/\/127\.0\.0\.1:\d+):/)
      const { stdout, stderr } = await run(context, [...quick, '--url', url])
      const [measured] = parseResult(stdout).runs
      assert.ok(measured !== undefined, stderr)
      const reason = measured.validity.reasons.find(({ code }) => code === 'clock-offset')
      assert.match(reason?.message ?? '', new RegExp(`clock is (.* or more )?${direction} this`))
      assert.deepEqual([measured.serviceLatency, measured.spent], [null, null])
      assert.ok((measured.latency.p50Us ?? 0) < 500_000)
    })
  }
})
