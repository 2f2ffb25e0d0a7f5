import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import type { Run } from '../result/document.ts'
import { sampleLatency, sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { sampleSweep } from '../result/sample-sweep.conformance.ts'
import { checksOf } from './check.ts'

const late = {
  verdict: 'invalid' as const,
  reasons: [
    { code: 'slip', severity: 'invalid' as const, message: 'late', value: 9_000, limit: 2_000 },
  ],
}

/** Of the second repetition at 2 s. */
function spoiled(run: Run): Run {
  return run.point === 2_000 && run.repetition === 2
    ? { ...run, validity: late, delivery: { ...run.delivery, lost: 3 } }
    : run
}

test('in a sweep each value is checked by its own runs', () => {
  const whole = sampleSweep()
  const [first, ...runs] = whole.runs.map(spoiled)
  assert.ok(first)
  const scenario = { ...whole.scenario, thresholds: ['lost==0'] }
  const { transport, technique, repetition } = first
  const missing = [
    { transport, label: technique.label, repetition, point: 500, reason: 'no server' },
    { transport, label: technique.label, repetition, point: 9_000, reason: 'no time' },
  ]
  const checks = checksOf({ ...whole, scenario, runs, missing })
  const verdicts = (kind: string): unknown =>
    checks
      .filter((check) => check.kind === kind)
      .map(({ transport: of, outcome, verdict }) => [of, outcome, verdict])
  assert.deepEqual(verdicts('validity'), [
    ['Short polling at interval=500ms', 'errored', 'partial'],
    ['Short polling at interval=1s', 'passed', 'valid'],
    ['Short polling at interval=2s', 'errored', 'invalid'],
    ['Short polling at interval=5s', 'passed', 'valid'],
    ['Long polling', 'passed', 'valid'],
    ['Server-Sent Events', 'passed', 'valid'],
    ['WebSocket', 'passed', 'valid'],
    ['Short polling at interval=9s', 'errored', 'partial'],
  ])
  assert.deepEqual(verdicts('threshold'), [
    ['Short polling at interval=500ms', 'passed', 'kept'],
    ['Short polling at interval=1s', 'passed', 'kept'],
    ['Short polling at interval=2s', 'failed', 'missed'],
    ['Short polling at interval=5s', 'passed', 'kept'],
    ['Long polling', 'passed', 'kept'],
    ['Server-Sent Events', 'passed', 'kept'],
    ['WebSocket', 'passed', 'kept'],
  ])
  const missed = checks.find(({ verdict }) => verdict === 'missed')
  assert.equal(missed?.message, 'lost==0 missed in 1 of 2 runs: 3')
})

test('why runs are not to be believed is one line for each cause, with their number', () => {
  const lost = (port: number) => ({
    code: 'server-lost',
    severity: 'invalid' as const,
    message: `the server at port ${port} stopped answering`,
    value: 1,
    limit: 0,
  })
  const runs = [1, 2, 3].map((repetition) => ({
    ...sampleRun('sse', { partial: repetition < 3 }),
    repetition,
    validity: { verdict: 'invalid' as const, reasons: [lost(repetition)] },
  }))
  const missing = [4, 5].map((repetition) => ({
    ...{ transport: 'sse', label: 'Server-Sent Events', repetition },
    reason: 'the runs before it failed',
  }))
  const [check] = checksOf(sampleResult({ runs, missing }))
  assert.equal(check?.verdict, 'invalid')
  assert.deepEqual(check?.lines, [
    'invalid in 3 of 5 runs: the server at port 1 stopped answering',
    'partial in 2 of 5 runs: a part of it was lost; its figures cover the rest only',
    'not measured in 2 of 5 runs: the runs before it failed',
  ])
  const [once] = checksOf(sampleResult({ runs: runs.slice(0, 1), missing: [] }))
  assert.equal(once?.lines?.[0], 'invalid: the server at port 1 stopped answering')
  const stopped = sampleRun('sse', { interrupted: true, partial: true, durationMs: 0 })
  assert.deepEqual(checksOf(sampleResult({ runs: [stopped] }))[0]?.lines, [
    'interrupted: stopped before its window began: nothing was measured',
  ])
})

describe('a threshold on a latency', () => {
  const bounds = {
    latency: sampleLatency(4_000, 16_000),
    latencyLowerBound: sampleLatency(3_000, 12_000),
  }
  const asked = (run: Run, ...thresholds: readonly string[]): unknown => {
    const { scenario } = sampleResult()
    const result = sampleResult({ runs: [run], scenario: { ...scenario, thresholds } })
    return checksOf(result).map(({ name, outcome, verdict, message }) => [
      ...[name, outcome, verdict],
      message,
    ])
  }
  const lateness = {
    ...{ slipUs: 0, askUs: 0, busyUs: 900, waitUs: 0, stallUs: 0, serverWaitUs: 0 },
    ...{ graveShare: 0, stalls: 0, longestStallUs: 0, othersCpuUtilisation: null },
    cause: { code: 'busy', message: 'the workers had more to read than they could' },
  }

  it('errs where it cannot be told, and says why', () => {
    assert.deepEqual(asked(sampleRun('sse', { ...bounds, lateness }), 'p99<14ms', 'p99<10ms'), [
      ['validity', 'passed', 'valid', '1 run'],
      [
        ...['p99<14ms', 'errored', 'cannot tell'],
        'p99<14ms cannot be told: 12 to 16 ms, since the workers had more to read than they could',
      ],
      ['p99<10ms', 'failed', 'missed', 'p99<10ms missed: 12 to 16 ms'],
    ])
  })

  it('is answered by a run of which only the bounds are apart, and which stays marked', () => {
    const run = sampleRun('sse', { ...bounds, lateness, validity: late })
    const marked = 'invalid: late; each threshold is asked at both bounds all the same'
    assert.deepEqual(asked(run, 'p99<500ms'), [
      ['validity', 'passed', 'late', marked],
      ['p99<500ms', 'passed', 'kept', 'p99<500ms: 12 to 16 ms'],
    ])
    // Nobody asked anything that it could answer.
    assert.deepEqual(asked(run), [['validity', 'errored', 'invalid', 'invalid: late']])
    const { latencyLowerBound, ...older } = run
    assert.deepEqual(asked(older, 'p99<500ms'), [
      ['validity', 'errored', 'invalid', 'invalid: late'],
      ['p99<500ms', 'passed', 'kept', 'p99<500ms: 16 ms'],
    ])
  })
})
