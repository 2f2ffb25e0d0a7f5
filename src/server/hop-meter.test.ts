import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HopMeter } from './hop-meter.ts'

const MS = 1e6

test('times over the bus are counted block by block, each to 0.8 % of it', () => {
  const meter = new HopMeter()
  meter.record(5 * MS, 1 * MS)
  assert.equal(meter.read(), null)
  meter.begin(10 * MS, 20)
  assert.deepEqual(meter.read(), [])
  meter.record(11 * MS, 0.1 * MS)
  meter.record(29 * MS, 0.1 * MS)
  meter.record(30 * MS, 0.25 * MS)
  meter.record(71 * MS, 3_333_333)
  const [first, second, third, last] = meter.read() ?? []
  assert.deepEqual([first, third], [[100, 2], []])
  const [quarterUs = 0] = second ?? []
  assert.ok(Math.abs(quarterUs - 250) <= 2, `${quarterUs}`)
  const [us = 0, count] = last ?? []
  assert.ok(Math.abs(us - 3_333) <= 0.008 * 3_333 && count === 1, `${us}`)
  // After the last block, and of one long after the window.
  for (let late = 0; late < 3; late++) meter.record(1e15, 1)
  assert.deepEqual([meter.read()?.length, meter.read()?.at(-1)], [64, [0, 3]])
  meter.begin(0, 20)
  assert.deepEqual(meter.read(), [])
})

test('nothing is told where events came before they were accepted: the clocks are two', () => {
  const meter = new HopMeter()
  meter.begin(0, 20)
  meter.record(1 * MS, 1)
  meter.record(2 * MS, -5)
  assert.equal(meter.read(), null)
})
