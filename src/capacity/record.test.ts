import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CapacityStep, StepCause } from '../result/capacity.ts'
import { resultSchema } from '../result/document.ts'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { CapacityRecord, type CapacityWish } from './record.ts'

const { environment, scenario } = sampleResult()
const wish: CapacityWish = {
  search: 'clients',
  scenario: { ...scenario, target: null, transports: ['sse'], thresholds: ['p99<100ms'] },
  from: 100,
  to: 10_000,
  precision: 0.1,
  openEnd: true,
}

function step(value: number, cause: StepCause | null): CapacityStep {
  return {
    value,
    phase: 'double',
    kept: cause === null,
    cause,
    reasons: [],
    p50Us: 1_000,
    p99Us: 2_000,
    lost: 0,
    figures: { p99: 2_000 },
    verdict: cause === 'instrument' ? 'invalid' : 'valid',
    confirmed: false,
  }
}

/** A record of steps, each with a run whose p99 tells which it is. */
function recordOf(...steps: readonly (readonly [number, StepCause | null])[]): CapacityRecord {
  const record = new CapacityRecord(wish, environment, null)
  for (const [index, [value, cause]] of steps.entries()) {
    const run = sampleRun('sse', { durationMs: index + 1 })
    record.add({ step: step(value, cause), run, failure: null })
  }
  return record
}

describe('the record of a search', () => {
  it('has the runs that keep the answer, and its value in the scenario', () => {
    const record = recordOf(
      [100, null],
      [200, null],
      [400, 'limit'],
      [200, 'instrument'],
      [200, null],
    )
    const capacity = record.capacity(200, true)
    assert.deepEqual([capacity.answer, capacity.endedBy], [200, 'limit'])
    assert.deepEqual(
      capacity.steps.map(({ confirmed }) => confirmed),
      [false, false, false, false, true],
    )
    const result = record.result(capacity)
    assert.deepEqual(resultSchema.parse(result), result)
    assert.deepEqual([result.scenario.clients, result.scenario.repeat], [200, 2])
    assert.deepEqual(
      result.runs.map(({ repetition, durationMs }) => [repetition, durationMs]),
      [
        [1, 2],
        [2, 5],
      ],
    )
  })

  it('does not confirm what was missed in between', () => {
    const record = recordOf([100, null], [100, 'limit'], [100, null])
    assert.ok(record.steps.every(({ confirmed }) => !confirmed))
  })

  it('shows the greatest that was kept while there is no answer', () => {
    const record = recordOf([100, null], [200, null], [400, 'interrupted'])
    const capacity = record.capacity(null, true)
    assert.equal(capacity.endedBy, 'interrupted')
    const result = record.result(capacity)
    assert.deepEqual([result.scenario.clients, result.runs.length], [200, 1])
    assert.equal(record.capacity(null, false).endedBy, null)
  })

  it('shows what was measured last where nothing was kept', () => {
    const record = recordOf([100, 'limit'], [100, 'limit'])
    const capacity = record.capacity(null, true)
    assert.equal(capacity.endedBy, 'limit')
    assert.equal(record.result(capacity).runs.length, 2)
  })

  it('ended at its end where nothing stood in its way', () => {
    assert.equal(recordOf([100, null], [100, null]).capacity(100, true).endedBy, 'to')
  })

  it('is empty while no step has a run', () => {
    const record = new CapacityRecord(wish, environment, null)
    const failure = new Error('no server')
    record.add({ step: step(100, 'failed'), run: null, failure })
    assert.deepEqual([record.isEmpty, record.failure], [true, failure])
    assert.equal(recordOf([100, null]).isEmpty, false)
  })
})
