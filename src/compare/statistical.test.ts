import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '../measure/random.ts'
import type { Finding } from './finding.ts'
import { judgeStatistical } from './statistical.ts'

/** By a threshold of 10 %. */
function judge(
  baseline: readonly number[],
  candidate: readonly number[],
  slack: number,
  driftShare = 0,
): Finding {
  const [finding] = judgeStatistical(
    [{ baseline, candidate, lower: null, slack, driftShare }],
    0.1,
    () => seededRandom(1, 0),
  )
  assert.ok(finding !== undefined)
  return finding
}

const NONE = [0, 0, 0, 0, 0, 0]

describe('a figure that was 0', () => {
  it('and is 0, is unchanged', () => {
    assert.equal(judge(NONE, NONE, 0).verdict, 'unchanged')
  })

  it('is unchanged within what counts for nothing, sure of it or not by chance', () => {
    const sure = judge(NONE, [0, 40, 0, 90, 20, 0], 100)
    assert.deepEqual(
      [sure.verdict, sure.reason],
      ['unchanged', 'surely within the least that counts'],
    )
    const real = judge(NONE, [40, 50, 60, 70, 80, 90], 100)
    assert.deepEqual(
      [real.verdict, real.reason],
      ['unchanged', 'not by chance, but not by more than the least that counts'],
    )
  })

  it('regressed where it left 0 by more than that, and not by chance', () => {
    const one = judge(NONE, [400, 500, 600, 700, 800, 900], 100)
    assert.deepEqual(
      [one.verdict, one.reason, one.change, one.interval],
      ['regressed', 'by more than the least that counts, and not by chance', null, null],
    )
    assert.equal(judge(NONE, [4, 5, 6, 7, 8, 9], 0).verdict, 'regressed')
  })

  it('is inconclusive where some runs left 0 and others did not', () => {
    assert.equal(judge(NONE, [0, 500, 0, 0, 900, 0], 100).verdict, 'inconclusive')
    // The medians are 0, and yet more runs might tell another one.
    assert.equal(judge(NONE, [0, 500, 0, 0, 900, 800], 100).verdict, 'inconclusive')
  })

  it('in some of its runs only, is judged all the same', () => {
    const before = [0, 900, 1_000, 1_000, 1_100, 1_200]
    assert.equal(
      judge(before, [4_000, 4_100, 4_200, 4_300, 4_400, 4_500], 100).verdict,
      'regressed',
    )
    assert.equal(judge(before, NONE, 100).verdict, 'improved')
    // A resample of the baseline may have a median of 0.
    const near = judge([0, 0, 0, 60, 60, 60], [0, 40, 50, 60, 60, 70], 100)
    assert.equal(near.verdict, 'unchanged')
  })
})

describe('a machine that was slower', () => {
  const before = [100, 101, 102, 103, 104, 105]
  const times = (factor: number): number[] => before.map((value) => value * factor)

  it('is taken off a change, and what is left is told', () => {
    const one = judge(before, times(1.25), 0, 0.2)
    assert.deepEqual(
      [one.verdict, one.reason],
      ['inconclusive', 'inconclusive: the machine itself was 20 % slower, which leaves 4.2 %'],
    )
  })

  it('by more than the change leaves nothing to be credited with', () => {
    const one = judge(before, times(1.15), 0, 0.6)
    assert.equal(one.verdict, 'inconclusive')
    assert.match(one.reason, /60 % slower, which leaves -28\.1 %$/)
  })

  it('does not matter to what is no change anyway, or has no share', () => {
    assert.equal(judge(before, times(1.05), 0, 0.2).verdict, 'unchanged')
    assert.equal(judge(NONE, [400, 500, 600, 700, 800, 900], 100, 5).verdict, 'regressed')
  })
})

/** By both bounds. */
function judgeBounds(
  observed: readonly [baseline: readonly number[], candidate: readonly number[]],
  lower: readonly [baseline: readonly number[], candidate: readonly number[]],
): Finding {
  const [baseline, candidate] = observed
  const bounds = { baseline: lower[0], candidate: lower[1] }
  const samples = { baseline, candidate, lower: bounds, slack: 100, driftShare: 0 }
  const [finding] = judgeStatistical([samples], 0.1, () => seededRandom(1, 0))
  assert.ok(finding !== undefined)
  return finding
}

/** Six figures around one. */
const around = (middle: number): readonly number[] =>
  [-2, -1, 0, 0, 1, 2].map((step) => middle * (1 + step / 100))

describe('a figure that has two bounds', () => {
  const [fast, slow] = [around(10_000), around(20_000)]

  it('is judged as before where the bounds are the same', () => {
    for (const sides of [[fast, slow] as const, [slow, fast] as const, [fast, fast] as const]) {
      assert.deepEqual(judgeBounds(sides, sides), judge(sides[0], sides[1], 100))
    }
  })

  it('has the verdict that both have', () => {
    const { verdict } = judgeBounds([fast, slow], [around(9_800), around(19_000)])
    assert.equal(verdict, 'regressed')
  })

  it('does not tell where one of them has not changed', () => {
    const { verdict, reason } = judgeBounds([fast, slow], [fast, fast])
    assert.equal(verdict, 'inconclusive')
    assert.equal(
      reason,
      "inconclusive: the instrument's own lateness may be the difference: regressed as observed, unchanged as if it had been on time",
    )
    // A slower server behind an instrument that was late for the baseline.
    assert.equal(judgeBounds([slow, slow], [fast, slow]).verdict, 'inconclusive')
  })

  it('is not unchanged where a change may hide between them', () => {
    const { verdict, reason } = judgeBounds([slow, slow], [fast, fast])
    assert.deepEqual(
      [verdict, reason],
      ['inconclusive', "inconclusive: the instrument's own lateness may hide a change"],
    )
    assert.equal(judgeBounds([fast, fast], [around(9_500), around(9_500)]).verdict, 'unchanged')
  })
})
