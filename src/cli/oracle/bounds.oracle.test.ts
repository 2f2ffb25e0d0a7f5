/**
 * A server that takes 50 ms for each event, measured by the command while the instrument is stopped:
 * what it says must leave room for the 50 ms. The bench's section `coverage` holds the same against more
 * servers, more closely.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { prepareHistograms } from '../../measure/histogram.ts'
import { needsProc } from '../command.conformance.ts'
import { disturb, type Role } from './disturbance.conformance.ts'
import { KNOWN_LATENCIES } from './known-latency.conformance.ts'
import { knownTarget, startKnownServer } from './known-server.conformance.ts'
import { type Bounds, boundsOf, observeRun, onlyRun } from './observed-run.conformance.ts'
import { percentileOf, stated, type Truth, truthOf } from './truth.conformance.ts'

const STOP = { startMs: 600, lengthMs: 900 } as const
/**
 * A stop meets more than a fifth of the window's events: the ninetieth percentile is 500 ms late. What a publisher
 * owes after one is paid off within the window.
 */
const WINDOW_MS = 4_000
/** What the machine may add that the instrument does not know of; far less than a stop does. */
const SLACK_MS = 40
/** A lower bound below this would be one that says nothing. */
const LEAST_MS = 25
const SEED = 11

interface Found {
  readonly bounds: Bounds
  readonly truth: Truth
  readonly verdict: string
}

const folder = mkdtempSync(join(tmpdir(), 'rtbench-bounds-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** @param stopped who of the instrument; null leaves it alone */
async function measure(
  context: TestContext,
  transport: string,
  stopped: Role | null,
): Promise<Found> {
  const server = await startKnownServer('slow', SEED)
  context.after(() => server.stop())
  const scenario = join(folder, `${server.port}.json`)
  const load = { clients: 25, channels: 'per-client', rate: 4, arrivals: 'constant' }
  const times = { duration: `${WINDOW_MS}ms`, warmup: '300ms' }
  writeFileSync(scenario, JSON.stringify({ ...knownTarget(server.port), ...load, ...times }))
  const observed = await observeRun(
    [scenario, '--transport', transport, '--seed', `${SEED}`, '--allow-invalid'],
    async (pid) => {
      if (stopped !== null) await disturb(pid, [{ kind: 'stop', of: stopped, ...STOP }])
    },
  )
  const run = onlyRun(observed)
  const truth = truthOf(await server.take(), KNOWN_LATENCIES.slow, run.delivery.published)
  return { bounds: boundsOf(run), truth, verdict: run.validity.verdict }
}

function assertCovered({ bounds, truth }: Pick<Found, 'bounds' | 'truth'>): void {
  for (const percentile of [50, 90] as const) {
    const trueMs = percentileOf(truth.scheduled, percentile)
    const { lowerMs, upperMs } = stated(bounds, percentile)
    const line = `p${percentile} is ${trueMs} ms, and ${lowerMs} to ${upperMs} ms was said`
    assert.ok(lowerMs <= trueMs + SLACK_MS && upperMs >= trueMs, line)
    assert.ok(lowerMs >= LEAST_MS, line)
  }
}

describe('the bounds of a latency', { concurrency: true, ...needsProc }, () => {
  before(prepareHistograms)

  for (const [transport, stopped] of [
    ['sse', 'worker'],
    ['websocket', 'publisher'],
  ] as const) {
    it(`cover it where the ${stopped} is stopped`, async (context) => {
      const found = await measure(context, transport, stopped)
      assertCovered(found)
      assert.notEqual(found.verdict, 'valid')
      const { upper } = found.bounds
      assert.throws(() => assertCovered({ ...found, bounds: { lower: upper, upper } }), /p90 is/)
    })
  }

  it('are close where nobody is', async (context) => {
    const found = await measure(context, 'sse', null)
    assertCovered(found)
    const { lowerMs, upperMs } = stated(found.bounds, 50)
    assert.ok(upperMs - lowerMs < SLACK_MS, `${lowerMs} to ${upperMs} ms at p50`)
  })
})
