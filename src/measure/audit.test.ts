import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Delivery, DeliveryAudit } from './audit.ts'

/** The same by sets: what was seen, and the highest of it. */
class NaiveAudit {
  readonly #seen = new Set<number>()
  #highest = 0

  observe(sequence: number): Delivery {
    if (this.#seen.has(sequence)) return Delivery.duplicate
    this.#seen.add(sequence)
    if (sequence < this.#highest) return Delivery.outOfOrder
    this.#highest = sequence
    return Delivery.inOrder
  }

  missing(first: number, last: number): number {
    let missing = 0
    for (let sequence = first; sequence <= last; sequence++) {
      if (!this.#seen.has(sequence)) missing++
    }
    return missing
  }
}

/** 1, 2, 3… with some dropped, some sent twice and some moved to another place. */
const faultySequence = fc
  .array(
    fc.record({
      fault: fc.constantFrom('none', 'none', 'none', 'drop', 'duplicate', 'swap'),
      distance: fc.integer({ min: 1, max: 5 }),
    }),
    { maxLength: 80 },
  )
  .map((steps) => {
    const sequence = steps.flatMap(({ fault }, index) => {
      if (fault === 'drop') return []
      return fault === 'duplicate' ? [index + 1, index + 1] : [index + 1]
    })
    for (const [index, { fault, distance }] of steps.entries()) {
      const other = index + distance
      if (fault !== 'swap' || other >= sequence.length) continue
      const held = sequence[index] ?? 0
      sequence[index] = sequence[other] ?? 0
      sequence[other] = held
    }
    return sequence
  })

describe('the delivery audit', () => {
  it('takes no leap for a loss, and counts what lies beyond the last one published', () => {
    const audit = new DeliveryAudit(1)
    assert.equal(audit.observe(0, 1), Delivery.inOrder)
    assert.equal(audit.observe(0, 4_000_000_000), Delivery.forged)
    assert.equal(audit.observe(0, 2), Delivery.inOrder)
    for (const sequence of [6, 7, 9]) audit.observe(0, sequence)
    assert.deepEqual([audit.beyond(0, 9), audit.beyond(0, 8), audit.beyond(0, 5)], [0, 1, 3])
    assert.equal(audit.missing(0, 1, 5), 3)
  })

  it('agrees with a naive one on every delivery and on what is missing', () => {
    fc.assert(
      fc.property(
        fc.array(faultySequence, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 0, max: 90 }),
        (clients, first, last) => {
          const audit = new DeliveryAudit(clients.length)
          const models = clients.map(() => new NaiveAudit())
          const longest = Math.max(...clients.map((sequences) => sequences.length))
          // One delivery of each client in turn, so that a mix-up of clients shows.
          for (let at = 0; at < longest; at++) {
            for (const [client, sequences] of clients.entries()) {
              const sequence = sequences[at]
              if (sequence === undefined) continue
              assert.equal(audit.observe(client, sequence), models[client]?.observe(sequence))
            }
          }
          for (const [client, model] of models.entries()) {
            assert.equal(audit.missing(client, first, last), model.missing(first, last))
            assert.equal(audit.missing(client, 1, 100), model.missing(1, 100))
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  it('agrees on any numbers at all', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 }), (sequences) => {
        const audit = new DeliveryAudit(1)
        const model = new NaiveAudit()
        for (const sequence of sequences) {
          assert.equal(audit.observe(0, sequence), model.observe(sequence))
        }
        assert.equal(audit.missing(0, 5, 25), model.missing(5, 25))
      }),
      { numRuns: 500 },
    )
  })

  it('counts a drop, a duplicate and a swap once each', () => {
    const audit = new DeliveryAudit(1)
    const verdicts = [1, 2, 4, 4, 6, 5, 7].map((sequence) => audit.observe(0, sequence))
    const { inOrder, duplicate, outOfOrder } = Delivery
    assert.deepEqual(verdicts, [inOrder, inOrder, inOrder, duplicate, inOrder, outOfOrder, inOrder])
    assert.equal(audit.missing(0, 1, 7), 1)
    assert.equal(audit.missing(0, 4, 7), 0)
    assert.equal(audit.missing(0, 1, 9), 3)
  })
})
