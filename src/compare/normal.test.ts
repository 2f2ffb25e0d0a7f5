import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { normalUpperTail } from './normal.ts'

/** By scipy.stats.norm.sf. */
const TAILS = [
  [0, 0.5],
  [0.5, 0.3085375387259869],
  [1.959963984540054, 0.025],
  [3, 0.0013498980316300933],
  [6, 9.865876450376946e-10],
  [-1, 0.8413447460685429],
  [-3, 0.9986501019683699],
] as const

describe('normalUpperTail', () => {
  for (const [z, tail] of TAILS) {
    it(`is ${tail} from ${z} on`, () => {
      assert.ok(Math.abs(normalUpperTail(z) / tail - 1) < 3e-7, `${normalUpperTail(z)}`)
    })
  }
})
