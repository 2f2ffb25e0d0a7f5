import assert from 'node:assert/strict'
import { before, describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { NS_PER_MS, nowNs } from '../../measure/clock.ts'
import { prepareHistograms } from '../../measure/histogram.ts'
import type { LatencySummary, Run } from '../../result/document.ts'
import { parseResult, start } from '../command.conformance.ts'
import { assertComplete, measure, ownServer, percentileMs } from './own-server.conformance.ts'

const WINDOW_MS = 10_000
const STALL_MS = 5_000
/** Of the stall: what may be missing of it, and what a busy machine may add while it catches up. */
const MISSING = 0.02
const ADDED = 0.1

/**
 * From the window's beginning. Its place in the window does not matter, so that each test has
 * another one: servers that go on at the same time would stand in each other's way.
 */
const STALL_STARTS_MS = [500, 1_500, 2_500, 3_500] as const

/** An event each 20 ms, evenly: few enough to be caught up with in no time. */
const load = { clients: 100, rate: 0.5, arrivals: 'constant', durationMs: WINDOW_MS } as const

/**
 * Events are due evenly. Half of them meet no stall; the others wait for its end, evenly from
 * nothing to all of it: the slowest share s of all waits for the stall less s × window at least.
 * That is 2.5 s at p75, 4.0 at p90, 4.9 at p99 and 5.0 at most.
 *
 * @param stallMs how long it really was: a busy machine lets the one who ends it oversleep
 */
function assertStall(latency: LatencySummary | null, stallMs: number): void {
  for (const percentile of [75, 90, 99, 100]) {
    const expectedMs = stallMs - (1 - percentile / 100) * WINDOW_MS
    const foundMs = percentileMs(latency, percentile)
    const line = `${foundMs} ms at p${percentile}, not ${expectedMs}`
    const offMs = foundMs - expectedMs
    assert.ok(offMs >= -MISSING * stallMs && offMs <= ADDED * stallMs, line)
  }
}

interface Stalled {
  readonly run: Run
  readonly stallMs: number
}

/** The instrument must see all of it; from the server's acceptance on there is nothing to see. */
function assertSeen({ run, stallMs }: Stalled): void {
  assertComplete(run)
  assertStall(run.latency, stallMs)
  assert.equal(run.serviceLatency?.count, run.latency.count)
  assert.throws(() => assertStall(run.serviceLatency, stallMs), /ms at p75, not/)
  assert.equal(run.clients.lost, 0)
  assert.deepEqual(run.errors, {})
}

/** Resolves with how long it was. Whatever happens, the process goes on. */
async function stall(
  startMs: number,
  signal: (name: 'SIGSTOP' | 'SIGCONT') => void,
): Promise<number> {
  await sleep(startMs)
  signal('SIGSTOP')
  const stoppedAtNs = nowNs()
  try {
    await sleep(STALL_MS)
  } finally {
    signal('SIGCONT')
  }
  return (nowNs() - stoppedAtNs) / NS_PER_MS
}

async function stalledInstance(
  context: TestContext,
  transport: string,
  startMs: number,
): Promise<Stalled> {
  const { port, statistics } = await ownServer(context)
  const { pid } = await statistics()
  let stalled = Promise.resolve(0)
  const run = await measure(
    {
      transport,
      port,
      onPhase: (phase) => {
        if (phase === 'steady') stalled = stall(startMs, (name) => process.kill(pid, name))
      },
    },
    load,
  )
  return { run, stallMs: await stalled }
}

async function stalledServe(
  context: TestContext,
  transport: string,
  startMs: number,
): Promise<Stalled> {
  const server = start(context, ['serve', '--port', '0'])
  const [, url = ''] = await server.says(/serves on (http:\/\/127\.0\.0\.1:\d+):/)
  const args = [
    ...['--transport', transport, '--url', url, '--no-save', '--json', '--allow-invalid'],
    ...['--clients', `${load.clients}`, '--rate', `${load.rate}`, '--arrivals', load.arrivals],
    ...['--duration', `${WINDOW_MS}ms`, '--warmup', '100ms'],
  ]
  const run = start(context, ['run', ...args])
  await run.says(/ steady /)
  const stallMs = await stall(startMs, (name) => server.signal(name))
  const { code, stdout } = await run.ended
  assert.equal(code, 0)
  const [measured] = parseResult(stdout).runs
  assert.ok(measured !== undefined)
  return { run: measured, stallMs }
}

const needsSignals = process.platform === 'win32' ? { skip: 'there is no SIGSTOP here' } : {}

describe('a server that stands still for 5 s of 10', { concurrency: true, ...needsSignals }, () => {
  before(prepareHistograms)

  for (const [index, transport] of ['sse', 'websocket', 'long-poll'].entries()) {
    it(`is found out over ${transport}`, async (context) => {
      assertSeen(await stalledInstance(context, transport, STALL_STARTS_MS[index] ?? 0))
    })
  }

  it('is found out by the command line at a server of its own', async (context) => {
    assertSeen(await stalledServe(context, 'sse', STALL_STARTS_MS[3]))
  })
})
