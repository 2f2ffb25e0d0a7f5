import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { compareResults } from './compare.ts'
import { pairsOf } from './pairing.ts'
import { type CountedRun, sideOf } from './side.ts'

/** A run that began in a minute, by its seed. */
function runAt(minute: number, seed: number): CountedRun {
  const startedAt = new Date(1.7e12 + minute * 60_000).toISOString()
  return { run: sampleRun('sse', { startedAt, repetition: minute + 1, seed }), seed }
}

/** Runs in the order in which they were measured: `b1 c1 c2 b2`, by side and seed; `-` is lost. */
function sidesOf(order: string): Readonly<Record<'before' | 'after', readonly CountedRun[]>> {
  const turns = order.split(' ').flatMap((turn, minute) => {
    const seed = Number(turn.slice(1))
    return turn === '-' ? [] : [{ isBaseline: turn[0] === 'b', one: runAt(minute, seed) }]
  })
  const of = (isBaseline: boolean): CountedRun[] =>
    turns.filter((turn) => turn.isBaseline === isBaseline).map(({ one }) => one)
  return { before: of(true), after: of(false) }
}

/** Pairs by the places of their runs in the order: `0-1`, the baseline's first. */
function pairsIn({ before, after }: ReturnType<typeof sidesOf>): string | null {
  const pairs = pairsOf(before, after)
  if (pairs === null) return null
  assert.equal(pairs.baseline.length, pairs.candidate.length)
  return pairs.baseline
    .map(({ run }, i) => `${run.repetition - 1}-${(pairs.candidate[i]?.run.repetition ?? 0) - 1}`)
    .join(' ')
}

describe('runs of two sides', () => {
  const cases: readonly (readonly [string, string, string | null])[] = [
    ['in turn', 'b1 c1 b2 c2 b3 c3', '0-1 2-3 4-5'],
    ['in turn, A B B A', 'b1 c1 c2 b2 b3 c3 c4 b4', '0-1 3-2 4-5 7-6'],
    ['A B B A, of one schedule', 'b1 c1 c1 b1 b1 c1 c1 b1', '0-1 3-2 4-5 7-6'],
    ['the other side first', 'c1 b1 c2 b2', '1-0 3-2'],
    ['one after the other', 'b1 b2 b3 b4 c1 c2 c3 c4', null],
    ['one after the other, of one schedule', 'b1 b1 b1 b1 c1 c1 c1 c1', null],
    ['two and two of one schedule', 'b1 b1 c1 c1', null],
    ['the candidate first', 'c1 c2 c3 b1 b2 b3', null],
    ['of other schedules', 'b1 c2 b3 c4 b5 c6', null],
    ['one of each, which is no turn', 'b1 c1', null],
    ['one that lost its partner', 'b1 c1 - b2 b3 c3 c4 b4', '0-1 4-5 7-6'],
    ['one that lost its partner, of one schedule', 'b1 c1 - b1 b1 c1 c1 b1', '0-1 4-5 7-6'],
    ['the first without its partner', 'b1 - c2 b2 b3 c3', '3-2 4-5'],
    ['the first without its partner, of one schedule', 'b1 - c1 b1 b1 c1', '0-2 4-5'],
    ['most without their partners', 'b1 - b2 - b3 - b4 - b5 c5 c6 b6 b7', null],
    ['a side without any', 'b1 b2 b3', null],
  ]
  for (const [what, order, expected] of cases) {
    it(`are pairs or none: ${what}`, () => assert.equal(pairsIn(sidesOf(order)), expected))
  }

  it('are the same pairs in whatever order they are told', () => {
    const { before, after } = sidesOf('b1 c1 c2 b2 b3 c3 - b4 b5 c5')
    const shuffled = <Item>(items: readonly Item[]): fc.Arbitrary<Item[]> =>
      fc.shuffledSubarray([...items], { minLength: items.length })
    fc.assert(
      fc.property(shuffled(before), shuffled(after), (before, after) => {
        assert.equal(pairsIn({ before, after }), '0-1 3-2 4-5 8-9')
      }),
    )
  })

  it('hold each run once, right beside its partner, by one schedule, and both sides in order', () => {
    const turns = fc.array(fc.constantFrom('b1', 'b2', 'c1', 'c2', '-'), {
      minLength: 1,
      maxLength: 20,
    })
    fc.assert(
      fc.property(turns, (turns) => {
        const { before, after } = sidesOf(turns.join(' '))
        const pairs = pairsOf(before, after)
        if (pairs === null) return
        const told = turns.map((turn, i) => ({ turn, i })).filter(({ turn }) => turn !== '-')
        const placeOf = ({ run }: CountedRun): number =>
          told.findIndex(({ i }) => i === run.repetition - 1)
        const used = [...pairs.baseline, ...pairs.candidate]
        assert.equal(new Set(used).size, used.length)
        assert.ok(used.length * 2 > told.length)
        for (const [i, one] of pairs.baseline.entries()) {
          const other: CountedRun = pairs.candidate[i] ?? assert.fail()
          assert.equal(one.seed, other.seed)
          assert.equal(Math.abs(placeOf(one) - placeOf(other)), 1)
          assert.ok(before.includes(one) && after.includes(other))
        }
        const minutes = pairs.baseline.map(placeOf)
        assert.deepEqual(
          minutes,
          minutes.toSorted((a, b) => a - b),
        )
      }),
    )
  })

  it('may stand in several files, whose times alone tell what belongs together', () => {
    const { before, after } = sidesOf('b1 c1 c2 b2 b3 c3 c4 b4 b5 c5 c6 b6')
    const fileOf = (runs: readonly CountedRun[]) =>
      sampleResult({ runs: runs.map(({ run }) => run) })
    const files = [fileOf(before.slice(3)), fileOf(before.slice(0, 3))]
    const side = sideOf('baseline', files).runs.values().next().value ?? []
    assert.equal(pairsIn({ before: side, after }), '0-1 3-2 4-5 7-6 8-9 11-10')
    const { judgements } = compareResults(files, [fileOf(after)])
    const noisy = judgements.filter(({ kind }) => kind === 'noisy')
    assert.ok(noisy.length > 5 && noisy.every(({ isPaired }) => isPaired))
    assert.ok(judgements.every(({ kind, isPaired }) => kind === 'noisy' || !isPaired))
  })
})
