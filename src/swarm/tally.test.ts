import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { prepareHistograms } from '../measure/histogram.ts'
import type { Snapshot } from './heard.ts'
import { type AuditCounts, type Counts, noAudit, noCounts } from './messages.ts'
import { samplesOf, settlementOf, snapshotOf } from './snapshot.conformance.ts'
import { Tally } from './tally.ts'

interface Parts {
  readonly atMs?: number
  readonly counts?: Partial<Counts>
  readonly audit?: Partial<AuditCounts>
  readonly latenciesUs?: readonly number[]
  readonly live?: number
  readonly second?: number
  readonly errors?: Record<string, number>
  readonly disguises?: Record<string, number>
}

function snapshot(parts: Parts): Snapshot {
  const { atMs = 0, live = 0, second = null, latenciesUs = [], errors = {}, disguises = {} } = parts
  return snapshotOf({
    atNs: atMs * 1e6,
    second,
    counts: { ...noCounts(), ...parts.counts },
    live,
    openSockets: live,
    audit: { ...noAudit(), ...parts.audit },
    errors,
    disguises,
    ...samplesOf(latenciesUs),
  })
}

const loop = { delayP50Us: 0, delayP99Us: 10, delayMaxUs: 20, samples: 200, utilisation: 0.1 }

describe('the tally', () => {
  before(prepareHistograms)

  it("takes a window's counts from its edges, over all workers", () => {
    const tally = new Tally(2)
    tally.take(0, snapshot({ counts: { requests: 5 } }))
    tally.open(0, snapshot({ atMs: 1000, counts: { requests: 10 }, live: 3 }))
    tally.open(1, snapshot({ atMs: 1001, counts: { requests: 20 }, live: 4 }))
    tally.take(0, snapshot({ atMs: 1500, counts: { requests: 15 }, live: 4 }))
    assert.equal(tally.isClosed(0), false)
    tally.close(0, snapshot({ atMs: 3000, counts: { requests: 18 }, live: 4 }), loop)
    tally.close(1, snapshot({ atMs: 3001, counts: { requests: 30 }, live: 4 }), loop)
    tally.take(0, snapshot({ atMs: 3500, counts: { requests: 99 }, live: 4 }))
    assert.equal(tally.counts.requests, 8 + 10)
    assert.equal(tally.connectedAtStart, 7)
    assert.equal(tally.live, 8)
    assert.equal(tally.loops.length, 2)
    assert.deepEqual([tally.isClosed(0), tally.isClosed(1)], [true, true])
    tally.destroy()
  })

  it('counts as connected who was when the window began, and nobody else', () => {
    const tally = new Tally(2)
    tally.take(0, snapshot({ live: 5 }))
    tally.take(1, snapshot({ live: 4 }))
    assert.equal(tally.connectedAtStart, 9)
    // Two had lost their connection by then, and came back later.
    tally.open(0, snapshot({ live: 3 }))
    tally.take(0, snapshot({ live: 5 }))
    // The other worker was lost before.
    assert.equal(tally.connectedAtStart, 3)
    tally.destroy()
  })

  it("keeps a lost worker's last word, and takes for lost what it has not told of", () => {
    const tally = new Tally(2)
    for (const worker of [0, 1]) tally.open(worker, snapshot({ atMs: 0 }))
    tally.take(1, snapshot({ atMs: 700, audit: { delivered: 3 }, latenciesUs: [1, 2, 3] }))
    tally.close(0, snapshot({ atMs: 1000, audit: { delivered: 5 } }), loop)
    tally.settle(0, snapshot({ audit: { delivered: 8 } }), settlementOf({ expected: 10, lost: 2 }))
    assert.deepEqual(tally.settlement, settlementOf({ expected: 13, lost: 2 }))
    tally.forsake(1, 11)
    assert.deepEqual(tally.settlement, settlementOf({ expected: 21, lost: 10 }))
    // One that has settled has said all.
    tally.forsake(0, 100)
    assert.deepEqual(tally.settlement, settlementOf({ expected: 21, lost: 10 }))
    assert.equal(tally.audit.delivered, 11)
    assert.equal(tally.latency.count, 3)
    tally.destroy()
  })

  it('balances although a worker goes on telling after it has settled', () => {
    const tally = new Tally(1)
    tally.settle(
      0,
      snapshot({ audit: { delivered: 1 }, latenciesUs: [10] }),
      settlementOf({ expected: 3, lost: 2 }),
    )
    // A late delivery, told by the way.
    tally.take(0, snapshot({ audit: { delivered: 2 }, latenciesUs: [900] }))
    const { expected, lost } = tally.settlement
    assert.equal(expected, tally.audit.delivered + lost)
    assert.equal(tally.latency.count, tally.audit.delivered)
    tally.settle(
      0,
      snapshot({ audit: { delivered: 3 }, latenciesUs: [950] }),
      settlementOf({ expected: 3, lost: 0 }),
    )
    assert.deepEqual(tally.settlement, settlementOf({ expected: 3, lost: 0 }))
    assert.equal(tally.audit.delivered, 3)
    assert.equal(tally.latency.count, 3)
    tally.destroy()
  })

  it('books what each second brought, however late it is told', () => {
    const tally = new Tally(2)
    // Before the window.
    tally.take(0, snapshot({ counts: { deliveries: 4, cuts: 1 }, latenciesUs: [100] }))
    tally.open(0, snapshot({ counts: { deliveries: 5, cuts: 1 } }))
    tally.open(1, snapshot({}))
    tally.take(0, snapshot({ second: 0, counts: { deliveries: 7, cuts: 1 }, latenciesUs: [50] }))
    // Its buffer was full in the midst of the next second, before the other told of the first.
    tally.take(0, snapshot({ second: 1, counts: { deliveries: 9, cuts: 2 }, latenciesUs: [900] }))
    tally.take(1, snapshot({ second: 0, counts: { deliveries: 7 }, latenciesUs: [70] }))
    tally.close(0, snapshot({ second: 1, counts: { deliveries: 10, cuts: 2 } }), loop)
    tally.close(1, snapshot({ second: 1, counts: { deliveries: 8 }, latenciesUs: [3] }), loop)
    // In the drain.
    tally.take(0, snapshot({ counts: { deliveries: 99 }, latenciesUs: [1_000] }))
    assert.deepEqual(
      [0, 1, 2].map((second) => {
        const { deliveries, cuts, p50Us, maxUs } = tally.seconds.at(second)
        return [deliveries, cuts, p50Us, maxUs]
      }),
      [
        [9, 0, 50, 70],
        [4, 1, 3, 900],
        [0, 0, null, null],
      ],
    )
    assert.equal(tally.seconds.count, 2)
    assert.equal(tally.latency.count, 6)
    tally.destroy()
  })

  it('adds up what messages without a mark were recognised as', () => {
    const tally = new Tally(2)
    tally.take(0, snapshot({ disguises: { base64: 2, gzip: 1 } }))
    tally.take(0, snapshot({ disguises: { base64: 4, gzip: 1 } }))
    tally.take(1, snapshot({ disguises: { base64: 3 } }))
    assert.deepEqual(tally.disguises, { base64: 7, gzip: 1 })
    tally.destroy()
  })

  it('adds up errors by their cause', () => {
    const tally = new Tally(2)
    tally.take(0, snapshot({ errors: { ECONNRESET: 2, timeout: 1 } }))
    tally.take(1, snapshot({ errors: { ECONNRESET: 3 } }))
    assert.deepEqual(tally.errors, { ECONNRESET: 5, timeout: 1 })
    tally.destroy()
  })
})
