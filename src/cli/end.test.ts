import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { type End, endOf } from './end.ts'

const fine: End = {
  result: sampleResult(),
  missed: [],
  written: true,
  interrupted: false,
  allowInvalid: false,
}
const missed: End['missed'] = [
  { threshold: 'lost==0', metric: 'lost', transport: 'sse', repetition: 1, value: 3 },
]
const invalid = sampleResult({
  runs: [sampleRun('sse', { validity: { verdict: 'invalid', reasons: [] } })],
})
const absent = { transport: 'sse', label: 'Server-Sent Events', repetition: 1, reason: 'x' }

test('each end has its code', () => {
  assert.equal(endOf(fine), 0)
  assert.equal(endOf({ ...fine, missed }), 3)
  assert.equal(endOf({ ...fine, result: invalid }), 4)
  assert.equal(endOf({ ...fine, result: sampleResult({ missing: [absent] }) }), 5)
  const partial = sampleResult({ runs: [sampleRun('sse', { partial: true })] })
  assert.equal(endOf({ ...fine, result: partial }), 5)
  assert.equal(endOf({ ...fine, written: false }), 6)
  assert.equal(endOf({ ...fine, interrupted: true }), 130)
})

test('the gravest is told', () => {
  assert.equal(endOf({ ...fine, missed, result: invalid }), 4)
  assert.equal(endOf({ ...fine, missed, result: invalid, allowInvalid: true }), 3)
  const failed = { ...fine, missed, result: { ...invalid, missing: [absent] } }
  assert.equal(endOf(failed), 5)
  assert.equal(endOf({ ...failed, interrupted: true }), 130)
  assert.equal(endOf({ ...failed, written: false, interrupted: true }), 6)
})
