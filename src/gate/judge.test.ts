import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Result, Run } from '../result/document.ts'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { judge } from './judge.ts'
import { gateRows } from './report.ts'

const JUDGING = { deterministicOnly: true, thresholdShare: 0.1 }

function result(run: Partial<Run> = {}): Result {
  return sampleResult({ runs: [sampleRun('websocket', run)] })
}

const HEAVIER = { wire: { bytesReceived: 800_000, bytesSent: 1, bytesPerDelivery: 344 } }
const { delivery } = sampleRun('websocket')
const LOSSY = { delivery: { ...delivery, delivered: 999, lost: 1, reach: 0.999 } }

test('what a pause can change is doubtful, and nothing is beside a loss', () => {
  const doubtful = (run: Partial<Run>): boolean => judge(result(run), result(), JUDGING).doubtful
  assert.equal(doubtful({}), false)
  assert.equal(doubtful(HEAVIER), true)
  assert.equal(doubtful(LOSSY), false)
  assert.equal(doubtful({ ...HEAVIER, ...LOSSY }), false)
  assert.equal(judge(result(HEAVIER), null, JUDGING).doubtful, false)
})

test('requests and bytes that speed decides over are told not to be judged', () => {
  const { exchanges } = sampleRun('long-poll')
  // Two events by an answer.
  const shared = { ...exchanges, responses: 500, requests: 500, empty: 0, emptyRatio: 0 }
  const of = (run: Partial<Run>): Result => sampleResult({ runs: [sampleRun('long-poll', run)] })
  const { checks } = judge(of({ ...HEAVIER, exchanges: shared }), of({}), JUDGING)
  const bytes = checks.find(({ name }) => name === 'Bytes per delivery')
  assert.equal(bytes?.outcome, 'skipped')
  assert.match(bytes?.message ?? '', /depends on speed here/)
})

test('where times do not matter, thresholds on them are not asked for, by name or by path', () => {
  const { scenario } = sampleResult()
  const thresholds = ['p99<1ms', 'server.rssBytes<1KiB', 'lost==0', 'wire.bytesPerDelivery<1KiB']
  const { checks } = judge({ ...result(), scenario: { ...scenario, thresholds } }, null, JUDGING)
  const asked = checks.filter(({ kind }) => kind === 'threshold').map(({ name }) => name)
  assert.deepEqual(asked, ['lost==0', 'wire.bytesPerDelivery<1KiB'])
})

test('who has too few runs for times is told which side needs more, and by how much they differ', () => {
  const of = (repeat: number, p50Us: number): Result => {
    const { scenario } = sampleResult()
    const runs = Array.from({ length: repeat }, (_, i) => {
      const run = sampleRun('websocket')
      return { ...run, repetition: i + 1, latency: { ...run.latency, p50Us } }
    })
    return sampleResult({ runs, scenario: { ...scenario, repeat } })
  }
  const timed = { ...JUDGING, deterministicOnly: false }
  const hint = (before: number, after: number, isPaired = false): string | undefined => {
    const judging = { ...timed, isPaired }
    const { checks } = judge(of(after, 2_000), of(before, 1_000), judging)
    return checks.find(({ name }) => name === 'times')?.message
  }
  assert.match(hint(1, 5) ?? '', /have 1 and 5: store the baseline anew by .*--update-baseline$/)
  assert.match(hint(5, 1) ?? '', /have 5 and 1: measure by --repeat 5$/)
  assert.match(hint(1, 1) ?? '', /measure by --repeat 5, and store the baseline anew by /)
  assert.match(hint(2, 2, true) ?? '', /have 2 and 2: measure by --repeat 5$/)
  assert.equal(hint(5, 5), undefined)

  const { checks } = judge(of(5, 2_000), of(1, 1_000), timed)
  const lines = gateRows([{ name: 'a', file: null, startedAt: '', durationMs: 0, checks }])[0]
    ?.lines
  assert.match(
    lines?.join('\n') ?? '',
    /^\d+ inconclusive, needs ≥ 5 repetitions on either side, has 1 and 5: Push latency p50 1 ms → 2 ms \(\+100 %\), /m,
  )
})
