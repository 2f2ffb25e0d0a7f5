import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type CurvePoint, crossoverOf } from './crossover.ts'

const curve = (xs: readonly number[], y: (x: number) => number): readonly CurvePoint[] =>
  xs.map((x) => ({ x, y: y(x) }))

const XS = [0.01, 0.1, 1, 10, 100]
const near = (found: number | undefined, wanted: number): boolean =>
  found !== undefined && Math.abs(found / wanted - 1) < 1e-9

/** Ascending values from 0.001 to 1,000, none within a thousandth of another. */
const grid = fc
  .uniqueArray(fc.integer({ min: -3000, max: 3000 }), { minLength: 2, maxLength: 12 })
  .map((exponents) => exponents.sort((a, b) => a - b).map((exponent) => 10 ** (exponent / 1000)))
const positive = fc.double({ min: 1e-3, max: 1e3, noNaN: true })

describe('a crossover', () => {
  it('of powers is exact, however far apart the values are', () => {
    const power = fc.double({ min: -2, max: 2, noNaN: true })
    fc.assert(
      fc.property(
        grid,
        fc.integer({ min: 0, max: 10 }),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        positive,
        power,
        power,
        (xs, place, share, height, p, q) => {
          fc.pre(Math.abs(p - q) > 0.05)
          const index = place % (xs.length - 1)
          const [from = 1, to = 1] = xs.slice(index)
          const wanted = from * (to / from) ** share
          const one = curve(xs, (x) => height * (x / wanted) ** p)
          const other = curve(xs, (x) => height * (x / wanted) ** q)
          const { crossings, lowerFirst } = crossoverOf(one, other)
          assert.equal(crossings.length, 1)
          assert.ok(near(crossings[0]?.x, wanted), `${crossings[0]?.x} is not ${wanted}`)
          assert.deepEqual(crossings[0]?.between, [from, to])
          assert.equal(crossings[0]?.lowerBefore, p > q ? 'one' : 'other')
          assert.equal(lowerFirst, p > q ? 'one' : 'other')
        },
      ),
    )
  })

  it('of what grows with the rate and what does not lies between the right values', () => {
    // A stream's bytes: 8 for its heartbeats and 200 an event; a poller's: 300 whatever happens.
    fc.assert(
      fc.property(positive, positive, positive, (base, each, constant) => {
        const wanted = (constant - base) / each
        fc.pre(wanted > 0.011 && wanted < 99 && XS.every((x) => Math.abs(x / wanted - 1) > 1e-6))
        const { crossings } = crossoverOf(
          curve(XS, (x) => base + each * x),
          curve(XS, () => constant),
        )
        assert.equal(crossings.length, 1)
        const [from = 0, to = 0] = crossings[0]?.between ?? []
        assert.ok(from < wanted && wanted < to)
        const { x = 0 } = crossings[0] ?? {}
        assert.ok(x >= from && x <= to)
      }),
    )
  })

  it('is none where one is lower everywhere, and says which', () => {
    fc.assert(
      fc.property(grid, fc.infiniteStream(positive), (xs, heights) => {
        const one = curve(xs, () => heights.next().value ?? 1)
        const other = one.map(({ x, y }) => ({ x, y: y * 1.01 }))
        const found = crossoverOf(one, other)
        assert.deepEqual(found.crossings, [])
        assert.equal(found.lowerFirst, 'one')
        assert.deepEqual(found.range, [xs[0], xs.at(-1)])
        assert.equal(crossoverOf(other, one).lowerFirst, 'other')
      }),
    )
  })

  it('never lies outside what was measured, and is not what the order or the units are', () => {
    fc.assert(
      fc.property(
        grid,
        fc.infiniteStream(fc.integer({ min: 1, max: 1000 })),
        positive,
        // By a power of two, so that equal heights stay equal.
        fc.integer({ min: -9, max: 9 }).map((power) => 2 ** power),
        (xs, heights, wide, high) => {
          const height = (): number => heights.next().value ?? 1
          const one = curve(xs, height)
          const other = curve(xs, height)
          const { crossings } = crossoverOf(one, other)
          for (const { x, between } of crossings) {
            assert.ok(x >= between[0] && x <= between[1])
            assert.ok(between[0] >= (xs[0] ?? 0) && between[1] <= (xs.at(-1) ?? 0))
          }
          const backwards = crossoverOf([...one].reverse(), other)
          assert.deepEqual(backwards.crossings, crossings)
          const swapped = crossoverOf(other, one).crossings
          assert.deepEqual(
            swapped.map(({ lowerBefore }) => lowerBefore),
            crossings.map(({ lowerBefore }) => (lowerBefore === 'one' ? 'other' : 'one')),
          )
          const scale = ({ x, y }: CurvePoint): CurvePoint => ({ x: x * wide, y: y * high })
          const scaled = crossoverOf(one.map(scale), other.map(scale)).crossings
          assert.equal(scaled.length, crossings.length)
          for (const [index, { x }] of scaled.entries()) {
            assert.ok(Math.abs(x / wide / (crossings[index]?.x ?? 0) - 1) < 1e-6)
          }
        },
      ),
    )
  })

  it('may come several times', () => {
    const flat = curve(XS, () => 1)
    const wave = XS.map((x, index) => ({ x, y: index % 2 === 0 ? 2 : 0.5 }))
    const { crossings } = crossoverOf(wave, flat)
    assert.deepEqual(
      crossings.map(({ lowerBefore }) => lowerBefore),
      ['other', 'one', 'other', 'one'],
    )
    assert.ok(near(crossings[0]?.x, Math.sqrt(0.01 * 0.1)))
  })

  it('is at the value where both are equal', () => {
    const ys = [1, 2, 2, 4, 5]
    const one = XS.map((x, index) => ({ x, y: ys[index] ?? 0 }))
    const found = crossoverOf(
      one,
      curve(XS, () => 2),
    )
    assert.equal(found.crossings.length, 1)
    assert.ok(near(found.crossings[0]?.x, Math.sqrt(0.1 * 1)))
    assert.deepEqual(found.crossings[0]?.between, [0.01, 10])
  })

  it('is none where they touch, or are the same', () => {
    const touching = XS.map((x, index) => ({ x, y: index === 2 ? 2 : 1 }))
    assert.deepEqual(
      crossoverOf(
        touching,
        curve(XS, () => 2),
      ).crossings,
      [],
    )
    const same = crossoverOf(touching, touching)
    assert.deepEqual([same.crossings, same.lowerFirst], [[], null])
  })

  it('leaves out what has no logarithm or was measured of one alone', () => {
    const one = [
      { x: 0, y: 1 },
      { x: 1, y: 0 },
      { x: 2, y: 1 },
      { x: 4, y: 3 },
      { x: 8, y: 9 },
    ]
    const found = crossoverOf(one, [
      { x: 0, y: 9 },
      { x: 1, y: 9 },
      { x: 2, y: 3 },
      { x: 4, y: 1 },
    ])
    assert.equal(found.crossings.length, 1)
    assert.deepEqual(found.range, [2, 4])
    assert.deepEqual(crossoverOf([], []), { range: null, crossings: [], lowerFirst: null })
    assert.equal(crossoverOf([{ x: 1, y: 1 }], [{ x: 1, y: 2 }]).range, null)
  })
})
