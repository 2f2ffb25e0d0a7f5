import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Percentile } from '../result/advice.ts'
import { largestIntervalMs, overheadUs, polledUs } from './interval.ts'

const cases: readonly (readonly [Percentile, number, number, number | null])[] = [
  // 0.99 of 500 ms is 495 ms, of 510 ms too much.
  ['p99', 0, 500_000, 500],
  ['p99', 0, 1_000_000, 1000],
  ['p50', 0, 500_000, 1000],
  ['p95', 0, 1_900_000, 2000],
  ['p99', 50_000, 500_000, 450],
  ['p99', 0, 1_000, 1],
  ['p99', 0, 900, null],
  ['p99', 600_000, 500_000, null],
  // No scenario may ask for more than an hour.
  ['p99', 0, 1e12, 3_600_000],
]
for (const [percentile, overhead, wanted, interval] of cases) {
  test(`${percentile} within ${wanted} µs, ${overhead} of them not the interval's: ${interval} ms`, () => {
    assert.equal(largestIntervalMs(percentile, overhead, wanted), interval)
  })
}

test('the interval keeps the latency, and one a tenth longer does not', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<Percentile>('p50', 'p95', 'p99'),
      fc.integer({ min: 0, max: 100_000 }),
      fc.integer({ min: 120_000, max: 1_000_000_000 }),
      (percentile, overhead, wanted) => {
        const interval = largestIntervalMs(percentile, overhead, wanted)
        assert.ok(interval !== null && interval >= 1)
        assert.ok(polledUs(percentile, overhead, interval) <= wanted + 1)
        if (interval < 3_600_000) {
          assert.ok(polledUs(percentile, overhead, interval * 1.1 + 1) > wanted)
        }
      },
    ),
  )
})

test('what is measured beyond the interval is overhead, and never less than none', () => {
  assert.equal(overheadUs('p99', 1_000_000, 1000), 10_000)
  assert.equal(overheadUs('p99', 980_000, 1000), 0)
  assert.equal(polledUs('p99', overheadUs('p99', 1_000_000, 1000), 1000), 1_000_000)
})
