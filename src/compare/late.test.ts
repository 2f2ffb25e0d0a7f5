import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Result, Run } from '../result/document.ts'
import { sampleLatency, sampleResult, sampleRun } from '../result/sample.conformance.ts'
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
    const { judgements, verdict, warnings } = compareResults(
      [measured(0, 0)],
      [measured(1, 100, late), measured(2, 110, late)],
    )
    assert.equal(verdict, 'regressed')
    assert.equal(judgements.find(({ metric }) => metric === 'delivery.lost')?.verdict, 'regressed')
    // Of all else there is no run, and that cannot be told.
    for (const { metric, verdict, reason } of judgements) {
      if (/^(?:delivery|clients)\./.test(metric)) assert.notEqual(verdict, 'inconclusive', metric)
      else assert.equal(reason, 'no run of the candidate that counts has it', metric)
    }
    assert.deepEqual(warnings, [
      'candidate: Server-Sent Events: 2 runs counted for faults alone (invalid: slip, loop-delay)',
      'Server-Sent Events is compared by its faults alone: no valid run of it counts in the candidate',
    ])
  })

  it('are no pass where they have no faults', () => {
    const comparison = compareResults([measured(0, 0)], [measured(1, 0, invalidBy('slip'))])
    const of = (name: string) => comparison.judgements.find(({ metric }) => metric === name)
    assert.equal(comparison.verdict, 'inconclusive')
    assert.equal(of('delivery.lost')?.verdict, 'unchanged')
    assert.equal(of('latency.p50Us')?.verdict, 'inconclusive')
  })

  it('do not count where what they counted is in doubt, too', () => {
    for (const changes of [
      invalidBy('slip', 'accounting'),
      invalidBy(),
      { ...invalidBy('slip'), partial: true },
    ]) {
      const { judgements, verdict } = compareResults([measured(0, 0)], [measured(1, 100, changes)])
      assert.equal(verdict, 'inconclusive')
      assert.ok(judgements.length > 10)
      for (const { verdict, repetitions } of judgements) {
        assert.deepEqual([verdict, repetitions[1]], ['inconclusive', 0])
      }
    }
  })

  it('change nothing about the times of those beside them', () => {
    const pair: Result = {
      ...measured(1, 0),
      runs: [...measured(1, 0).runs, ...measured(2, 0, invalidBy('slip')).runs],
    }
    const { judgements } = compareResults([measured(0, 0)], [pair])
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

/** Six repetitions with these medians of push latency, as observed and as if on time. */
function repeated(
  hour: number,
  [lowerUs, upperUs]: readonly [number, number],
  changes: Partial<Run> = {},
): Result {
  const runs = Array.from({ length: 6 }, (_, i) =>
    sampleRun('sse', {
      repetition: i + 1,
      startedAt: `2026-11-22T1${hour}:0${i}:00.000Z`,
      latency: sampleLatency(upperUs * (1 + i / 200), 2 * upperUs),
      latencyLowerBound: sampleLatency(lowerUs * (1 + i / 200), 2 * lowerUs),
      host: { ...sampleRun('sse').host, echoUs: 1_000 + i, echoCpuUs: 80 + i / 10 },
      ...changes,
    }),
  )
  return sampleResult({ runs })
}

describe('runs that are invalid by their bounds alone', () => {
  const late = invalidBy('starved', 'busy')
  const p50 = (before: Result, after: Result) => {
    const { judgements, warnings } = compareResults([before], [after])
    const judgement = judgements.find(({ metric }) => metric === 'latency.p50Us')
    return { ...judgement, warnings, judgements }
  }

  it('count, and tell what both bounds say', () => {
    const slower = p50(repeated(0, [1_000, 1_100]), repeated(1, [21_000, 41_000], late))
    assert.equal(slower.verdict, 'regressed')
    assert.deepEqual(slower.repetitions, [6, 6])
    assert.deepEqual(slower.lowerBound?.baseline, 1_000 * (1 + 2.5 / 200))
    assert.ok(
      slower.warnings.includes(
        'candidate: Server-Sent Events: 6 runs late, and judged by both its bounds (invalid: starved, busy)',
      ),
      slower.warnings.join('\n'),
    )
  })

  it('do not tell what the instrument may have done', () => {
    const maybe = p50(repeated(0, [1_000, 1_100]), repeated(1, [1_000, 41_000], late))
    assert.equal(maybe.verdict, 'inconclusive')
    assert.match(
      maybe.reason ?? '',
      /the instrument's own lateness may be it, so that a change of more than 10 % is neither/,
    )
  })

  it('tell nothing of times that have no bounds', () => {
    const { judgements } = p50(repeated(0, [1_000, 1_100]), repeated(1, [1_000, 41_000], late))
    const of = (name: string) => judgements.find(({ metric }) => metric === name)
    for (const name of ['serviceLatency.p99Us', 'connect.p99Us']) {
      assert.deepEqual([of(name)?.verdict, of(name)?.repetitions], ['inconclusive', [6, 0]], name)
    }
    const cpu = of('server.totalCpuUsPerDelivery')
    assert.deepEqual([cpu?.verdict, cpu?.repetitions], ['unchanged', [6, 6]])
  })
})

describe('where too few runs are left', () => {
  it('times cannot be told, and it is said of each', () => {
    const few = repeated(1, [1_000, 1_100])
    const spoiled = few.runs.map((run, i) => (i < 4 ? { ...run, ...invalidBy('rate') } : run))
    const { verdict, judgements } = compareResults(
      [repeated(0, [1_000, 1_100])],
      [{ ...few, runs: spoiled }],
    )
    assert.equal(verdict, 'inconclusive')
    for (const name of ['latency.p50Us', 'server.totalCpuUsPerDelivery']) {
      const one = judgements.find(({ metric }) => metric === name)
      assert.equal(one?.reason, 'needs 4 runs on either side and more, has 6 and 2', name)
    }
  })

  it('and nobody asked for more, it is as inconclusive', () => {
    const { verdict, judgements } = compareResults([measured(0, 0)], [measured(1, 0)])
    assert.equal(verdict, 'inconclusive')
    const counted = judgements.filter(({ kind }) => kind === 'deterministic')
    assert.deepEqual([...new Set(counted.map(({ verdict }) => verdict))], ['unchanged'])
    const only = compareResults([measured(0, 0)], [measured(1, 0)], { deterministicOnly: true })
    assert.equal(only.verdict, 'unchanged')
  })
})
