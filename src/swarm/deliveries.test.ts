import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Delivery, DeliveryAudit, SampleBuffer } from './deliveries.ts'
import { noAudit } from './messages.ts'

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

describe('gaps that are declared', () => {
  const audited = (...steps: readonly (number | 'gap')[]) => {
    const audit = new DeliveryAudit(2)
    for (const step of steps) {
      if (step === 'gap') audit.declareGap(0)
      else audit.observe(0, step)
    }
    return (first: number, last: number) => [
      audit.missing(0, first, last),
      audit.missing(0, first, last, true),
      audit.missing(1, first, last, true),
    ]
  }

  it('excuse what is missing from there to the next event', () => {
    assert.deepEqual(audited(1, 2, 'gap', 6, 7)(1, 7), [3, 3, 0])
  })

  it('excuse nothing before, and nothing after', () => {
    assert.deepEqual(audited(1, 3, 'gap', 4, 7)(1, 7), [3, 0, 0])
    assert.deepEqual(audited(1, 3, 'gap', 6, 8)(1, 8), [4, 2, 0])
  })

  it('are closed by the next event, though none was missing', () => {
    assert.deepEqual(audited(1, 'gap', 2, 5)(1, 5), [2, 0, 0])
  })

  it('excuse the rest where nothing comes after', () => {
    assert.deepEqual(audited(1, 2, 'gap')(1, 5), [3, 3, 0])
  })

  it('are smaller by what comes all the same', () => {
    assert.deepEqual(audited(1, 'gap', 6, 3)(1, 6), [3, 3, 0])
  })
})

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

describe('a buffer of samples', () => {
  it('hands out what came since the last time, in order', () => {
    const samples = new SampleBuffer(1_000_000, noAudit())
    samples.add(5.9, 2.9, 5.9, 1_005_000, 3.2)
    samples.add(7, 0, 7, 1_008_000, 4)
    assert.deepEqual(samples.take(2_000_000), {
      latenciesUs: Uint32Array.of(5, 7),
      latenessesUs: Uint32Array.of(2, 0),
      servableUs: Uint32Array.of(5, 7),
      receivedUs: Uint32Array.of(5, 8),
      sinceNs: 1_000_000,
      serviceLatenciesUs: Uint32Array.of(3, 4),
    })
    samples.add(9, 0, 9, 2_003_000, 1)
    const next = samples.take(3_000_000)
    assert.deepEqual(next.latenciesUs, Uint32Array.of(9))
    assert.deepEqual([next.sinceNs, next.receivedUs[0]], [2_000_000, 3])
    assert.equal(samples.take(2_000_000).latenciesUs.length, 0)
  })

  it('has no service latency where the server does not tell', () => {
    const audited = noAudit()
    const samples = new SampleBuffer(1_000_000, audited)
    samples.add(5, 0, 5, 1_000_000, Number.NaN)
    samples.add(6, 0, 6, 1_000_000, -1)
    const { latenciesUs, serviceLatenciesUs } = samples.take(2_000_000)
    assert.deepEqual([latenciesUs.length, serviceLatenciesUs.length], [2, 0])
    // Not to tell is no fault; to have accepted later than it was received is.
    assert.equal(audited.negativeServices, 1)
  })

  it('counts what the server accepted before it was due, beyond what stamps round', () => {
    const audited = noAudit()
    const samples = new SampleBuffer(1_000_000, audited)
    for (const serviceUs of [5, 104, Number.NaN, -7]) samples.add(5, 0, 5, 1_000_000, serviceUs)
    assert.equal(audited.premature, 0)
    samples.add(5, 0, 5, 1_000_000, 106)
    assert.deepEqual([audited.premature, samples.take(2_000_000).serviceLatenciesUs.length], [1, 3])
  })

  it('gives copies that later samples do not change', () => {
    const samples = new SampleBuffer(1_000_000, noAudit())
    samples.add(1, 0, 1, 1_000_000, 1)
    const { latenciesUs } = samples.take(2_000_000)
    samples.add(2, 0, 2, 1_000_000, 2)
    assert.deepEqual(latenciesUs, Uint32Array.of(1))
  })

  it('tells when it is full, and not before', () => {
    const samples = new SampleBuffer(1_000_000, noAudit())
    let added = 0
    while (!samples.full) {
      samples.add(added, 0, added, 1_000_000, added)
      added++
    }
    const { latenciesUs, serviceLatenciesUs } = samples.take(2_000_000)
    assert.ok(added >= 1024)
    assert.equal(latenciesUs.length, added)
    assert.equal(serviceLatenciesUs.at(-1), added - 1)
    assert.equal(samples.full, false)
  })

  it('does not let a very late one come round as an early one', () => {
    const samples = new SampleBuffer(1_000_000, noAudit())
    const twoHoursUs = 7200e6
    samples.add(twoHoursUs, 0, twoHoursUs, 1_000_000, twoHoursUs)
    const { latenciesUs, serviceLatenciesUs } = samples.take(2_000_000)
    assert.ok((latenciesUs[0] ?? 0) > 3600e6)
    assert.ok((serviceLatenciesUs[0] ?? 0) > 3600e6)
  })
})
