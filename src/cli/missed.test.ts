import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { METRICS, type Metric } from '../scenario/threshold.ts'
import { describeMiss } from './missed.ts'

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
      describeMiss({ threshold, metric, transport: 'sse', repetition: 2, value }),
      `threshold ${threshold} missed by sse #2: ${found}`,
    )
  }
})

test('every metric is in the documentation', () => {
  const page = readFileSync(new URL('../../docs/thresholds.md', import.meta.url), 'utf8')
  for (const metric of METRICS) assert.ok(page.includes(`\`${metric}\``), metric)
})
