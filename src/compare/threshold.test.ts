import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import type { Run } from '../result/document.ts'
import { sampleLatency, sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { METRICS, PATHS } from '../scenario/threshold.ts'
import { type Answer, answersOf, figureOf } from './threshold.ts'

/** Numbers of a run that are no figures of its measurement. */
const NO_FIGURES =
  /^(?:repetition|seed|point|technique\..*|sampling\..*|validity\..*|timeline\..*|errors\..*)$/

/** The paths of a value's numbers; lists are left out. */
function leavesOf(value: unknown, path = ''): readonly string[] {
  if (typeof value === 'number') return [path]
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    leavesOf(inner, path === '' ? key : `${path}.${key}`),
  )
}

describe('the figures that a threshold may name', () => {
  it('are read from a run as they stand there', () => {
    const run = sampleRun('long-poll')
    const leaves = leavesOf(run).filter((path) => !NO_FIGURES.test(path))
    assert.ok(leaves.length > 45, `${leaves.length}`)
    for (const path of leaves) {
      assert.ok(PATHS.includes(path), path)
      assert.ok(figureOf(run, path) !== null, path)
      assert.deepEqual(missedBy(`${path}>=0`), [], path)
      assert.equal(missedBy(`${path}<0`).length, 1, path)
    }
  })

  it('are missing of a run that has none, and of no run by a short name', () => {
    const run = sampleRun('sse', { server: null, probe: null })
    for (const path of ['server.rssBytes', 'probe.p99Us', 'exchanges.emptyRatio', 'constructor']) {
      assert.equal(figureOf(run, path), null)
    }
    for (const metric of METRICS) {
      if (metric !== 'p999') assert.ok(figureOf(sampleRun('long-poll'), metric) !== null, metric)
    }
  })

  it('are errors by their cause, 0 where it did not come up', () => {
    const run = sampleRun('sse', { errors: { ECONNRESET: 3 } })
    assert.equal(figureOf(run, 'errors.ECONNRESET'), 3)
    assert.equal(figureOf(run, 'errors.timeout'), 0)
  })
})

test('a run that was stopped before its window is held against nothing', () => {
  const { scenario } = sampleResult()
  const held = { scenario: { ...scenario, thresholds: ['delivery.delivered>1000000'] } }
  const whole = sampleRun('sse')
  const stopped = sampleRun('websocket', { durationMs: 0, partial: true })
  const missed = answersOf({ ...held, runs: [stopped, whole] })
  assert.deepEqual(
    missed.map(({ transport }) => transport),
    ['sse'],
  )
})

/** Whether the run keeps a condition. */
function missedBy(condition: string): readonly Answer[] {
  const answers = answersTo([condition], sampleRun('long-poll'))
  return answers.filter(({ verdict }) => verdict === 'missed')
}

function answersTo(thresholds: readonly string[], run: Run): readonly Answer[] {
  return answersOf({
    scenario: { ...sampleResult().scenario, thresholds: [...thresholds] },
    runs: [run],
  })
}

describe('a push latency is asked at both its bounds', () => {
  const run = sampleRun('sse', {
    latency: sampleLatency(4_000, 16_000),
    latencyLowerBound: sampleLatency(3_000, 12_000),
  })
  const verdictOf = (threshold: string, of = run): string | undefined =>
    answersTo([threshold], of)[0]?.verdict

  it('and kept or missed where they say the same', () => {
    for (const kept of ['p99<500ms', 'p99<=16ms', 'p99>=12ms', 'latency.p99Us>11ms', 'p50<5ms']) {
      assert.equal(verdictOf(kept), 'kept', kept)
    }
    for (const missed of ['p99<12ms', 'p99>=17ms', 'p99==18ms', 'p99==9ms']) {
      assert.equal(verdictOf(missed), 'missed', missed)
    }
  })

  it('and not told where they do not, or where it lies between them', () => {
    for (const untold of ['p99<14ms', 'p99<=12ms', 'p99>13ms', 'p99==14ms', 'p99==16ms']) {
      assert.equal(verdictOf(untold), 'untold', untold)
    }
  })

  it('of an older result as observed, and so is every other figure', () => {
    const { latencyLowerBound, ...older } = run
    assert.equal(verdictOf('p99<14ms', older), 'missed')
    assert.equal(verdictOf('latencyLowerBound.p99Us<14ms'), 'kept')
    assert.equal(verdictOf('latencyLowerBound.p99Us<14ms', older), 'missed')
    assert.equal(verdictOf('latency.count==1k'), 'kept')
    assert.equal(verdictOf('serviceLatency.p99Us<11ms'), 'missed')
  })
})
