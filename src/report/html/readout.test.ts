import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { besideCursor, isFreerBelow, snapped } from './client/readout.ts'

test('a readout stands after the cursor, before it, or where there is room', () => {
  assert.equal(besideCursor(100, 150, 400), 108)
  assert.equal(besideCursor(300, 150, 400), 142)
  assert.equal(besideCursor(150, 250, 300), 50)
  const length = fc.integer({ min: 0, max: 1_000 })
  fc.assert(
    fc.property(length, length, length, (at, width, room) => {
      fc.pre(at <= room && width <= room)
      const left = besideCursor(at, width, room)
      assert.ok(left >= 0 && left + width <= room)
    }),
  )
})

test('the cursor stands at the figure that is nearest to the pointer', () => {
  assert.equal(snapped([0, 50, 200], 130), 200)
  assert.equal(snapped([0, 50, 200], 120), 50)
  assert.equal(snapped([], 7), 7)
})

test('a readout that stands on the cursor stands where it hides fewer figures', () => {
  assert.equal(isFreerBelow([10, 20, 150], 170, 80), true)
  assert.equal(isFreerBelow([10, 140, 150], 170, 80), false)
  assert.equal(isFreerBelow([48, 60, 94, 97], 170, 110), true)
  assert.equal(isFreerBelow([85], 170, 80), false)
})
