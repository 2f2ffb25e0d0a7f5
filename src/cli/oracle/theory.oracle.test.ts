import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { prepareHistograms } from '../../measure/histogram.ts'
import type { Run } from '../../result/document.ts'
import { assertComplete, measure, ownServer } from './own-server.conformance.ts'

/** What a machine may add to the longest latency of a run. */
const SLACK_MS = 100

/**
 * Poisson arrivals of rate λ, asked for every T, or held for T at most: e^(−λT) of the answers are
 * empty.
 */
function assertEmptyRatio({ exchanges }: Run, rate: number, withinMs: number): void {
  const { empty, responses } = exchanges
  const expected = Math.exp((-rate * withinMs) / 1000)
  const deviation = Math.sqrt((expected * (1 - expected)) / responses)
  const found = empty / responses
  assert.ok(Math.abs(found - expected) < 4 * deviation, `${found} empty, not ${expected}`)
}

/** They wait for the next question evenly long, from nothing to T. */
function assertUniform({ latency }: Run, intervalMs: number): void {
  const ms = (us: number | null): number => (us ?? 0) / 1000
  for (const [share, foundMs] of [
    [0.5, ms(latency.p50Us)],
    [0.9, ms(latency.p90Us)],
  ] as const) {
    const deviation = Math.sqrt((share * (1 - share)) / latency.count)
    const offMs = Math.abs(foundMs - share * intervalMs)
    assert.ok(offMs < 4 * deviation * intervalMs + 5, `${foundMs} ms at ${share}`)
  }
  const maxMs = ms(latency.maxUs)
  assert.ok(maxMs > 0.8 * intervalMs && maxMs < intervalMs + SLACK_MS, `max is ${maxMs} ms`)
}

/** What the instrument may have added to the median, by its own account. */
const OWN_MS = 5

/**
 * Again where a pause of the machine made the longest latency longer, or the instrument was late by its own account: a
 * wrong slot does each time.
 */
async function calmest(measure: () => Promise<Run>, intervalMs: number): Promise<Run> {
  const isCalm = ({ latency, latencyLowerBound }: Run): boolean =>
    (latency.maxUs ?? 0) / 1000 < intervalMs + SLACK_MS &&
    ((latency.p50Us ?? 0) - (latencyLowerBound?.p50Us ?? 0)) / 1000 < OWN_MS
  let run = await measure()
  for (let attempt = 1; attempt < 6 && !isCalm(run); attempt++) run = await measure()
  return run
}

describe('the theory of short polling', { concurrency: true }, () => {
  before(prepareHistograms)

  it('is what the instrument finds', async (context) => {
    const { port } = await ownServer(context)
    const changes = { durationMs: 3000, warmupMs: 400 }
    const run = await calmest(() => measure({ transport: 'short-poll', port }, changes), 200)
    assertComplete(run)
    assertEmptyRatio(run, 2, 200)
    assertUniform(run, 200)
    const { requests, requestsPerClientPerDay } = run.exchanges
    assert.ok(Math.abs(requests - 600) <= 60, `${requests} requests`)
    assert.ok(Math.abs((requestsPerClientPerDay ?? 0) / 432_000 - 1) < 0.1)
  })

  it('of another interval is contradicted', async (context) => {
    const { port } = await ownServer(context)
    const changes = { durationMs: 2000, warmupMs: 600, intervalMs: 600 }
    const run = await calmest(() => measure({ transport: 'short-poll', port }, changes), 600)
    assertEmptyRatio(run, 2, 600)
    assert.throws(() => assertEmptyRatio(run, 2, 200), /empty, not/)
    assert.throws(() => assertUniform(run, 200), /ms at 0.5/)
  })
})

/** Windows that are shorter than a hold, which begin as soon as there are events. */
describe('the theory of long polling', () => {
  before(prepareHistograms)

  const changes = { clients: 400, holdMs: 2_000, durationMs: 1_000, warmupMs: 500 }

  for (const engine of ['lean', 'library'] as const) {
    it(`is what a window within a hold finds, on the ${engine} engine`, async (context) => {
      const { port } = await ownServer(context)
      for (const rate of [0.5, 1.5]) {
        const run = await measure({ transport: 'long-poll', port }, { ...changes, engine, rate })
        assertComplete(run)
        assertEmptyRatio(run, rate, changes.holdMs)
        assert.throws(() => assertEmptyRatio(run, rate, changes.holdMs / 2), /empty, not/)
      }
    })
  }

  it('is contradicted by a server that takes no hold from clients, and holds them all alike', async (context) => {
    const { port } = await ownServer(context, undefined, { holdMs: changes.holdMs })
    const endpoint = {
      path: '/long-poll?channel={channel}',
      cursor: [{ from: 'field lastEventId', to: 'query lastEventId' }],
    }
    const run = await measure({ transport: 'long-poll', port, endpoint }, { ...changes, rate: 0.5 })
    assert.throws(() => assertEmptyRatio(run, 0.5, changes.holdMs), /empty, not/)
  })

  it('holds for events that come evenly', async (context) => {
    const { port } = await ownServer(context)
    const even = { ...changes, arrivals: 'constant', rate: 0.3, holdMs: 1_500 } as const
    const run = await measure({ transport: 'long-poll', port }, even)
    // Two holds and a part of a third lie between two events. A busy machine moves the edges of the window.
    const { empty, responses } = run.exchanges
    const perEvent = empty / (responses - empty)
    assert.ok(Math.abs(perEvent - 2) < 0.25, `${empty} of ${responses} empty`)
  })
})

/** Nothing is published: all that clients receive is what keeps their connections alive. */
describe('the share of heartbeats in a short window', { concurrency: true }, () => {
  before(prepareHistograms)

  for (const [transport, bytes] of [
    ['sse', 8],
    ['websocket', 2],
  ] as const) {
    it(`of ${transport} is that of its interval`, async (context) => {
      const limits = { heartbeatMs: 2_000, pingMs: 2_000 }
      const { port } = await ownServer(context, undefined, limits)
      for (const clients of [20, 300]) {
        const idle = { clients, rate: 0, durationMs: 1_000, warmupMs: 100 }
        const { wire } = await measure({ transport, port }, idle)
        const heartbeats = wire.bytesReceived / bytes
        // The edges of a window are as far off as a busy machine makes them.
        const slack = 1 + 0.1 * clients
        assert.ok(Math.abs(heartbeats - clients / 2) < slack, `${heartbeats} of ${clients}`)
      }
    })
  }
})
