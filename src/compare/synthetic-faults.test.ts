import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Verdict } from '../result/judgement.ts'
import { shareOf } from './synthetic.conformance.ts'
import { drawVerdict, type FaultTrial } from './synthetic-faults.conformance.ts'

/** Of 1,000 comparisons. */
function shareSaying(verdicts: readonly Verdict[], trial: FaultTrial): number {
  return shareOf(1_000, 21, (random) => {
    const verdict = drawVerdict(trial, random)
    return verdict !== null && verdicts.includes(verdict)
  })
}

describe('1,000 comparisons of what loses the same', () => {
  for (const burst of [1, 10, 100]) {
    for (const repetitions of [2, 5, 10]) {
      it(`give at most 5 % false alarms: ${burst} at a time, ${repetitions} repetitions`, () => {
        const trial = { repetitions, lost: 30, burst, factor: 1 }
        const share = shareSaying(['regressed', 'improved'], trial)
        assert.ok(share <= 0.05, `${share}`)
      })
    }
  }
})

describe('1,000 comparisons of what loses twice as much', () => {
  it('find it in nearly all, where each is lost by itself', () => {
    const share = shareSaying(['regressed'], { repetitions: 5, lost: 30, burst: 1, factor: 2 })
    assert.ok(share >= 0.95, `${share}`)
  })
})

describe('1,000 comparisons of what loses one in a thousand more', () => {
  for (const burst of [1, 10]) {
    it(`call it unchanged in at most 5 %: ${burst} at a time`, () => {
      // 30 of 10,000, and a little more than 10 beside them.
      const trial = { repetitions: 5, lost: 30, burst, factor: 1.34 }
      const share = shareSaying(['unchanged'], trial)
      assert.ok(share <= 0.05, `${share}`)
    })
  }
})

describe('1,000 comparisons of what rarely loses', () => {
  it('call it unchanged in nearly all, where there were many chances', () => {
    const share = shareSaying(['unchanged'], { repetitions: 5, lost: 2, burst: 1, factor: 1 })
    assert.ok(share >= 0.95, `${share}`)
  })
})
