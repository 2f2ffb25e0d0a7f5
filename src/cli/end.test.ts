import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import type { Answer } from '../compare/threshold.ts'
import type { Run } from '../result/document.ts'
import { sampleLatency, sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { type End, endOf } from './end.ts'

const fine: End = {
  result: sampleResult(),
  answers: [],
  written: true,
  interrupted: false,
  allowInvalid: false,
}
const answer = (verdict: Answer['verdict']): Answer => ({
  ...{ threshold: 'p99<9ms', metric: 'p99', transport: 'sse', repetition: 1 },
  ...{ value: 10_000, lower: 8_000, verdict, cause: null },
})
const answers = [answer('missed')]
const invalid = sampleResult({
  runs: [sampleRun('sse', { validity: { verdict: 'invalid', reasons: [] } })],
})
const absent = { transport: 'sse', label: 'Server-Sent Events', repetition: 1, reason: 'x' }

test('each end has its code', () => {
  assert.equal(endOf(fine), 0)
  assert.equal(endOf({ ...fine, answers }), 3)
  assert.equal(endOf({ ...fine, result: invalid }), 4)
  assert.equal(endOf({ ...fine, result: sampleResult({ missing: [absent] }) }), 5)
  const partial = sampleResult({ runs: [sampleRun('sse', { partial: true })] })
  assert.equal(endOf({ ...fine, result: partial }), 5)
  assert.equal(endOf({ ...fine, written: false }), 6)
  assert.equal(endOf({ ...fine, interrupted: true }), 130)
})

test('the gravest is told', () => {
  assert.equal(endOf({ ...fine, answers, result: invalid }), 4)
  assert.equal(endOf({ ...fine, answers, result: invalid, allowInvalid: true }), 3)
  const failed = { ...fine, answers, result: { ...invalid, missing: [absent] } }
  assert.equal(endOf(failed), 5)
  assert.equal(endOf({ ...failed, interrupted: true }), 130)
  assert.equal(endOf({ ...failed, written: false, interrupted: true }), 6)
})

describe('a run whose bounds are apart', () => {
  const late = (code: string): Partial<Run> => ({
    latencyLowerBound: sampleLatency(1_000, 8_000),
    validity: {
      verdict: 'invalid',
      reasons: [{ code, severity: 'invalid', message: code, value: 9_000, limit: 1_000 }],
    },
  })
  const of = (changes: Partial<Run>): Pick<End, 'result'> => ({
    result: sampleResult({ runs: [sampleRun('sse', changes)] }),
  })
  const busy = of(late('busy'))

  it('answers thresholds that both of them decide', () => {
    assert.equal(endOf({ ...fine, ...busy, answers: [answer('kept')] }), 0)
    assert.equal(endOf({ ...fine, ...busy, answers: [answer('missed')] }), 3)
  })

  it('is invalid where nothing was asked, where it does not tell, or for another reason', () => {
    assert.equal(endOf({ ...fine, ...busy }), 4)
    const some = [answer('kept'), answer('untold')]
    assert.equal(endOf({ ...fine, ...busy, answers: some }), 4)
    assert.equal(endOf({ ...fine, ...of(late('accounting')), answers: [answer('kept')] }), 4)
    const [{ latencyLowerBound, ...older } = {}] = [late('slip')]
    assert.equal(endOf({ ...fine, ...of(older), answers: [answer('kept')] }), 4)
  })
})

test('what cannot be told is exit code 4, of a valid run, too, unless something is missed', () => {
  assert.equal(endOf({ ...fine, answers: [answer('kept'), answer('untold')] }), 4)
  assert.equal(endOf({ ...fine, answers: [answer('missed'), answer('untold')] }), 3)
  assert.equal(endOf({ ...fine, answers: [answer('untold')], allowInvalid: true }), 0)
})
