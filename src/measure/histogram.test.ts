import assert from 'node:assert/strict'
import { before, describe, it, test } from 'node:test'
import fc from 'fast-check'
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import {
  LatencyHistogram,
  type LatencySummary,
  mergedHistogram,
  percentileCurve,
  prepareHistograms,
  valueAt,
} from './histogram.ts'

const HOUR_US = 3600e6
const samples = fc.array(fc.integer({ min: 0, max: HOUR_US }), { maxLength: 300 })

function histogramOf(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram()
  histogram.recordAll(Uint32Array.from(values))
  return histogram
}

function summaryOf(values: readonly number[]): LatencySummary {
  const histogram = histogramOf(values)
  const summary = histogram.summary()
  histogram.destroy()
  return summary
}

/** What is stored knows a sample to three digits, its maximum included. */
function assertAlike(actual: LatencySummary, expected: LatencySummary): void {
  assert.equal(actual.count, expected.count)
  for (const key of ['minUs', 'meanUs', 'p50Us', 'p90Us', 'p95Us', 'p99Us', 'maxUs'] as const) {
    const one = actual[key]
    const other = expected[key]
    if (one === null || other === null) assert.equal(one, other, key)
    else assert.ok(Math.abs(one - other) <= other / 500 + 0.2, `${key}: ${one} for ${other}`)
  }
}

const PERCENTILES = ['p50Us', 'p90Us', 'p95Us', 'p99Us'] as const
type Percentile = (typeof PERCENTILES)[number]
type Samples = readonly number[]

/** However samples are parted and stored, what is put together again must be what they are as a whole. */
function assertMerges(merge: (parts: readonly Samples[]) => LatencySummary): void {
  fc.assert(
    fc.property(fc.array(samples, { maxLength: 6 }), (parts) => {
      assertAlike(merge(parts), summaryOf(parts.flat()))
    }),
    { numRuns: 60 },
  )
}

describe('a latency histogram', () => {
  before(prepareHistograms)

  it('comes back from its stored form, and merges to the percentiles of the whole', () => {
    assertMerges((parts) => {
      const sum = mergedHistogram(parts.map((part) => summaryOf(part).histogram))
      const whole = summaryOf(parts.flat())
      const { totalCount } = sum
      if (totalCount === 0) return { ...whole, count: 0 }
      const at = (key: Percentile, percentile: number): number | null =>
        whole[key] === null ? null : valueAt(sum, percentile)
      return {
        ...whole,
        count: totalCount,
        minUs: valueAt(sum, 0),
        meanUs: sum.mean,
        p50Us: at('p50Us', 50),
        p90Us: at('p90Us', 90),
        p95Us: at('p95Us', 95),
        p99Us: at('p99Us', 99),
        maxUs: sum.maxValue,
      }
    })
  })

  it('does not merge by the mean of its parts, weighted or not, nor by its largest part', () => {
    const averaging =
      (weightOf: (part: LatencySummary) => number) => (parts: readonly Samples[]) => {
        const summaries = parts.filter((part) => part.length > 0).map(summaryOf)
        const weights = summaries.map(weightOf)
        const weight = weights.reduce((sum, one) => sum + one, 0)
        const mean = (key: Percentile): number | null =>
          weight === 0
            ? null
            : summaries.reduce(
                (sum, summary, index) =>
                  sum + ((summary[key] ?? 0) * (weights[index] ?? 0)) / weight,
                0,
              )
        const percentiles = PERCENTILES.map((key) => [key, mean(key)] as const)
        return { ...summaryOf(parts.flat()), ...Object.fromEntries(percentiles) }
      }
    const largest = (parts: readonly Samples[]): LatencySummary => {
      const [first = []] = [...parts].sort((a, b) => b.length - a.length)
      const { p50Us, p90Us, p95Us, p99Us } = summaryOf(first)
      return { ...summaryOf(parts.flat()), p50Us, p90Us, p95Us, p99Us }
    }
    for (const merge of [averaging(() => 1), averaging(({ count }) => count), largest]) {
      assert.throws(() => assertMerges(merge), /Property failed/)
    }
  })

  it('stores what other tools read', () => {
    const values = Array.from({ length: 1000 }, (_, index) => index * 250)
    const foreign = decodeFromCompressedBase64(summaryOf(values).histogram)
    assert.equal(foreign.totalCount, 1000)
    assert.equal(foreign.getValueAtPercentile(99), summaryOf(values).p99Us)
  })

  it('is right to three digits, and orders its percentiles up to the maximum', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: HOUR_US }), { minLength: 1 }), (values) => {
        const summary = summaryOf(values)
        const sorted = [...values].sort((a, b) => a - b)
        const median = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0
        assert.ok(Math.abs((summary.p50Us ?? -1) - median) <= median / 500)
        const ladder = [summary.minUs, summary.p50Us, summary.p90Us, summary.p99Us, summary.maxUs]
        const known = ladder.filter((value) => value !== null)
        assert.deepEqual(
          known,
          [...known].sort((a, b) => a - b),
        )
      }),
      { numRuns: 60 },
    )
  })

  for (const [key, least] of [
    ['p50Us', 1],
    ['p90Us', 10],
    ['p95Us', 20],
    ['p99Us', 100],
    ['p999Us', 10_000],
    ['p9999Us', 100_000],
  ] as const) {
    it(`has ${key} from ${least} events on, with as many samples`, () => {
      const histogram = histogramOf(new Array<number>(least - 1).fill(5))
      assert.equal(histogram.summary()[key], null)
      if (key === 'p99Us') assert.equal(histogram.brief()[key], null)
      histogram.record(5)
      assert.equal(histogram.summary()[key], 5)
      if (key === 'p99Us') assert.equal(histogram.brief()[key], 5)
      assert.equal(histogram.summary(least)[key], 5)
      if (least === 1) return histogram.destroy()
      // However many deliveries are of them.
      assert.equal(histogram.summary(least - 1)[key], null)
      if (key === 'p99Us') assert.equal(histogram.brief(least - 1)[key], null)
      histogram.destroy()
    })
  }

  it('tells any percentile on request, up to its maximum', () => {
    const histogram = histogramOf(Array.from({ length: 200 }, (_, index) => index + 1))
    for (const [percentile, expected] of [
      [0, 1],
      [75, 150],
      [99.5, 199],
      [100, 200],
    ] as const) {
      assert.equal(histogram.percentile(percentile), expected)
    }
    histogram.destroy()
    assert.equal(new LatencyHistogram().percentile(50), null)
  })

  it('has no figures at all without samples', () => {
    const { histogram, count, ...figures } = summaryOf([])
    assert.equal(histogram, '')
    assert.equal(count, 0)
    assert.ok(Object.values(figures).every((figure) => figure === null))
    assert.equal(mergedHistogram(['']).totalCount, 0)
    assert.deepEqual(new LatencyHistogram().brief(), { p50Us: null, p99Us: null, maxUs: null })
  })

  it('counts what is later than an hour', () => {
    const histogram = histogramOf([HOUR_US, HOUR_US + 1, 2 ** 32 - 1])
    assert.equal(histogram.overflows, 2)
    assert.equal(histogram.count, 3)
    assert.equal(histogram.summary().maxUs, HOUR_US)
  })

  for (const text of ['AAAA', 'no base64', 'HISTFAAAABl42pNpmSzMwMDAxQABTAxQwAQAGQcBHg==']) {
    it(`refuses to read ${text}`, () => {
      assert.throws(() => mergedHistogram([text]), { code: 'bad-result' })
    })
  }
})

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
