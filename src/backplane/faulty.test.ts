import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { NS_PER_MS } from '../measure/clock.ts'
import type { Intake } from './backplane.ts'
import { type Decision, drawFaults, type Faults, FaultyIntake, noFaults } from './faulty.ts'

interface Message {
  readonly channel: string
  readonly sequence: number
}

const healthy: Faults = {
  seed: 1,
  drop: 0,
  duplicate: 0,
  swap: 0,
  delay: { ms: 0, share: 0 },
}

/** A faulty backplane whose clock is turned by hand. */
class Bench {
  readonly faulty: FaultyIntake<Message>
  /** `a1`, by the time of its arrival in milliseconds. */
  readonly arrived: string[] = []
  readonly #sequences = new Map<string, number>()
  #nowNs = 0
  #alarmNs = Number.POSITIVE_INFINITY
  #wake: () => void = () => {}

  constructor(faults: Partial<Faults>, inner?: Intake<Message>) {
    const wakeAt = (atNs: number, wake: () => void): void => {
      assert.equal(this.#alarmNs, Number.POSITIVE_INFINITY, 'set twice')
      this.#alarmNs = atNs
      this.#wake = wake
    }
    const all = { ...healthy, ...faults }
    this.faulty = new FaultyIntake(
      inner ?? { publish: (messages) => this.take(messages) },
      all,
      () => this.#nowNs,
      wakeAt,
    )
  }

  /** What arrives behind the faults. */
  take(messages: readonly Message[]): Promise<void> {
    for (const { channel, sequence } of messages) {
      this.arrived.push(`${channel}${sequence}@${this.#nowNs / NS_PER_MS}`)
    }
    return Promise.resolve()
  }

  /** Each letter is an event of that channel. */
  publish(channels: string): Promise<void> {
    return this.faulty.publish(
      [...channels].map((channel) => {
        const sequence = (this.#sequences.get(channel) ?? 0) + 1
        this.#sequences.set(channel, sequence)
        return { channel, sequence }
      }),
    )
  }

  /** Turns the clock forward; whatever is due on the way happens at its time. */
  pass(ms: number): void {
    const untilNs = this.#nowNs + ms * NS_PER_MS
    while (this.#alarmNs <= untilNs) {
      this.#nowNs = this.#alarmNs
      this.#alarmNs = Number.POSITIVE_INFINITY
      this.#wake()
    }
    this.#nowNs = untilNs
  }
}

const LETTERS = { drop: 'x', duplicate: '2', swap: 's' } as const

/** A seed by which the first events fare as wanted, a letter each: `l` is late, `-` is nothing. */
function seedFor(faults: Partial<Faults>, wanted: string): number {
  for (let seed = 0; ; seed++) {
    const decide = drawFaults({ ...healthy, ...faults, seed })
    const fates = Array.from(wanted, () => {
      const { fault, late } = decide()
      return fault === null ? (late ? 'l' : '-') : LETTERS[fault]
    })
    if (fates.join('') === wanted) return seed
  }
}

describe('a faulty backplane', () => {
  it('hands on all at once without faults', () => {
    const bench = new Bench({})
    void bench.publish('aba')
    assert.deepEqual(bench.arrived, ['a1@0', 'b1@0', 'a2@0'])
  })

  const all = { drop: 0.2, duplicate: 0.2, swap: 0.2 }
  for (const [what, channels, fates, arrived, counts] of [
    ['drops', 'aaa', '-x-', 'a1 a3', { dropped: 1 }],
    ['duplicates, the copy next to it', 'aba', '2--', 'a1 a1 b1 a2', { duplicated: 1 }],
    ['swaps with the next one of the channel', 'aba', 's--', 'b1 a2 a1', { swapped: 1 }],
    ['keeps what no other one overtakes', 'aab', '-s-', 'a1 b1', { waiting: 1 }],
    ['swaps with one that is logged', 'aaa', 'sx-', 'a3 a1', { swapped: 1, dropped: 1 }],
    ['lets both copies overtake', 'aa', 's2', 'a2 a2 a1', { swapped: 1, duplicated: 1 }],
    ['keeps one at a time in a channel', 'aaa', 'ss-', 'a2 a1 a3', { swapped: 1 }],
    ['keeps one in each channel', 'ab', 'ss', '', { waiting: 2 }],
  ] as const) {
    it(what, () => {
      const bench = new Bench({ ...all, seed: seedFor(all, fates) })
      void bench.publish(channels)
      assert.equal(bench.arrived.map((one) => one.replace('@0', '')).join(' '), arrived)
      assert.deepEqual(bench.faulty.counts, { ...noFaults(), ...counts })
    })
  }

  it('delays every event by the same time', () => {
    const bench = new Bench({ delay: { ms: 20, share: 1 } })
    void bench.publish('ab')
    bench.pass(5)
    void bench.publish('a')
    bench.pass(14.9)
    assert.deepEqual(bench.arrived, [])
    bench.pass(100)
    assert.deepEqual(bench.arrived, ['a1@20', 'b1@20', 'a2@25'])
    void bench.publish('b')
    bench.pass(100)
    assert.equal(bench.arrived.at(-1), 'b2@139.9')
    assert.equal(bench.faulty.counts.delayed, 4)
  })

  it('delays a share, and whatever of its channel comes meanwhile waits with it', () => {
    const delay = { ms: 100, share: 0.5 }
    const bench = new Bench({ delay, seed: seedFor({ delay }, 'l---l-') })
    void bench.publish('aab')
    bench.pass(10)
    void bench.publish('ab')
    void bench.publish('a')
    bench.pass(95)
    void bench.publish('c')
    bench.pass(100)
    // The fifth, b2, is late itself and overtaken by nobody; the sixth, a4, waits for the first.
    assert.deepEqual(bench.arrived.slice(0, 6), [
      'b1@0',
      'a1@100',
      'a2@100',
      'a3@100',
      'a4@100',
      'b2@110',
    ])
  })

  it('never changes the order of a channel by a delay', () => {
    const steps = fc.array(
      fc.record({ channels: fc.stringMatching(/^[abc]{1,4}$/), ms: fc.nat({ max: 40 }) }),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(steps, fc.nat(), (steps, seed) => {
        const bench = new Bench({ delay: { ms: 25, share: 0.3 }, seed })
        for (const { channels, ms } of steps) {
          void bench.publish(channels)
          bench.pass(ms)
        }
        bench.pass(25)
        for (const channel of 'abc') {
          const published = steps
            .flatMap(({ channels }) => [...channels])
            .filter((c) => c === channel)
          const found = bench.arrived.filter((one) => one.startsWith(channel))
          assert.deepEqual(
            found.map((one) => one.slice(1, one.indexOf('@'))),
            published.map((_, index) => String(index + 1)),
          )
        }
      }),
    )
  })

  it('delays what is swapped, both copies of what is duplicated, and nothing that is dropped', () => {
    const faults = { ...all, delay: { ms: 20, share: 1 } }
    const bench = new Bench({ ...faults, seed: seedFor(faults, 's2xl') })
    void bench.publish('aaaa')
    bench.pass(20)
    assert.deepEqual(bench.arrived, ['a2@20', 'a2@20', 'a1@20', 'a4@20'])
    assert.deepEqual(bench.faulty.counts, {
      dropped: 1,
      duplicated: 1,
      swapped: 1,
      delayed: 3,
      waiting: 0,
    })
  })

  it('accepts at once what is late or lost, and counts what the backplane refuses later', async () => {
    const refusing = {
      publish: () => Promise.reject(new Error('refused')),
    }
    await assert.rejects(new Bench({}, refusing).publish('a'), /refused/)
    await new Bench({ drop: 1 }, refusing).publish('a')
    const bench = new Bench({ delay: { ms: 20, share: 1 } }, refusing)
    await bench.publish('aa')
    bench.pass(20)
    await new Promise(setImmediate)
    assert.equal(bench.faulty.counts.dropped, 2)
  })
})

const mixed: Faults = {
  seed: 1,
  drop: 0.1,
  duplicate: 0.2,
  swap: 0.05,
  delay: { ms: 20, share: 0.3 },
}

function decisions(faults: Faults, count: number): readonly Decision[] {
  const decide = drawFaults(faults)
  return Array.from({ length: count }, () => decide())
}

describe('the draw of faults', () => {
  it('hits the shares asked for, the delay whatever the fault is', () => {
    const count = 20_000
    const drawn = decisions(mixed, count)
    const assertShare = (part: number, of: number, share: number): void => {
      const deviation = Math.sqrt((share * (1 - share)) / of)
      assert.ok(Math.abs(part / of - share) < 4 * deviation, `${part} of ${of}, not ${share}`)
    }
    for (const fault of ['drop', 'duplicate', 'swap'] as const) {
      const hit = drawn.filter((decision) => decision.fault === fault)
      assertShare(hit.length, count, mixed[fault])
      assertShare(hit.filter(({ late }) => late).length, hit.length, mixed.delay.share)
    }
    assertShare(drawn.filter(({ late }) => late).length, count, mixed.delay.share)
  })

  it('is the same by the same seed, and another by another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
        const faults = { ...mixed, seed }
        assert.deepEqual(decisions(faults, 50), decisions(faults, 50))
        const other = { ...mixed, seed: (seed + 1) % 2 ** 32 }
        assert.notDeepEqual(decisions(faults, 50), decisions(other, 50))
      }),
    )
  })

  it('drops the same events whether others are late or not', () => {
    const prompt = { ...mixed, delay: { ms: 0, share: 0 } }
    const faultsOf = (faults: Faults) => decisions(faults, 500).map(({ fault }) => fault)
    assert.deepEqual(faultsOf(prompt), faultsOf(mixed))
    assert.ok(decisions(prompt, 500).every(({ late }) => !late))
  })

  it('hits every event by a share of 1, and none by 0', () => {
    const clean = { ...mixed, drop: 0, duplicate: 0, swap: 0 }
    assert.ok(decisions(clean, 500).every(({ fault }) => fault === null))
    assert.ok(decisions({ ...clean, swap: 1 }, 500).every(({ fault }) => fault === 'swap'))
  })
})
