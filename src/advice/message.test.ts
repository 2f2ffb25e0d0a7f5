import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Workload } from '../result/advice.ts'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { messageCost } from './message.ts'

const workload: Workload = {
  users: 1_000,
  eventsPerUserPerSecond: 0.1,
  wanted: { percentile: 'p99', latencyUs: 500_000 },
  clientToServer: 'chatty',
  messagesPerUserPerSecond: 0.5,
  proxies: [],
  browsers: 'modern',
}

test('a message costs what a request of a short poll costs', () => {
  const cost = messageCost(workload, [sampleResult()])
  assert.ok(cost !== null)
  // 700,000 bytes and 0.21 cores over 10 s, of 10,000 requests: half as many are sent.
  assert.deepEqual([cost.bytesPerSecond, cost.factor], [35_000, 0.5])
  assert.equal(cost.cores?.toFixed(3), '0.105')
})

test('a message costs nothing that is known, where nothing tells how often or how much', () => {
  const [poll, stream] = [sampleRun('short-poll'), sampleRun('sse')]
  const of = (rate: number | null, run = poll) =>
    messageCost({ ...workload, messagesPerUserPerSecond: rate }, [sampleResult({ runs: [run] })])
  assert.equal(of(null), null)
  assert.equal(of(0), null)
  assert.equal(of(0.5, stream), null)
  assert.equal(of(0.5, { ...poll, validity: { verdict: 'invalid', reasons: [] } }), null)
  assert.notEqual(of(0.5), null)
})
