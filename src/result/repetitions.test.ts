import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resultSchema } from './document.ts'
import { repetitionKey, repetitionsOf } from './repetitions.ts'
import { sampleResult, sampleRun } from './sample.conformance.ts'
import { samplePoll, sampleSweep } from './sample-sweep.conformance.ts'

const shapeOf = (runs: Parameters<typeof repetitionsOf>[0]): unknown =>
  repetitionsOf(runs).map(({ transport, point, runs }) => [
    transport,
    point,
    runs.map(({ repetition }) => repetition),
  ])

test('repetitions are the runs of one transport, in their order', () => {
  const again = sampleRun('sse', { repetition: 2 })
  const runs = [sampleRun('sse'), sampleRun('websocket'), again]
  assert.deepEqual(shapeOf(runs), [
    ['sse', null, [1, 2]],
    ['websocket', null, [1]],
  ])
  assert.deepEqual(repetitionsOf([]), [])
  assert.equal(repetitionsOf(runs)[0]?.label, 'Server-Sent Events')
})

test('the values of a sweep are no repetitions of each other', () => {
  assert.deepEqual(shapeOf(sampleSweep().runs), [
    ['short-poll', 500, [1, 2]],
    ['short-poll', 1_000, [1, 2]],
    ['short-poll', 2_000, [1, 2]],
    ['short-poll', 5_000, [1, 2]],
    ['long-poll', null, [1, 2]],
    ['sse', null, [1, 2]],
    ['websocket', null, [1, 2]],
  ])
  const zero = samplePoll(1_000, { point: 0 })
  assert.notEqual(repetitionKey(zero), repetitionKey(samplePoll(1_000, { point: null })))
  assert.equal(repetitionKey(sampleRun('sse')), repetitionKey(sampleRun('sse', { point: null })))
})

test('a document takes a sweep, and refuses what is none', () => {
  const sweep = sampleSweep()
  assert.deepEqual(resultSchema.parse(sweep), sweep)
  assert.equal(resultSchema.parse(sampleResult()).sweep, undefined)
  const key = { ...sweep, sweep: { ...sweep.sweep, key: 'name' } }
  assert.equal(resultSchema.safeParse(key).success, false)
  const point = { ...sweep, runs: [{ ...samplePoll(500), point: '500ms' }] }
  assert.equal(resultSchema.safeParse(point).success, false)
})
