import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { prepareHistograms } from '../measure/histogram.ts'
import type { Snapshot } from './heard.ts'
import { noCounts } from './messages.ts'
import { heldBy, serverCpuUs, slowConsumers, utilisation } from './server-figures.ts'
import type { InstanceReading } from './server-reading.ts'
import { reportOf, samplesOf, snapshotOf } from './snapshot.conformance.ts'
import { Tally } from './tally.ts'
import { SwarmSeconds, Timeline } from './timeline.ts'

function reading(upMs: number, cpuUs: number, held: number, slowConsumers = 0): InstanceReading {
  return {
    upMs,
    restarts: 0,
    transports: { sse: { held, deliveries: 0, slowConsumers } },
    cpu: { userUs: cpuUs, systemUs: 0 },
    memory: { rssBytes: 1 },
    loop: { delayP50Us: 0, delayP99Us: 0, delayMaxUs: 0, samples: 0, utilisation: 0 },
  }
}

function delivered(
  second: number | null,
  atMs: number,
  deliveries: number,
  latencyUs: number,
): Snapshot {
  return snapshotOf({
    atNs: atMs * 1e6,
    second,
    counts: { ...noCounts(), deliveries, cpuUs: deliveries * 1000 },
    live: 5,
    openSockets: 5,
    ...samplesOf([latencyUs]),
  })
}

describe('the readings of the server', () => {
  const before = [reading(1000, 500_000, 3), reading(900, 100_000, 4)]
  const after = [reading(3000, 1_500_000, 3), reading(2900, 2_100_000, 5)]

  it('add up over the instances', () => {
    assert.equal(heldBy(after, 'sse'), 8)
    assert.equal(heldBy(after, 'websocket'), 0)
    assert.equal(serverCpuUs(before, after), 3_000_000)
    assert.equal(utilisation(before, after), 1.5)
  })

  it('tell how many connections were closed since they did not read', () => {
    const first = [reading(0, 0, 3, 1), reading(0, 0, 3)]
    const last = [reading(0, 0, 3, 4), reading(0, 0, 3, 2)]
    assert.equal(slowConsumers(first, last, 'sse'), 5)
    assert.equal(slowConsumers(first, last, 'websocket'), 0)
  })

  it('give no utilisation of no time', () => {
    assert.equal(utilisation(after, after), null)
  })
})

describe('the timeline', () => {
  before(prepareHistograms)

  it('leaves out what is held for others than the swarm, where any is', async () => {
    const tally = new Tally(1)
    const timeline = new Timeline('sse', tally.seconds)
    timeline.others = 1
    for (const [second, held] of [6, 7, 0].entries()) {
      timeline.read(second, Promise.resolve([reading(second * 1000, 0, held)]))
    }
    await Promise.resolve()
    assert.deepEqual(timeline.held, [5, 6, 0])
    assert.deepEqual(
      timeline.seconds(null).map(({ held }) => held),
      [6, 0],
    )
    tally.destroy()
  })

  it('has one entry a second, both ends read, without what came before the window', async () => {
    const tally = new Tally(1)
    const timeline = new Timeline('sse', tally.seconds)
    tally.take(0, delivered(null, 0, 10, 1))
    timeline.read(0, Promise.resolve([reading(1000, 0, 6)]))
    tally.take(0, delivered(0, 1000, 14, 200))
    timeline.read(1, Promise.resolve([reading(2000, 250_000, 7)]))
    tally.take(0, delivered(1, 2000, 20, 300))
    timeline.read(2, Promise.resolve(null))
    // Half a second.
    tally.take(0, delivered(2, 2500, 21, 400))
    timeline.read(3, Promise.resolve([reading(3500, 500_000, 9)]))
    await Promise.resolve()
    const report = { perSecond: Uint32Array.of(4, 6) }
    assert.deepEqual(
      timeline
        .seconds(reportOf(report))
        .map(({ published, deliveries, p50Us, held, ...entry }) => [
          entry.second,
          published,
          deliveries,
          p50Us,
          held,
          entry.serverCpuUtilisation,
          entry.generatorCpuUtilisation,
        ]),
      [
        [0, 4, 4, 200, 7, 0.25, 0.004],
        [1, 6, 6, 300, null, null, 0.006],
        [2, 0, 1, 400, 9, null, 0.002],
      ],
    )
    assert.deepEqual(timeline.held, [6, 7, 9])
    assert.deepEqual(timeline.openSockets, [5, 5, 5])
    tally.destroy()
  })

  it('has a p99 of the seconds that have the events for it, of how many deliveries ever', () => {
    const tally = new Tally(1)
    const timeline = new Timeline('sse', tally.seconds)
    tally.take(0, snapshotOf())
    for (const second of [0, 1]) {
      const samples = samplesOf(new Array<number>(500).fill(100))
      tally.take(0, snapshotOf({ atNs: (second + 1) * 1e9, second, ...samples }))
    }
    const p99s = timeline
      .seconds(reportOf({ perSecond: Uint32Array.of(100, 99) }))
      .map(({ p99Us }) => p99Us)
    assert.deepEqual(p99s, [100, null])
    // While it goes on, by what is planned.
    for (const [eventsPerSecond, p99Us] of [
      [100, 100],
      [99, null],
    ] as const) {
      timeline.eventsPerSecond = eventsPerSecond
      assert.equal(timeline.latest('steady').p99Us, p99Us)
    }
    tally.destroy()
  })

  it('has the seconds that the server told of when no worker did', async () => {
    const timeline = new Timeline('sse', new SwarmSeconds(1))
    timeline.read(0, Promise.resolve(null))
    timeline.read(1, Promise.resolve([reading(1000, 0, 6)]))
    await Promise.resolve()
    const [entry, ...others] = timeline.seconds(null)
    assert.deepEqual([entry?.deliveries, entry?.held, entry?.p50Us, others.length], [0, 6, null, 0])
  })

  it('shows the last second that is whole, in the steady phase only', () => {
    const tally = new Tally(2)
    const timeline = new Timeline('sse', tally.seconds)
    assert.deepEqual(timeline.latest('steady'), {
      held: null,
      deliveriesPerSecond: 0,
      p50Us: null,
      p99Us: null,
    })
    for (const worker of [0, 1]) {
      tally.take(worker, delivered(null, 0, 0, 100))
      tally.take(worker, delivered(0, 500, 3, 100))
    }
    assert.equal(timeline.latest('steady').deliveriesPerSecond, 12)
    tally.take(0, delivered(1, 510, 4, 100))
    assert.equal(timeline.latest('steady').deliveriesPerSecond, 12)
    assert.equal(timeline.latest('drain').deliveriesPerSecond, 0)
    tally.destroy()
  })
})
