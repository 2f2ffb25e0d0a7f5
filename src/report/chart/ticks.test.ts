import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { domainOf, figureText, spaced, ticksOf, tickText } from './ticks.ts'

const figure = fc.double({ min: 1e-3, max: 1e12, noNaN: true })
const scale = fc.constantFrom('linear' as const, 'log' as const)
const quantity = fc.constantFrom('count', 'microseconds', 'bytes', 'share')

test('an axis holds every figure, and has a few ascending ticks within its ends', () => {
  fc.assert(
    fc.property(figure, figure, scale, quantity, (one, other, scale, quantity) => {
      const [min, max] = one < other ? [one, other] : [other, one]
      const [from, to] = domainOf(min, max, scale, quantity)
      assert.ok(from <= min * 1.0001 && to >= max * 0.9999, `${from} ${min} ${max} ${to}`)
      const ticks = ticksOf(from, to, scale, quantity)
      assert.ok(ticks.length >= 2 && ticks.length <= 20, `${ticks.length} ticks`)
      const isEven = scale === 'log' || Math.abs((ticks.at(-1) ?? 0) - to) <= to * 1e-6
      assert.ok(isEven, `${ticks.at(-1)} is not the end, ${to}`)
      for (const [i, tick] of ticks.entries()) {
        assert.ok(tick >= from * 0.999 && tick <= to * 1.001)
        assert.ok(i === 0 || tick > (ticks[i - 1] ?? 0))
      }
    }),
  )
})

test('what is nothing at all has an axis, too', () => {
  assert.deepEqual(domainOf(0, 0, 'linear', 'count'), [0, 1])
  assert.deepEqual(
    ticksOf(0, 1, 'linear', 'share').map((tick) => tickText(tick, 'share')),
    ['0 %', '20 %', '40 %', '60 %', '80 %', '100 %'],
  )
  assert.ok(domainOf(0, 0, 'log', 'count')[0] < domainOf(0, 0, 'log', 'count')[1])
})

test('percentiles are named as everybody names them', () => {
  const ticks = ticksOf(0, 4.2, 'linear', 'nines').map((tick) => tickText(tick, 'nines'))
  assert.deepEqual(ticks, ['least', 'p50', 'p90', 'p99', 'p99.9', 'p99.99'])
})

test('ticks whose texts would meet are left out', () => {
  const ticks = ticksOf(0, 4.2, 'linear', 'nines')
  const at = (width: number): readonly string[] =>
    spaced(ticks, (tick) => (tick / 4.2) * width, 44).map((tick) => tickText(tick, 'nines'))
  assert.deepEqual(at(700), ['least', 'p50', 'p90', 'p99', 'p99.9', 'p99.99'])
  assert.deepEqual(at(280), ['least', 'p90', 'p99', 'p99.9', 'p99.99'])
  assert.deepEqual(at(100), ['least', 'p99', 'p99.99'])
})

test('bytes have round binary steps', () => {
  const ticks = ticksOf(0, 4096, 'linear', 'bytes').map((tick) => tickText(tick, 'bytes'))
  assert.deepEqual(ticks, ['0', '1 KiB', '2 KiB', '3 KiB', '4 KiB'])
})

test('a time axis has whole parts of minutes, hours and days', () => {
  const from = Date.UTC(2026, 10, 22, 10, 49, 36) / 1000
  const texts = (seconds: number): string[] =>
    ticksOf(from, from + seconds, 'linear', 'moment').map((tick) => tickText(tick, 'moment'))
  assert.deepEqual(texts(40), ['10:49:45', '11-22 10:50', '10:50:15'])
  assert.deepEqual(texts(3_600), ['11-22 11:00', '11-22 11:15', '11-22 11:30', '11-22 11:45'])
  assert.deepEqual(texts(3 * 86_400), ['2026-11-23', '2026-11-24', '2026-11-25'])
  for (const seconds of [1, 100, 1e4, 1e6, 1e8, 1e9]) {
    assert.ok(texts(seconds).length <= 6, `${seconds} s`)
  }
  assert.equal(figureText(from, 'moment'), '2026-11-22 10:49 UTC')
})
