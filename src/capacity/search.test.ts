import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Bracket, type Question, roundedTo, searchCapacity, type Told } from './search.ts'

const bracket: Bracket = { from: 100, to: 10_000, precision: 0.1, round: roundedTo(0.1, true) }

interface Searched {
  readonly answer: number | null
  readonly asked: readonly Question[]
}

/** Searches among values of which somebody tells whether they are kept. */
function search(
  changes: Partial<Bracket>,
  tell: (question: Question, index: number) => Told,
): Searched {
  const asked: Question[] = []
  const questions = searchCapacity({ ...bracket, ...changes })
  let next = questions.next()
  while (next.done !== true) {
    const told = tell(next.value, asked.length)
    asked.push(next.value)
    next = questions.next(told)
  }
  return { answer: next.value, asked }
}

function valuesOf({ asked }: Searched, phase?: Question['phase']): readonly number[] {
  return asked.filter((one) => phase === undefined || one.phase === phase).map(({ value }) => value)
}

describe('the search for a capacity', () => {
  it('doubles, bisects by the geometric mean and confirms', () => {
    const found = search({}, ({ value }) => value <= 1_000)
    assert.equal(found.answer, 1_000)
    assert.deepEqual(
      found.asked.map(({ value, phase }) => `${phase} ${value}`),
      [
        'double 100',
        'double 200',
        'double 400',
        'double 800',
        'double 1600',
        'bisect 1100',
        'bisect 940',
        'bisect 1000',
        'confirm 1000',
      ],
    )
  })

  it('finds any threshold to within the precision', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.constantFrom(0.02, 0.1, 0.5),
        (from, threshold, precision) => {
          const most = { from, to: 100_000, precision, round: roundedTo(precision, true) }
          const found = search(most, ({ value }) => value <= threshold)
          if (threshold < from) {
            assert.equal(found.answer, null)
            return
          }
          const answer = found.answer ?? 0
          assert.ok(answer <= threshold)
          // Two digits are as fine as a tenth; of a few clients one is the next.
          const least = Math.min(...valuesOf(found).filter((value) => value > threshold))
          if (Number.isFinite(least)) {
            assert.ok(least / answer <= 1 + precision + 1e-9 || least - answer <= 1, `${least}`)
          } else assert.equal(answer, 100_000)
          assert.deepEqual(found.asked.filter(({ value }) => value === answer).length, 2)
        },
      ),
    )
  })

  it('ends after a bounded number of questions, whatever it is told', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.constantFrom<Told>(true, false, null)), (stream) => {
        const found = search({ from: 1, to: 1_000_000 }, () => stream.next().value ?? false)
        assert.ok(found.asked.length <= 80, `${found.asked.length} questions`)
        for (const { value } of found.asked) assert.ok(value >= 1 && value <= 1_000_000)
      }),
    )
  })

  it('answers with nothing but what was kept by its last two measurements', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.constantFrom<Told>(true, true, false, null)), (stream) => {
        const told = new Map<number, Told[]>()
        const { answer } = search({}, ({ value }) => {
          const next = stream.next().value ?? false
          told.set(value, [...(told.get(value) ?? []), next])
          return next
        })
        if (answer === null) return
        const evidence = (told.get(answer) ?? []).filter((one) => one !== null)
        assert.deepEqual(evidence.slice(-2), [true, true])
      }),
    )
  })

  it('goes up to its end where all is kept, exactly to it, and confirms it', () => {
    const found = search({ to: 5_000 }, () => true)
    assert.equal(found.answer, 5_000)
    assert.deepEqual(valuesOf(found), [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
  })

  it('needs no more than two measurements of a bracket of one value', () => {
    assert.deepEqual(valuesOf(search({ to: 100 }, () => true)), [100, 100])
  })

  it('gives up where the first value is missed twice', () => {
    const found = search({}, () => false)
    assert.deepEqual([found.answer, valuesOf(found)], [null, [100, 100]])
  })

  it('gives up where the first value is measured twice without evidence', () => {
    const found = search({}, () => null)
    assert.deepEqual([found.answer, valuesOf(found)], [null, [100, 100]])
  })

  it('goes on where the first value is missed once', () => {
    assert.equal(search({}, ({ value }, index) => index > 0 && value <= 1_000).answer, 1_000)
  })

  it('steps down from a value that is not kept again, farther each time', () => {
    const found = search({}, ({ value, phase }) => value <= 1_000 && phase !== 'confirm')
    assert.equal(found.answer, null)
    // 940, 800 and 400 had been kept once on the way up, 550 had not been asked for.
    assert.deepEqual(valuesOf(found, 'confirm'), [1_000, 940, 800, 550, 400])
    assert.deepEqual(valuesOf(found, 'step-down'), [550])
  })

  it('answers with a lower value that was kept on the way up and is kept again', () => {
    const found = search({}, ({ value, phase }) =>
      phase === 'confirm' ? value <= 800 : value <= 1_000,
    )
    assert.equal(found.answer, 800)
    assert.deepEqual(valuesOf(found, 'step-down'), [])
  })

  it('steps down by a client at least, and not below the first value', () => {
    const found = search({ from: 2, to: 8 }, ({ value, phase }) => value < 6 && phase !== 'confirm')
    assert.equal(found.answer, null)
    assert.deepEqual(valuesOf(found, 'confirm'), [5, 4, 3, 2])
    assert.deepEqual(valuesOf(found, 'step-down'), [3])
  })

  it('takes a miss that was noise for an obstacle, and answers with what is kept twice', () => {
    const found = search({}, ({ value }, index) => index !== 2 && value <= 1_000)
    assert.equal(found.answer, 380)
    assert.ok(valuesOf(found).every((value) => value <= 400))
  })

  it('asks once again where a measurement is no evidence', () => {
    const found = search({}, ({ value, phase }) =>
      phase === 'repeat' ? value <= 1_000 : value === 800 ? null : value <= 1_000,
    )
    assert.equal(found.answer, 1_000)
    assert.deepEqual(valuesOf(found, 'repeat'), [800])
  })

  it('takes what is no evidence twice for the end of what can be known', () => {
    const found = search({}, ({ value }) => (value > 1_000 ? null : true))
    assert.equal(found.answer, 1_000)
    assert.deepEqual(valuesOf(found, 'repeat'), [1_600, 1_100])
  })
})

describe('a value is rounded', () => {
  it('to two digits, or to three for a fine precision', () => {
    assert.deepEqual([6_180, 0.127, 1_249].map(roundedTo(0.1, false)), [6_200, 0.13, 1_200])
    assert.deepEqual([6_184, 0.1274].map(roundedTo(0.05, false)), [6_180, 0.127])
  })

  it('to whole clients, and to one at least', () => {
    assert.deepEqual([1.5, 2.4, 0.2, 14.1].map(roundedTo(0.1, true)), [2, 2, 1, 14])
  })
})
