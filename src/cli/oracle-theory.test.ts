import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { prepareHistograms } from '../measure/histogram.ts'
import type { Run } from '../result/document.ts'
import { assertComplete, measure, ownServer } from './oracle.conformance.ts'

/** What a machine may add to the longest latency of a run. */
const SLACK_MS = 100

/** Poisson arrivals of rate λ, asked for every T: e^(−λT) of the answers are empty. */
function assertEmptyRatio({ exchanges }: Run, rate: number, intervalMs: number): void {
  const { empty, responses } = exchanges
  const expected = Math.exp((-rate * intervalMs) / 1000)
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

/** Again where one pause of the machine made the longest latency longer: a wrong slot does each time. */
async function calmest(measure: () => Promise<Run>, intervalMs: number): Promise<Run> {
  const isCalm = ({ latency }: Run): boolean => (latency.maxUs ?? 0) / 1000 < intervalMs + SLACK_MS
  let run = await measure()
  for (let attempt = 1; attempt < 3 && !isCalm(run); attempt++) run = await measure()
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
    const run = await measure({ transport: 'short-poll', port }, changes)
    assertEmptyRatio(run, 2, 600)
    assert.throws(() => assertEmptyRatio(run, 2, 200), /empty, not/)
    assert.throws(() => assertUniform(run, 200), /ms at 0.5/)
  })
})
