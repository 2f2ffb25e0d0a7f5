import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Finding } from './finding.ts'
import { judgeStatistical, LEVEL, type Samples, type Statistical } from './statistical.ts'

/** By a threshold of 10 %, unless it is another one. */
function judge(
  samples: Partial<Statistical> & Samples,
  thresholdShare = 0.1,
  level = LEVEL,
): Finding {
  const usual = { isPaired: false, lower: null, echo: null }
  return judgeStatistical({ ...usual, ...samples }, { thresholdShare, level })
}

/** Pairs of runs, of which the candidate took as many times as much. */
function pairsBy(...factors: readonly number[]): Samples & { readonly isPaired: true } {
  // The machine's own ups and downs are the same for both of a pair, and many times as much.
  const baseline = factors.map((_, i) => 1_000 * (1 + i))
  return {
    baseline,
    candidate: factors.map((factor, i) => (baseline[i] ?? 0) * factor),
    isPaired: true,
  }
}

/** Figures around one, by these shares of it. */
const around = (middle: number, ...shares: readonly number[]): readonly number[] =>
  (shares.length > 0 ? shares : [-0.02, -0.01, 0, 0.005, 0.01, 0.02]).map(
    (share) => middle * (1 + share),
  )

function assertClose(found: readonly number[] | null, ...expected: readonly number[]): void {
  assert.ok(found?.length === expected.length, `${found}`)
  for (const [i, one] of expected.entries()) {
    assert.ok(Math.abs((found[i] ?? Number.NaN) - one) < 1e-9, `${found}, not ${expected}`)
  }
}

/** Of six pairs the least and the greatest change are the ends of the interval. */
describe('a change of six pairs', () => {
  const cases: readonly (readonly [string, readonly number[], Finding['verdict'], RegExp])[] = [
    [
      'is a regression where it is surely more than the threshold',
      [1.11, 1.12, 1.13, 1.14, 1.15, 1.16],
      'regressed',
      /^surely by more than 10 %$/,
    ],
    [
      'is a regression where it is more, and surely more than half of it',
      [1.05, 1.12, 1.13, 1.14, 1.15, 1.16],
      'regressed',
      /^by more than 10 %, and surely by more than half of that$/,
    ],
    [
      'is none where it is more, and may be less than half of it',
      [1.045, 1.12, 1.13, 1.14, 1.15, 1.16],
      'inconclusive',
      /^worse, but more than 10 % is neither shown nor excluded; some \d+ runs a side would tell$/,
    ],
    [
      'is none where it is surely more than half of it, and not more than all of it',
      [1.06, 1.07, 1.08, 1.09, 1.095, 1.11],
      'inconclusive',
      /^worse, but more than 10 % /,
    ],
    [
      'is unchanged where it is surely no more than the threshold',
      [1.05, 1.06, 1.07, 1.08, 1.09, 1.0999],
      'unchanged',
      /^surely within 10 %$/,
    ],
    [
      'is unchanged in either direction',
      [0.9092, 0.95, 1, 1.02, 1.05, 1.0999],
      'unchanged',
      /^surely within 10 %$/,
    ],
    [
      'is not unchanged where it may be more',
      [1, 1.01, 1.02, 1.03, 1.04, 1.101],
      'inconclusive',
      /^more than 10 % is neither shown nor excluded; some 8 runs a side would tell$/,
    ],
    [
      'is not unchanged where it may be less by as large a factor',
      [0.909, 0.95, 0.96, 0.97, 1, 1.02],
      'inconclusive',
      /^more than 10 % is neither/,
    ],
    [
      'is an improvement where it is surely less by a factor as large',
      [0.8, 0.82, 0.84, 0.86, 0.88, 0.9],
      'improved',
      /^surely by more than 10 %$/,
    ],
    [
      'is an improvement where it is more, and surely more than half of it',
      [0.8, 0.82, 0.84, 0.86, 0.88, 0.953],
      'improved',
      /^by more than 10 %, and surely by more than half of that$/,
    ],
    [
      'is none where it is less, and may be less than half of it',
      [0.8, 0.82, 0.84, 0.86, 0.88, 0.954],
      'inconclusive',
      /^better, but more than 10 % /,
    ],
  ]
  for (const [what, factors, verdict, reason] of cases) {
    it(what, () => {
      const one = judge(pairsBy(...factors))
      assert.equal(one.verdict, verdict, one.reason)
      assert.match(one.reason, reason)
      assertClose(one.interval, Math.min(...factors) - 1, Math.max(...factors) - 1)
      assert.equal(one.moreRunsTell, verdict === 'inconclusive')
      assert.deepEqual([one.pValue, one.adjustedPValue], [null, null])
    })
  }

  it('is told as it lies between pairs, and not between medians', () => {
    // Each pair by a tenth of what the medians are apart.
    const one = judge(pairsBy(1.2, 1.2, 1.2, 1.2, 1.2, 1.2))
    assertClose([one.change ?? 0], 0.2)
    assertClose(one.interval, 0.2, 0.2)
    const { candidate, ...rest } = pairsBy(1.2, 1.2, 1.2, 1.2, 1.2, 1.2)
    const shuffled = judge({ ...rest, candidate: candidate.toReversed() })
    assert.equal(shuffled.verdict, 'inconclusive')
  })

  it('is held against another threshold where one is asked for', () => {
    const samples = pairsBy(1.11, 1.12, 1.13, 1.14, 1.15, 1.16)
    assert.equal(judge(samples, 0.2).verdict, 'unchanged')
    assert.equal(judge(samples, 0.13).verdict, 'regressed')
    assert.equal(judge(samples, 0.15).verdict, 'inconclusive')
  })

  it('has a wider interval by a lower level', () => {
    const samples = pairsBy(0.97, 1, 1.12, 1.13, 1.14, 1.15, 1.16, 1.17, 1.18, 1.19)
    assert.equal(judge(samples).verdict, 'regressed')
    assert.equal(judge(samples, 0.1, 0.003).verdict, 'inconclusive')
  })
})

describe('a change of runs that were not measured in turn', () => {
  it('is judged by all differences between them', () => {
    const one = judge({ baseline: [100, 101, 102, 103], candidate: [120, 121, 122, 123] })
    assert.equal(one.verdict, 'regressed')
    // Of four and four the farthest apart are the ends.
    assertClose(one.interval, 120 / 103 - 1, 123 / 100 - 1)
    const back = judge({ candidate: [100, 101, 102, 103], baseline: [120, 121, 122, 123] })
    assert.equal(back.verdict, 'improved')
    assertClose(back.interval, 100 / 123 - 1, 103 / 120 - 1)
  })

  it('knows nothing of what moved both of a pair', () => {
    const { isPaired: _, ...samples } = pairsBy(1.2, 1.2, 1.2, 1.2, 1.2, 1.2)
    assert.equal(judge({ ...samples, isPaired: true }).verdict, 'regressed')
    assert.equal(judge(samples).verdict, 'inconclusive')
  })

  it('is unchanged within the threshold, and cannot be told around it', () => {
    assert.equal(judge({ baseline: around(1_000), candidate: around(1_020) }).verdict, 'unchanged')
    assert.equal(
      judge({ baseline: around(1_000), candidate: around(1_090) }).verdict,
      'inconclusive',
    )
  })

  it('is as well told of sides that are not as many', () => {
    const baseline = around(1_000, ...Array.from({ length: 20 }, (_, i) => i / 1_000))
    assert.equal(judge({ baseline, candidate: [1_200, 1_210, 1_190] }).verdict, 'regressed')
  })
})

describe('whatever the figures are', () => {
  const factors = fc.array(fc.double({ min: 0.5, max: 2, noNaN: true }), {
    minLength: 6,
    maxLength: 15,
  })
  const samples = fc.oneof(
    factors.map((some) => pairsBy(...some)),
    fc
      .tuple(factors, factors)
      .map(([baseline, candidate]) => ({ baseline, candidate, isPaired: false })),
  )

  it('the verdict is what the change and its interval say', () => {
    fc.assert(
      fc.property(samples, fc.constantFrom(0.01, 0.05, 0.1, 0.5), (samples, threshold) => {
        const { verdict, change, interval } = judge(samples, threshold)
        assert.ok(interval !== null && change !== null)
        const [low, high] = interval
        const half = Math.sqrt(1 + threshold) - 1
        const expected =
          change > threshold && low > half
            ? 'regressed'
            : change < 1 / (1 + threshold) - 1 && high < 1 / (1 + half) - 1
              ? 'improved'
              : high <= threshold && low >= 1 / (1 + threshold) - 1
                ? 'unchanged'
                : 'inconclusive'
        assert.equal(verdict, expected)
      }),
    )
  })

  it('the contrary is told of the sides exchanged, and the same in another unit', () => {
    const contrary = { regressed: 'improved', improved: 'regressed' } as const
    fc.assert(
      fc.property(samples, fc.constantFrom(0.05, 0.1), (samples, threshold) => {
        const there = judge(samples, threshold)
        const { baseline, candidate, isPaired } = samples
        const back = judge({ baseline: candidate, candidate: baseline, isPaired }, threshold)
        const expected = { ...contrary, unchanged: 'unchanged', inconclusive: 'inconclusive' }
        assert.equal(back.verdict, expected[there.verdict])
        const [low = Number.NaN, high = Number.NaN] = there.interval ?? []
        assertClose(back.interval, 1 / (1 + high) - 1, 1 / (1 + low) - 1)
        const scaled = (figures: readonly number[]): number[] => figures.map((one) => one * 1_024)
        const more = judge(
          { baseline: scaled(baseline), candidate: scaled(candidate), isPaired },
          threshold,
        )
        assert.equal(more.verdict, there.verdict)
      }),
    )
  })

  it('readings that say the same change nothing', () => {
    fc.assert(
      fc.property(samples, (samples) => {
        const { baseline, candidate } = samples
        const echo = { baseline: baseline.map(() => 4), candidate: candidate.map(() => 4) }
        const plain = judge(samples)
        const { verdict, reason } = judge({ ...samples, lower: { baseline, candidate }, echo })
        assert.deepEqual([verdict, reason], [plain.verdict, plain.reason])
      }),
    )
  })
})

describe('a figure of which there is nothing', () => {
  const NONE = [0, 0, 0, 0, 0, 0]

  it('in no run is unchanged, however few there are', () => {
    for (const figures of [NONE, [0]]) {
      const one = judge({ baseline: figures, candidate: figures })
      assert.deepEqual(
        [one.verdict, one.reason, one.change, one.interval, one.moreRunsTell],
        ['unchanged', '0 in all runs', null, null, false],
      )
    }
  })

  it('in some runs cannot be told, since nothing is in proportion to it', () => {
    const some = [4, 5, 6, 7, 8, 9]
    const reason = 'some runs have 0 of it, to which nothing is in proportion'
    for (const [baseline, candidate, change] of [
      [NONE, some, null],
      [some, NONE, -1],
      [some, [0, 5, 6, 7, 8, 9], 0],
    ] as const) {
      const one = judge({ baseline, candidate })
      assert.deepEqual(
        [one.verdict, one.reason, one.change, one.interval, one.moreRunsTell],
        ['inconclusive', reason, change, null, false],
      )
    }
  })
})

describe('too few runs', () => {
  it('in turn are told so, and more would tell', () => {
    const one = judge(pairsBy(2, 2, 2, 2, 2))
    assert.deepEqual(
      [one.verdict, one.reason, one.interval, one.detectable, one.moreRunsTell],
      ['inconclusive', 'needs 6 pairs of runs and more, has 5', null, null, true],
    )
    assertClose([one.change ?? 0], 1)
    assert.equal(judge(pairsBy(2, 2, 2, 2, 2, 2)).verdict, 'regressed')
    const early = judge(pairsBy(2, 2, 2, 2, 2, 2, 2, 2), 0.1, 0.003)
    assert.equal(early.reason, 'needs 9 pairs of runs and more, has 8')
  })

  it('are none, too, of which nothing is known', () => {
    const none = { baseline: [], candidate: [] }
    const pairs = judge({ ...none, isPaired: true })
    assert.deepEqual(
      [pairs.verdict, pairs.reason, pairs.change, pairs.moreRunsTell],
      ['inconclusive', 'needs 6 pairs of runs and more, has 0', null, true],
    )
    assert.equal(judge(none).verdict, 'inconclusive')
  })

  it('as many as are needed can tell, and one less cannot', () => {
    for (const [level, least] of [
      [0.025, 6],
      [1 / 64, 6],
      [0.012, 7],
      [0.006, 8],
      [0.004, 8],
      [0.003, 9],
      [1 / 1_024, 10],
    ] as const) {
      const of = (count: number): Finding => judge(pairsBy(...Array(count).fill(2)), 0.1, level)
      assert.equal(of(least).verdict, 'regressed', `${least} at ${level}`)
      assert.equal(of(least - 1).verdict, 'inconclusive', `${least - 1} at ${level}`)
    }
  })

  it('of either side are told, by as many as the level needs', () => {
    const [few, slow] = [
      [10, 11, 12, 13],
      [20, 21, 22],
    ]
    const one = judge({ baseline: few, candidate: slow })
    assert.deepEqual(
      [one.verdict, one.reason, one.interval, one.moreRunsTell],
      ['inconclusive', 'needs 4 runs on either side and more, has 4 and 3', null, true],
    )
    assert.equal(judge({ baseline: [10, 11], candidate: slow }).moreRunsTell, false)
    assert.equal(judge({ baseline: few, candidate: [...slow, 23] }).verdict, 'regressed')
    const strict = judge({ baseline: few, candidate: [...slow, 23] }, 0.1, LEVEL / 2)
    assert.equal(strict.reason, 'needs 5 runs on either side and more, has 4 and 4')
    const both = judge({ baseline: [...few, 14], candidate: [...slow, 23, 24] }, 0.1, LEVEL / 2)
    assert.equal(both.verdict, 'regressed')
  })
})

describe('a machine that had another pace', () => {
  const echo = (pace: number): Samples => ({
    baseline: around(4_000),
    candidate: around(4_000 * pace),
  })
  const judgeAt = (factor: number, pace: number): Finding =>
    judge({ baseline: around(1_000), candidate: around(1_000 * factor), echo: echo(pace) })

  it('takes the blame for what grew no more than its echo did', () => {
    const one = judgeAt(1.25, 1.2)
    assert.deepEqual(
      [one.verdict, one.reason],
      [
        'inconclusive',
        'the machine itself took 20 % more, so that a change of more than 10 % is neither shown nor excluded',
      ],
    )
    // What was observed is told all the same, and the interval has both.
    assertClose([one.change ?? 0], 0.25)
    const [low = 0, high = 0] = one.interval ?? []
    assert.ok(low < 0.05 && high > 0.25, `${low} ${high}`)
  })

  it('does not hide what grew by more than that', () => {
    assert.equal(judgeAt(1.5, 1.2).verdict, 'regressed')
    assert.equal(judgeAt(0.6, 0.9).verdict, 'improved')
  })

  it('is no excuse where it was faster, and does not hide what it made up for', () => {
    assert.equal(judgeAt(1.3, 0.8).verdict, 'regressed')
    assert.equal(judgeAt(0.7, 1.2).verdict, 'improved')
    const hidden = judgeAt(1, 0.8)
    assert.equal(hidden.verdict, 'inconclusive')
    assert.match(hidden.reason, /^the machine itself took 20 % less, /)
    assert.equal(judgeAt(1, 1.25).verdict, 'inconclusive')
  })

  it('does not matter where it kept its pace', () => {
    assert.equal(judgeAt(1, 1.01).verdict, 'unchanged')
    assert.equal(judgeAt(1.2, 1.01).verdict, 'regressed')
  })

  it('explains the ups and downs of single runs, of which the verdict without it is as wide', () => {
    const ups = [1, 1.3, 0.8, 1.2, 0.9, 1.1]
    const times = (scale: number): readonly number[] => ups.map((up) => scale * up)
    const moved = { baseline: times(4_000), candidate: times(4_000) }
    const one = judge({ baseline: times(1_000), candidate: times(1_150), echo: moved })
    assert.equal(one.verdict, 'inconclusive')
  })
})

describe('a figure that has two bounds', () => {
  const [fast, slow] = [around(10_000), around(20_000)]
  const judgeBounds = (
    [baseline, candidate]: readonly [baseline: readonly number[], candidate: readonly number[]],
    [before, after]: readonly [baseline: readonly number[], candidate: readonly number[]],
  ): Finding => judge({ baseline, candidate, lower: { baseline: before, candidate: after } })

  it('is judged as before where the bounds are the same', () => {
    for (const sides of [[fast, slow] as const, [slow, fast] as const, [fast, fast] as const]) {
      const [baseline, candidate] = sides
      assert.deepEqual(judgeBounds(sides, sides), judge({ baseline, candidate }))
    }
  })

  it('has the verdict that both have', () => {
    const { verdict, change, interval } = judgeBounds([fast, slow], [around(9_800), around(14_700)])
    assert.equal(verdict, 'regressed')
    assertClose([change ?? 0], 1)
    const [low = 0, high = 0] = interval ?? []
    assert.ok(low < 0.5 && high > 1, `${low} ${high}`)
  })

  it('does not tell where one of them has not changed', () => {
    const { verdict, reason } = judgeBounds([fast, slow], [fast, fast])
    assert.equal(verdict, 'inconclusive')
    assert.equal(
      reason,
      "the instrument's own lateness may be it, so that a change of more than 10 % is neither shown nor excluded",
    )
    // A slower server behind an instrument that was late for the baseline.
    assert.equal(judgeBounds([slow, slow], [fast, slow]).verdict, 'inconclusive')
  })

  it('is not unchanged where a change may hide between them', () => {
    const { verdict, reason, moreRunsTell } = judgeBounds([slow, slow], [fast, fast])
    assert.deepEqual(
      [verdict, reason, moreRunsTell],
      ['inconclusive', "the instrument's own lateness may hide a change", true],
    )
    assert.equal(judgeBounds([fast, fast], [around(9_500), around(9_500)]).verdict, 'unchanged')
  })

  it('is judged of pairs, too, each bound by its own', () => {
    const { baseline, candidate } = pairsBy(1.2, 1.2, 1.2, 1.2, 1.2, 1.2)
    const less = { baseline, candidate: baseline }
    assert.equal(
      judge({ baseline, candidate, isPaired: true, lower: less }).verdict,
      'inconclusive',
    )
    const same = { baseline, candidate }
    assert.equal(judge({ baseline, candidate, isPaired: true, lower: same }).verdict, 'regressed')
  })

  it('of which one is nothing has no end, and then no interval is told', () => {
    const none = fast.map(() => 0)
    for (const isPaired of [true, false]) {
      for (const [before, after, verdict] of [
        [[0, ...fast.slice(1)], slow, 'regressed'],
        [none, slow, 'regressed'],
        [fast, [0, ...slow.slice(1)], 'inconclusive'],
        [none, none, 'inconclusive'],
      ] as const) {
        const lower = { baseline: before, candidate: after }
        const one = judge({ baseline: fast, candidate: slow, lower, isPaired })
        assert.deepEqual([one.verdict, one.interval, one.detectable], [verdict, null, null])
        assertClose([one.change ?? Number.NaN], 1)
      }
      const unsure = judge({ baseline: fast, candidate: around(11_000), isPaired })
      assert.equal(unsure.verdict, 'inconclusive')
      const lower = { baseline: none, candidate: none }
      const one = judge({ baseline: fast, candidate: around(11_000), lower, isPaired })
      assert.equal(one.reason, "of some runs nobody knows how much is the instrument's own")
    }
  })

  it('is told by its pace and its bounds where all four readings say the same', () => {
    const bounds = { baseline: around(9_800), candidate: around(19_000) }
    const of = (pace: number): Finding =>
      judge({
        ...{ baseline: fast, candidate: slow, lower: bounds },
        echo: { baseline: around(100), candidate: around(100 * pace) },
      })
    assert.equal(of(1.5).verdict, 'regressed')
    assert.equal(of(1.9).verdict, 'inconclusive')
    assert.match(of(1.9).reason, /^the machine itself took 90 % more, /)
  })
})

describe('what would have been found', () => {
  it('follows from the width of the interval', () => {
    // Of the logarithm: 0.1 to either side.
    const half = Math.exp(0.1)
    const { detectable } = judge(pairsBy(1 / half, 1, 1, 1, 1, half))
    const limit = Math.log(1.1)
    assertClose([detectable ?? 0], Math.expm1(limit / 2 + 0.1 + (0.84 * 0.1) / 1.96))
    assert.equal(((detectable ?? 0) * 100).toFixed(1), '21.0')
  })

  it('is no less than what is called a change at all', () => {
    assertClose([judge(pairsBy(1, 1, 1, 1, 1, 1)).detectable ?? 0], 0.1)
    const { detectable } = judge(pairsBy(0.99, 1, 1, 1, 1, 1.01))
    assert.ok(detectable !== null && detectable > 0.1 && detectable < 0.11, `${detectable}`)
  })
})

describe('how many runs would tell', () => {
  const reasonOf = (...factors: readonly number[]): string => judge(pairsBy(...factors)).reason

  it('grows with the square of the interval, by how far the change is from being told', () => {
    const at = (share: number): number => Math.exp(share * Math.log(1.1))
    // From -1 to 1.2 times the threshold, in the middle at 0: 6 × 1.1², as 1 is enough.
    assert.match(reasonOf(at(-1), at(-0.5), at(0), at(0), at(0.5), at(1.2)), /; some 8 runs/)
    // From -3.9 to 3.9 times the threshold: 6 × 3.9².
    assert.match(reasonOf(at(-3.9), at(-1), at(0), at(0), at(1), at(3.9)), /; some 92 runs/)
    // In the middle at 1.5, and 2 to either side: 6 × 2², as 1 is enough for half of it.
    assert.match(reasonOf(at(-0.49), at(1), at(1.5), at(1.5), at(2), at(3.49)), /; some 24 runs/)
  })

  it('is not told where nobody would wait for them', () => {
    const at = (share: number): number => Math.exp(share * Math.log(1.1))
    assert.match(
      reasonOf(at(0), at(0.95), at(0.97), at(0.97), at(0.99), at(2)),
      /neither shown nor excluded: it is too near to 10 %$/,
    )
  })
})
