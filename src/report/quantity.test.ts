import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import fc from 'fast-check'
import {
  formatBounds,
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  isTie,
  mayTie,
} from './quantity.ts'

test('durations have three digits and the unit that fits', () => {
  const cases: [number | null, string][] = [
    [0, '0 µs'],
    [0.0421, '0.0421 µs'],
    [850, '850 µs'],
    [999.4, '999 µs'],
    [999.6, '1 ms'],
    [3_081, '3.08 ms'],
    [12_340, '12.3 ms'],
    [503_000, '503 ms'],
    [999_700, '1 s'],
    [1_290_000, '1.29 s'],
    [90_000_000, '90 s'],
    [1_234_000_000, '1,234 s'],
    [-4_200, '-4.2 ms'],
    [null, '–'],
  ]
  for (const [us, text] of cases) assert.equal(formatDuration(us), text)
})

test('bytes', () => {
  const cases: [number | null, string][] = [
    [0, '0 B'],
    [172.4, '172 B'],
    [1023.9, '1 KiB'],
    [14_200, '13.9 KiB'],
    [95_000_000, '90.6 MiB'],
    [5e12, '4,657 GiB'],
    [null, '–'],
  ]
  for (const [bytes, text] of cases) assert.equal(formatBytes(bytes), text)
})

test('counts', () => {
  const cases: [number | null, string][] = [
    [0, '0'],
    [0.1, '0.1'],
    [12.345, '12.3'],
    [99.96, '100'],
    [498.4, '498'],
    [86_400, '86,400'],
    [1_234_567, '1,234,567'],
    [null, '–'],
  ]
  for (const [value, text] of cases) assert.equal(formatCount(value), text)
})

test('percents never round to all or nothing', () => {
  const cases: [number | null, string][] = [
    [0, '0 %'],
    [1, '100 %'],
    [0.99, '99.0 %'],
    [0.9999, '99.99 %'],
    [0.99999, '99.999 %'],
    [0.999999999, '> 99.9999 %'],
    [0.0004, '0.04 %'],
    [1e-9, '< 0.0001 %'],
    [1.5, '150.0 %'],
    [null, '–'],
  ]
  for (const [ratio, text] of cases) assert.equal(formatPercent(ratio), text)
})

test('bounds are two figures where they differ visibly, in the unit of the upper one', () => {
  const cases: [number, number, string][] = [
    [4_100, 4_400, '4.1–4.4 ms'],
    [4_200, 4_200, '4.2 ms'],
    // Closer than 5 %.
    [4_210, 4_400, '4.4 ms'],
    [350, 1_200, '0.35–1.2 ms'],
    [0, 812, '0–812 µs'],
    [731, 2_900_000, '731 µs–2.9 s'],
    [940, 999.7, '0.94–1 ms'],
    [980_000, 2_000_000, '0.98–2 s'],
    [1_500_000_000, 2_000_000_000, '1,500–2,000 s'],
  ]
  for (const [lowerUs, upperUs, text] of cases) {
    assert.equal(formatBounds({ lowerUs, upperUs }), text)
  }
  assert.equal(formatBounds(null), '–')
})

const exactly = (value: number) => ({ lower: value, upper: value })

describe('figures of which each lies between two', () => {
  it('tie as plain ones do where both are the same', () => {
    const figure = fc.double({ min: 0, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(figure, figure, figure, (one, other, slack) => {
        assert.equal(mayTie(exactly(one), exactly(other), slack), isTie(one, other, slack))
      }),
    )
  })

  it('differ only where they do wherever each lies', () => {
    const span = fc
      .tuple(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 0, max: 1_000 }))
      .map(([from, more]) => ({ lower: from, upper: from + more }))
    const within = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(span, span, within, within, (one, other, here, there) => {
        const at = ({ lower, upper }: typeof one, share: number): number =>
          lower + share * (upper - lower)
        if (mayTie(one, other, 20)) return
        assert.ok(!isTie(at(one, here), at(other, there), 20))
        assert.equal(at(one, here) < at(other, there), one.upper < other.lower)
      }),
    )
  })
})
