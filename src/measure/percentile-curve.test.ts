import assert from 'node:assert/strict'
import { test } from 'node:test'
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import { mergedHistogram, percentileCurve } from './percentile-curve.ts'

function encoded(...values: readonly number[]): string {
  const histogram = build({ bitBucketSize: 64, numberOfSignificantValueDigits: 3 })
  for (const value of values) histogram.recordValue(value)
  return encodeIntoCompressedBase64(histogram)
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1)

test('a curve goes from the least to the slowest, each nine as wide as the others', () => {
  const curve = percentileCurve([encoded(...upTo(1_000))])
  assert.ok(curve !== null)
  const at = new Map(curve.points.map(({ nines, us }) => [nines, us]))
  assert.equal(curve.count, 1_000)
  assert.deepEqual([at.get(0), at.get(1), at.get(2)], [1, 900, 990])
  assert.deepEqual(curve.points.at(-1), { nines: 3, us: 1_000 })
  assert.equal(curve.points.length, 61)
  assert.equal(curve.soundNines, 2)
  for (const [i, point] of curve.points.entries()) {
    const next = curve.points[i + 1]
    assert.ok(next === undefined || (next.nines > point.nines && next.us >= point.us))
  }
})

test('where few events became many deliveries, the curve is sound by the events', () => {
  const histogram = encoded(...upTo(1_000))
  for (const [events, soundNines] of [
    [100, 1],
    [5_000, 2],
    [3, 0],
  ] as const) {
    const curve = percentileCurve([histogram], events)
    assert.deepEqual([curve?.count, curve?.soundNines], [1_000, soundNines])
  }
})

test('several histograms are added up: percentiles are not averaged', () => {
  // Medians 5 and 995: a mean of them is 500, of all samples the median is 10.
  const few = encoded(...upTo(10).map((value) => value + 989))
  const many = encoded(...upTo(90).map(() => 10))
  assert.equal(mergedHistogram([many, few]).getValueAtPercentile(50), 10)
  const curve = percentileCurve([many, few])
  assert.equal(curve?.count, 100)
  assert.equal(curve?.points.at(-1)?.us, 999)
})

test('without a sample there is no curve, and one sample is a point', () => {
  assert.equal(percentileCurve([]), null)
  assert.equal(percentileCurve(['', '']), null)
  assert.deepEqual(percentileCurve([encoded(7)]), {
    count: 1,
    points: [{ nines: 0, us: 7 }],
    soundNines: 0,
  })
})

test('what is no histogram throws', () => {
  assert.throws(() => percentileCurve(['AAAA']), { code: 'bad-result' })
})
