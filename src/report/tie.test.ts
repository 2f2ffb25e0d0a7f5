import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isTie, mayTie } from './tie.ts'

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
