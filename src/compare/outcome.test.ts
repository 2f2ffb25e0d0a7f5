import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import type { Run } from '../result/document.ts'
import { sampleLatency, sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { type Ending, gravestOf, outcomeOf } from './outcome.ts'
import type { Answer } from './threshold.ts'

const fine: Ending = {
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

test('each end has its outcome', () => {
  assert.equal(outcomeOf(fine), 'done')
  assert.equal(outcomeOf({ ...fine, answers }), 'threshold')
  assert.equal(outcomeOf({ ...fine, result: invalid }), 'invalid')
  assert.equal(outcomeOf({ ...fine, result: sampleResult({ missing: [absent] }) }), 'partial')
  const partial = sampleResult({ runs: [sampleRun('sse', { partial: true })] })
  assert.equal(outcomeOf({ ...fine, result: partial }), 'partial')
  assert.equal(outcomeOf({ ...fine, contradicted: true }), 'partial')
  assert.equal(outcomeOf({ ...fine, written: false }), 'notWritten')
  assert.equal(outcomeOf({ ...fine, interrupted: true }), 'interrupted')
})

test('the gravest is told', () => {
  assert.equal(outcomeOf({ ...fine, answers, result: invalid }), 'invalid')
  assert.equal(outcomeOf({ ...fine, answers, result: invalid, allowInvalid: true }), 'threshold')
  const failed = { ...fine, answers, result: { ...invalid, missing: [absent] } }
  assert.equal(outcomeOf(failed), 'partial')
  assert.equal(outcomeOf({ ...failed, interrupted: true }), 'interrupted')
  assert.equal(outcomeOf({ ...failed, written: false, interrupted: true }), 'notWritten')
})

describe('a run whose bounds are apart', () => {
  const late = (code: string): Partial<Run> => ({
    latencyLowerBound: sampleLatency(1_000, 8_000),
    validity: {
      verdict: 'invalid',
      reasons: [{ code, severity: 'invalid', message: code, value: 9_000, limit: 1_000 }],
    },
  })
  const of = (changes: Partial<Run>): Pick<Ending, 'result'> => ({
    result: sampleResult({ runs: [sampleRun('sse', changes)] }),
  })
  const busy = of(late('busy'))

  it('answers thresholds that both of them decide', () => {
    assert.equal(outcomeOf({ ...fine, ...busy, answers: [answer('kept')] }), 'done')
    assert.equal(outcomeOf({ ...fine, ...busy, answers: [answer('missed')] }), 'threshold')
  })

  it('is inconclusive where they do not tell', () => {
    const some = [answer('kept'), answer('untold')]
    assert.equal(outcomeOf({ ...fine, ...busy, answers: some }), 'inconclusive')
    assert.equal(outcomeOf({ ...fine, ...busy, answers: [...some, answer('missed')] }), 'threshold')
  })

  it('is invalid where nothing was asked, or for another reason', () => {
    assert.equal(outcomeOf({ ...fine, ...busy }), 'invalid')
    const miscounted = of(late('accounting'))
    assert.equal(outcomeOf({ ...fine, ...miscounted, answers: [answer('kept')] }), 'invalid')
    const [{ latencyLowerBound, ...older } = {}] = [late('slip')]
    assert.equal(outcomeOf({ ...fine, ...of(older), answers: [answer('kept')] }), 'invalid')
  })
})

describe('what cannot be told', () => {
  const untold = [answer('kept'), answer('untold')]

  it('is inconclusive, of a valid run, too, unless something is missed', () => {
    assert.equal(outcomeOf({ ...fine, answers: untold }), 'inconclusive')
    assert.equal(outcomeOf({ ...fine, answers: [answer('missed'), ...untold] }), 'threshold')
    assert.equal(outcomeOf({ ...fine, answers: untold, result: invalid }), 'invalid')
  })

  it('is no failure of runs that may be invalid, and what is missed is one all the same', () => {
    assert.equal(outcomeOf({ ...fine, allowInvalid: true, answers: untold }), 'done')
    assert.equal(outcomeOf({ ...fine, allowInvalid: true, answers }), 'threshold')
  })
})

test('the gravest of several outcomes is that of the whole', () => {
  const all = [
    'usage',
    'notWritten',
    'interrupted',
    'couldNotRun',
    'partial',
    'invalid',
    'threshold',
    'inconclusive',
    'done',
  ] as const
  for (const [place, one] of all.entries()) {
    assert.equal(gravestOf(all.slice(place).toReversed()), one)
  }
  assert.equal(gravestOf([]), 'done')
})
