import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FanOutMeter } from './fan-out.ts'

const MS = 1e6

test('takes receivers to be written to evenly, one after the other', () => {
  for (const [receivers, meanMs] of [
    [1, 0],
    [2, 2],
    [4, 3],
  ] as const) {
    const meter = new FanOutMeter()
    meter.book(receivers, 0, 0, 8 * MS)
    assert.equal(meter.read().waitedUs / receivers, meanMs * 1000)
  }
})

test('counts the wait before the first receiver in the mean, and not in the span', () => {
  const meter = new FanOutMeter()
  meter.book(3, 1 * MS, 5 * MS, 6 * MS)
  const { waitedUs, spanMaxUs } = meter.read()
  assert.equal(waitedUs, 3 * 4_000 + 1_000)
  assert.ok(Math.abs(spanMaxUs - 1_000) <= 10)
})

test('sums up since the start, and has spans since the last reset', () => {
  const meter = new FanOutMeter()
  assert.deepEqual(meter.read(), { waitedUs: 0, events: 0, spanP99Us: 0, spanMaxUs: 0 })
  for (let event = 1; event <= 1000; event++) meter.book(3, 0, 0, event * MS)
  const { waitedUs, events, spanP99Us, spanMaxUs } = meter.read()
  assert.deepEqual([waitedUs, events], [500_500_000, 1000])
  assert.ok(Math.abs(spanP99Us / 990_000 - 1) < 0.02, `${spanP99Us}`)
  assert.ok(Math.abs(spanMaxUs / 1_000_000 - 1) < 0.02, `${spanMaxUs}`)
  meter.reset()
  meter.book(1, 0, 0, 0)
  const { spanMaxUs: afterwards, ...rest } = meter.read()
  assert.ok(afterwards <= 1)
  assert.deepEqual([rest.waitedUs, rest.events], [500_500_000, 1])
})

test('takes a span beyond its largest', () => {
  const meter = new FanOutMeter()
  meter.book(1, 0, 0, 1e18)
  assert.equal(meter.read().events, 1)
})
