import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { METRICS, type Metric } from '../../scenario/threshold.ts'
import { describeAnswer } from './action.ts'

const which = { transport: 'sse', repetition: 2, cause: null } as const

test('of a latency both bounds are told where they differ visibly', () => {
  const of = { ...which, threshold: 'p99<100ms', metric: 'p99', value: 250_000 } as const
  assert.equal(
    describeAnswer({ ...of, lower: 180_500, verdict: 'missed' }),
    'threshold p99<100ms missed by sse #2: is 180.5 to 250 ms',
  )
  assert.match(describeAnswer({ ...of, lower: 249_000, verdict: 'missed' }), /: is 250 ms$/)
})

test('what cannot be told is told with its cause', () => {
  const of = { ...which, threshold: 'p99<200ms', metric: 'p99', verdict: 'untold' } as const
  assert.equal(
    describeAnswer({ ...of, value: 250_000, lower: 180_000, cause: 'a worker stood still' }),
    'threshold p99<200ms cannot be told of sse #2: is 180 to 250 ms, since a worker stood still',
  )
  // Both sides of a limit, however near they are.
  assert.match(describeAnswer({ ...of, value: 201_000, lower: 199_000 }), /: is 199 to 201 ms$/)
})

test('a missed threshold is told in the unit of its metric', () => {
  const cases: readonly (readonly [Metric, number | null, string])[] = [
    ['p99', 200_040, 'is 200.04 ms'],
    ['p50', 312, 'is 312 µs'],
    ['cpuUsPerDelivery', 31.26, 'is 31.26 µs'],
    ['lost', 12_000, 'is 12,000'],
    ['reach', 0.99861, 'is 99.861 %'],
    ['bytesPerDelivery', 172.5, 'is 172.5 B'],
    ['deliveriesPerSecond', 99.5, 'is 99.5/s'],
    ['p999', null, 'not measured'],
  ]
  for (const [metric, value, found] of cases) {
    const threshold = `${metric}<1`
    assert.equal(
      describeAnswer({ ...which, threshold, metric, value, lower: value, verdict: 'missed' }),
      `threshold ${threshold} missed by sse #2: ${found}`,
    )
  }
})

test('every metric is in the documentation', () => {
  const page = readFileSync(new URL('../../../docs/thresholds.md', import.meta.url), 'utf8')
  for (const metric of METRICS) assert.ok(page.includes(`\`${metric}\``), metric)
})
