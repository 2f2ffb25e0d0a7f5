import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '../result/document.ts'
import { sampleLatency, sampleResult, sampleRun } from '../result/sample.conformance.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { stepOf, stepWithoutRun } from './step.ts'

const question = { value: 1_000, phase: 'double' } as const

function scenario(...limits: readonly string[]): Scenario {
  return { ...sampleResult().scenario, target: null, transports: ['sse'], thresholds: limits }
}

function validity(verdict: 'suspect' | 'invalid'): Run['validity'] {
  const reason = {
    code: 'slip',
    severity: verdict,
    message: '9 ms late',
    value: 9_000,
    limit: 2_000,
  }
  return { verdict, reasons: [reason] }
}

test('a step is kept where its run keeps all limits', () => {
  const step = stepOf(sampleRun('sse'), scenario('p99<100ms', 'lost==0'), question)
  assert.deepEqual(step, {
    ...question,
    kept: true,
    cause: null,
    reasons: [],
    p50Us: 3_080,
    p99Us: 12_300,
    lost: 0,
    figures: { p99: 12_300, lost: 0 },
    verdict: 'valid',
    confirmed: false,
  })
})

test('a suspect run is evidence, an invalid one is none, whatever its figures', () => {
  const suspect = sampleRun('sse', { validity: validity('suspect') })
  assert.equal(stepOf(suspect, scenario('p99<100ms'), question).kept, true)
  const invalid = sampleRun('sse', { validity: validity('invalid') })
  for (const limit of ['p99<100ms', 'p99<1ms']) {
    const { kept, cause, reasons } = stepOf(invalid, scenario(limit), question)
    assert.deepEqual([kept, cause, reasons], [false, 'instrument', ['slip: 9 ms late']])
  }
})

test('a missed limit is told with its figure', () => {
  const { cause, reasons } = stepOf(sampleRun('sse'), scenario('p99<12ms', 'lost==0'), question)
  assert.deepEqual([cause, reasons], ['limit', ['p99<12ms: p99 was 12.3 ms']])
})

test('a figure that is missing is no evidence', () => {
  const latency = { ...sampleLatency(1_000, 2_000), p99Us: null }
  const run = sampleRun('sse', { latency })
  const { kept, cause, reasons } = stepOf(run, scenario('p99<1s'), question)
  assert.deepEqual([kept, cause], [false, 'instrument'])
  assert.match(reasons[0] ?? '', /p99<1s: not measured, 1000 of 1000 deliveries came/)
})

test('a figure that is missing because the server lost the deliveries is its limit', () => {
  const latency = { ...sampleLatency(1_000, 2_000), p99Us: null }
  const { delivery } = sampleRun('sse')
  const of = (expected: number, delivered: number): Run =>
    sampleRun('sse', {
      latency,
      delivery: { ...delivery, expected, delivered, lost: expected - delivered },
    })
  const step = stepOf(of(1_000, 99), scenario('p99<1s'), question)
  assert.deepEqual(
    [step.cause, step.reasons],
    ['limit', ['p99<1s: not measured, 99 of 1000 deliveries came']],
  )
  // Nobody could have measured it: too little was owed, or was of too few events.
  assert.equal(stepOf(of(99, 40), scenario('p99<1s'), question).cause, 'instrument')
  const few = of(1_000, 99)
  const ofFewEvents = { ...few, delivery: { ...few.delivery, published: 99 } }
  assert.equal(stepOf(ofFewEvents, scenario('p99<1s'), question).cause, 'instrument')
})

test("the machine's refusals are told apart from the server's", () => {
  const errors = { 'generator-EMFILE': 12 }
  const run = sampleRun('sse', { errors, validity: validity('invalid') })
  const { cause, reasons } = stepOf(run, scenario('p99<1s'), question)
  assert.equal(cause, 'machine')
  assert.match(reasons[0] ?? '', /generator-EMFILE/)
  // Some refusals that a run outlives are no matter.
  assert.equal(stepOf(sampleRun('sse', { errors }), scenario('p99<1s'), question).kept, true)
})

test('what was lost or interrupted is not judged', () => {
  const lost = sampleRun('sse', { partial: true, validity: validity('invalid') })
  assert.equal(stepOf(lost, scenario('p99<1s'), question).cause, 'lost')
  const cut = sampleRun('sse', { partial: true, interrupted: true })
  assert.equal(stepOf(cut, scenario('p99<1s'), question).cause, 'interrupted')
})

test('a step without a run says why', () => {
  const { kept, cause, reasons, verdict } = stepWithoutRun(question, 'failed', 'no server')
  assert.deepEqual([kept, cause, reasons, verdict], [false, 'failed', ['no server'], null])
})

test('a latency is asked at both its bounds, also of a run of which they alone are apart', () => {
  const bounds = {
    latency: sampleLatency(4_000, 16_000),
    latencyLowerBound: sampleLatency(3_000, 12_000),
  }
  const of = (limit: string, changes: Partial<Run> = {}) =>
    stepOf(sampleRun('sse', { ...bounds, ...changes }), scenario(limit), question)
  const kept = of('p99<500ms', { validity: validity('invalid') })
  assert.deepEqual([kept.kept, kept.cause, kept.verdict], [true, null, 'invalid'])
  assert.deepEqual([kept.figures, kept.lowerBounds], [{ p99: 16_000 }, { p50: 3_000, p99: 12_000 }])
  assert.equal(of('p99<11ms').cause, 'limit')
  const open = of('p99<14ms')
  assert.deepEqual(
    [open.kept, open.cause, open.reasons],
    [false, 'untold', ['p99<14ms: p99 was 12 to 16 ms']],
  )
})
