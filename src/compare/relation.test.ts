import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { differenceOf, type Lies, relationOf } from './relation.ts'

const lies = (low: number, high: number | null): Lies => ({ low, high })

describe('how two figures stand to each other', () => {
  const cases: readonly (readonly [string, Lies, Lies, number, string])[] = [
    ['apart', lies(1, 2), lies(3, 4), 0.5, 'less'],
    ['apart, the other way round', lies(3, 4), lies(1, 2), 0.5, 'more'],
    ['that meet', lies(1, 3), lies(2, 4), 0.5, 'untold'],
    ['apart by what may matter or not', lies(1, 2), lies(2.1, 4), 0.5, 'less'],
    ['apart by what does not matter', lies(1, 1.1), lies(1.2, 1.3), 0.5, 'equivalent'],
    ['that meet, and cannot be far apart', lies(1, 1.2), lies(1.1, 1.3), 0.5, 'equivalent'],
    ['of which one has no end', lies(1, 2), lies(0, null), 0.5, 'untold'],
    ['of which the worse one has no end', lies(1, 2), lies(3, null), 0.5, 'less'],
    ['that are the same, where everything matters', lies(1, 1), lies(1, 1), 0, 'equivalent'],
  ]
  for (const [what, one, other, matters, relation] of cases) {
    it(`is ${relation} of figures ${what}`, () => {
      assert.equal(relationOf(one, other, matters), relation)
    })
  }

  it('is a difference from the nearest to the farthest ends', () => {
    assert.deepEqual(differenceOf(lies(1, 2), lies(4, 8)), [2, 7])
    assert.deepEqual(differenceOf(lies(1, null), lies(4, null)), [-Infinity, Infinity])
  })
})
