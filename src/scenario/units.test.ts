import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  formatGigabytes,
  formatWhole,
  isPlainNumber,
  isRefusal,
  parseBytes,
  parseCount,
  parseDuration,
  parseRate,
  type Refusal,
  roundedDown,
  writeBytes,
  writeDuration,
  writeRate,
} from './units.ts'

type Row = readonly [text: string, expected: number | RegExp]

function table(parse: (text: string) => number | Refusal, rows: readonly Row[]): void {
  for (const [text, expected] of rows) {
    it(`${JSON.stringify(text)} → ${expected}`, () => {
      const value = parse(text)
      if (typeof expected === 'number') assert.equal(value, expected)
      else assert.match(isRefusal(value) ? value.problem : String(value), expected)
    })
  }
}

describe('parseDuration', () => {
  table(parseDuration, [
    ['500ms', 500],
    ['10s', 10_000],
    ['1.5s', 1500],
    ['4.35s', 4350],
    ['2m', 120_000],
    ['2min', 120_000],
    ['1.1m', 66_000],
    ['1h', 3_600_000],
    ['250us', 0.25],
    ['0s', 0],
    ['0', /has no unit/],
    ['10', /has no unit/],
    ['10sec', /unknown unit sec/],
    ['10 s', /is not a duration/],
    ['-1s', /is negative/],
    ['', /is not a duration/],
    ['s', /is not a duration/],
    ['1e3s', /is not a duration/],
    ['Infinity', /is not a duration/],
    ['1s\n', /is not a duration/],
    ['9'.repeat(500), /is not a duration/],
  ])

  it('takes a bare zero where that is allowed', () => {
    assert.equal(parseDuration('0', true), 0)
    assert.ok(isRefusal(parseDuration('1', true)))
  })

  it('reads back what writeDuration writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (us) => {
        const ms = us / 1e3
        assert.equal(parseDuration(writeDuration(ms)), ms)
      }),
    )
  })
})

describe('parseCount', () => {
  table(parseCount, [
    ['1000', 1000],
    ['10k', 10_000],
    ['10K', 10_000],
    ['1.5M', 1_500_000],
    ['1.001k', 1001],
    ['0', 0],
    ['1.5', /not a whole number/],
    ['1.0001k', /not a whole number/],
    ['-5', /is negative/],
    ['1m', /unknown unit m/],
    ['1,000', /is not a count/],
    ['NaN', /is not a count/],
    ['1e9', /is not a count/],
    ['99999999999999999999', /too large/],
  ])

  it('applies k exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (count) => {
        const digits = String(count).padStart(4, '0')
        const text = `${digits.slice(0, -3)}.${digits.slice(-3)}k`
        assert.equal(parseCount(text), count)
      }),
    )
  })
})

describe('parseBytes', () => {
  table(parseBytes, [
    ['128', 128],
    ['128B', 128],
    ['64KB', 64_000],
    ['64kB', 64_000],
    ['64KiB', 65_536],
    ['1MiB', 1_048_576],
    ['1.1KB', 1100],
    ['1.5KiB', 1536],
    ['1.5', /not a whole number/],
    ['1kb', /unknown unit kb/],
    ['-1B', /is negative/],
    ['many', /is not a size/],
  ])

  it('reads back what writeBytes writes, to three digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 29 }), (bytes) => {
        const again = parseBytes(writeBytes(bytes))
        if (!isRefusal(again)) assert.ok(Math.abs(again - bytes) <= bytes * 0.005)
      }),
    )
  })
})

describe('parseRate', () => {
  table(parseRate, [
    ['0.1', 0.1],
    ['100', 100],
    ['1k', 1000],
    ['10/s', 10],
    ['6/min', 0.1],
    ['6/m', 0.1],
    ['1/100s', 0.01],
    ['1k/h', 1000 / 3600],
    ['0', 0],
    ['-1', /is negative/],
    ['NaN', /is not a rate/],
    ['Infinity', /is not a rate/],
    ['1/', /is not a rate/],
    ['1/100', /has no unit/],
    ['1/0s', /period is zero/],
    ['20/day', 20 / 86_400],
    ['20/d', 20 / 86_400],
    ['1/2days', 1 / 172_800],
    ['7/week', 1 / 86_400],
    ['6/hour', 1 / 600],
    ['6/minute', 0.1],
    ['1/second', 1],
    ['1/month', /unknown unit month/],
    ['1/day/s', /is not a duration/],
    ['/s', /is not a rate/],
  ])

  it('reads back what writeRate writes, exactly', () => {
    const rates = ['0.1', '6/min', '20/day', '1/100s', '3/week', '20/min', '0', '1k'].map(parseRate)
    assert.deepEqual(
      rates.map((rate) => writeRate(Number(rate))),
      ['0.1', '0.1', '20/day', '0.01', '3/week', '20/min', '0', '1000'],
    )
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (rate) => {
        const text = writeRate(rate)
        assert.equal(isPlainNumber(text) ? Number(text) : parseRate(text), rate)
      }),
    )
  })
})

describe('parsers', () => {
  it('never throw and give a finite number or a refusal', () => {
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^-?\d{0,4}\.?\d{0,3}[a-zA-Z]{0,3}\/?\d?[a-z]?$/),
    )
    fc.assert(
      fc.property(text, (written) => {
        for (const parse of [parseDuration, parseCount, parseBytes, parseRate]) {
          const value = parse(written)
          assert.ok(isRefusal(value) || (Number.isFinite(value) && value >= 0))
        }
      }),
    )
  })
})

describe('formats for people', () => {
  it('writes durations', () => {
    const written = [0, 0.25, 1, 500, 1500, 61_000, 120_000, 3_600_000, 5_400_000]
    const expected = ['0s', '250us', '1ms', '500ms', '1.5s', '61s', '2m', '1h', '90m']
    assert.deepEqual(written.map(writeDuration), expected)
  })

  it('writes a memory without an exponent, whatever its size', () => {
    const texts = [4e9, 9.96e9, 16.2e9, 284e9, 1.284e12].map(formatGigabytes)
    assert.deepEqual(texts, ['4.0 GB', '10 GB', '16 GB', '280 GB', '1,300 GB'])
  })

  it('writes counts and bytes', () => {
    assert.equal(formatWhole(10_000), '10,000')
    assert.deepEqual([0, 128, 1024, 1536, 65_536, 2.5e9, 16e12].map(writeBytes), [
      '0B',
      '128B',
      '1KiB',
      '1.5KiB',
      '64KiB',
      '2.33GiB',
      '14.6TiB',
    ])
  })
})

describe('a count is rounded', () => {
  it('down, where there are no more', () => {
    assert.deepEqual([789_760, 28_999, 100, 99, 7].map(roundedDown), [780_000, 28_000, 100, 99, 7])
  })
})
