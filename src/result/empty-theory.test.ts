import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RecordedScenario } from './document.ts'
import { theoreticalEmptyRatio } from './empty-theory.ts'
import { type SampleTransport, sampleResult, sampleRun } from './sample.conformance.ts'

const { scenario } = sampleResult()

function theory(transport: SampleTransport, changes: Partial<RecordedScenario>): number | null {
  return theoreticalEmptyRatio({ ...scenario, ...changes }, sampleRun(transport))
}

test('of who asks at an interval', () => {
  assert.equal(theory('short-poll', { rate: 2, intervalMs: 500 }), Math.exp(-1))
  assert.equal(theory('short-poll', { rate: 1, intervalMs: 250, arrivals: 'constant' }), 0.75)
  assert.equal(theory('short-poll', { rate: 5, intervalMs: 250, arrivals: 'constant' }), 0)
  assert.equal(theory('short-poll', { intervalMs: 0 }), null)
})

test('of who is held', () => {
  assert.equal(theory('long-poll', { rate: 0.1, holdMs: 30_000 }), Math.exp(-3))
  assert.equal(theory('long-poll', { rate: 0, holdMs: 30_000 }), 1)
  assert.equal(theory('long-poll', { rate: 0, holdMs: 30_000, arrivals: 'constant' }), 1)
  // An event a second, held for 400 ms: in vain until 400 and 800 ms, then it comes.
  assert.equal(theory('long-poll', { rate: 1, holdMs: 400, arrivals: 'constant' }), 2 / 3)
  assert.equal(theory('long-poll', { rate: 1, holdMs: 1_000, arrivals: 'constant' }), 0)
  assert.equal(theory('long-poll', { rate: 1, holdMs: 999, arrivals: 'constant' }), 0.5)
})

test('there is none without requests', () => {
  assert.equal(theory('sse', {}), null)
  assert.equal(theory('websocket', {}), null)
})

test('of a room, whose members each keep their own time: by chance alone', () => {
  const chat = { workload: 'chat', rate: 2, intervalMs: 500 } as const
  assert.equal(theory('short-poll', chat), Math.exp(-1))
  assert.equal(theory('short-poll', { ...chat, arrivals: 'constant' }), null)
})
