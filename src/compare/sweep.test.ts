import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Result } from '../result/document.ts'
import { samplePoll, sampleSweep } from '../result/sample-sweep.conformance.ts'
import { compareResults } from './compare.ts'

/** The same, measured at another time. */
function later(result: Result): Result {
  const runs = result.runs.map((run) => ({ ...run, startedAt: '2026-11-23T10:00:00.000Z' }))
  return { ...result, runs }
}

test('compares each value of a sweep with the same value', () => {
  const { judgements } = compareResults([sampleSweep()], [later(sampleSweep())])
  const names = [...new Set(judgements.map(({ transport }) => transport))]
  assert.deepEqual(names, [
    'short-poll interval=500ms',
    'short-poll interval=1s',
    'short-poll interval=2s',
    'short-poll interval=5s',
    'long-poll',
    'sse',
    'websocket',
  ])
  const [first] = judgements
  assert.equal(first?.transportLabel, 'Short polling interval=500ms')
  assert.deepEqual(first?.repetitions, [2, 2])
})

test('holds the empty ratio of each value against the theory of that value', () => {
  const { judgements } = compareResults([sampleSweep()], [later(sampleSweep())])
  const ratios = judgements.filter(({ metric }) => metric.endsWith('emptyRatio'))
  const polls = ratios.filter(({ transport }) => transport.startsWith('short-poll'))
  assert.equal(polls.length, 4)
  for (const { transport, verdict, reason } of polls) {
    assert.equal(verdict, 'unchanged', `${transport}: ${reason}`)
  }
})

test('does not take one value for the other, nor a sweep for a single measurement', () => {
  const one = sampleSweep({ runs: [samplePoll(500)] })
  const other = later(sampleSweep({ runs: [samplePoll(1_000)] }))
  assert.throws(() => compareResults([one], [other]), /no transport in common/)
  const { sweep, ...plain } = sampleSweep()
  assert.ok(sweep !== undefined)
  assert.throws(
    () => compareResults([sampleSweep()], [later(plain)]),
    /the scenarios differ: sweep interval=500,1000,2000,5000 and none/,
  )
})
