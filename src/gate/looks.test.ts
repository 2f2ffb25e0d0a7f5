import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LEVEL } from '../compare/statistical.ts'
import { Looks } from './looks.ts'

function assertClose(found: number | null, expected: number): void {
  assert.ok(found !== null && Math.abs(found - expected) < 1e-12, `${found}, not ${expected}`)
}

test('three looks by the clock, and the last has all that is left', () => {
  const looks = new Looks()
  assert.equal(looks.due(0), null)
  assert.equal(looks.due(0.24), null)
  assertClose(looks.due(0.25), 0.003)
  assert.equal(looks.due(0.25), null)
  assert.equal(looks.due(0.44), null)
  assertClose(looks.due(0.5), 0.004)
  assertClose(looks.due(0.7), 0.006)
  assert.equal(looks.due(1), null)
  assertClose(looks.last(), LEVEL - 0.013)
})

test('looks that fall together are one, with the chance of both', () => {
  const looks = new Looks()
  assertClose(looks.due(0.46), 0.007)
  assertClose(looks.due(0.9), 0.006)
  assertClose(looks.last(), 0.012)
  const late = new Looks()
  assertClose(late.due(1), 0.013)
  assertClose(late.last(), 0.012)
})

test('who looks once alone has the whole chance', () => {
  assert.equal(new Looks().last(), LEVEL)
})

test('all looks together err no more often than one may, whenever they are', () => {
  const shares = fc.array(fc.double({ min: 0, max: 1.5, noNaN: true }), { maxLength: 40 })
  fc.assert(
    fc.property(shares, (shares) => {
      const looks = new Looks()
      const levels = shares
        .toSorted((a, b) => a - b)
        .map((share) => looks.due(share))
        .filter((level) => level !== null)
      assert.ok(levels.length <= 3 && levels.every((level) => level > 0))
      const last = looks.last()
      // What is hard to tell is told there.
      assert.ok(last >= 0.012 - 1e-12 && levels.every((level) => level <= 0.013 + 1e-12))
      assertClose(
        levels.reduce((sum, level) => sum + level, last),
        LEVEL,
      )
    }),
  )
})
