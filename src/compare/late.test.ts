import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Result, Run } from '../result/document.ts'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { compareResults } from './compare.ts'

const invalidBy = (...codes: readonly string[]): Pick<Run, 'validity'> => ({
  validity: {
    verdict: 'invalid',
    reasons: codes.map((code) => ({
      ...{ code, severity: 'invalid', message: code, value: null, limit: null },
    })),
  },
})

/** One run that lost some of its 1,000 events. */
function measured(hour: number, lost: number, changes: Partial<Run> = {}): Result {
  const run = sampleRun('sse')
  const delivery = { ...run.delivery, lost, delivered: 1_000 - lost }
  const startedAt = `2026-11-22T1${hour}:00:00.000Z`
  return sampleResult({ runs: [{ ...run, delivery, startedAt, ...changes }] })
}

describe('runs that were only late', () => {
  it('are judged by their faults, and by nothing else', () => {
    const late = invalidBy('slip', 'loop-delay')
    const { judgements, verdict, judged, warnings } = compareResults(
      [measured(0, 0)],
      [measured(1, 100, late)],
    )
    assert.deepEqual([verdict, judged], ['regressed', 'faults'])
    assert.equal(judgements.find(({ metric }) => metric === 'delivery.lost')?.verdict, 'regressed')
    assert.ok(judgements.every(({ metric }) => /^(?:delivery|clients)\./.test(metric)))
    assert.deepEqual(warnings, [
      'candidate: Server-Sent Events: 1 run counted for faults alone (invalid: slip, loop-delay)',
      'Server-Sent Events is compared by its faults alone: no valid run of it counts in the candidate',
    ])
  })

  it('are no pass where they have no faults', () => {
    const comparison = compareResults([measured(0, 0)], [measured(1, 0, invalidBy('slip'))])
    assert.deepEqual([comparison.verdict, comparison.judged], ['inconclusive', 'faults'])
  })

  it('do not count where what they counted is in doubt, too', () => {
    for (const changes of [
      invalidBy('slip', 'accounting'),
      invalidBy(),
      { ...invalidBy('slip'), partial: true },
    ]) {
      const comparison = compareResults([measured(0, 0)], [measured(1, 100, changes)])
      assert.deepEqual([comparison.judgements, comparison.judged], [[], 'nothing'])
    }
  })

  it('change nothing about the times of those beside them', () => {
    const pair: Result = {
      ...measured(1, 0),
      runs: [...measured(1, 0).runs, ...measured(2, 0, invalidBy('slip')).runs],
    }
    const { judgements, judged } = compareResults([measured(0, 0)], [pair])
    assert.equal(judged, 'all')
    const of = (name: string) => judgements.find(({ metric }) => metric === name)?.repetitions
    assert.deepEqual(
      [of('delivery.lost'), of('latency.p99Us')],
      [
        [1, 2],
        [1, 1],
      ],
    )
  })
})
