import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { prepareHistograms } from '../measure/histogram.ts'
import { noAudit, noCounts, type Snapshot } from './messages.ts'
import type { InstanceReading } from './server-watch.ts'
import { Tally } from './tally.ts'
import { heldBy, serverCpuUs, Timeline, utilisation } from './timeline.ts'

function reading(upMs: number, cpuUs: number, held: number): InstanceReading {
  return {
    upMs,
    transports: { sse: { held, slowConsumers: 0 } },
    openSockets: held,
    cpu: { userUs: cpuUs, systemUs: 0 },
    memory: { rssBytes: 1 },
    loop: { delayP50Us: 0, delayP99Us: 0, delayMaxUs: 0, utilisation: 0 },
  }
}

function delivered(deliveries: number, latencyUs: number): Snapshot {
  return {
    atNs: 0,
    counts: { ...noCounts(), deliveries, cpuUs: deliveries * 1000 },
    subscribed: 5,
    live: 5,
    openSockets: 5,
    rssBytes: 1,
    audit: noAudit(),
    errors: {},
    latenciesUs: Uint32Array.of(latencyUs),
    serviceLatenciesUs: new Uint32Array(0),
    connectsUs: new Uint32Array(0),
  }
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

  it('give no utilisation of no time', () => {
    assert.equal(utilisation(after, after), null)
  })
})

describe('the timeline', () => {
  before(prepareHistograms)

  it('has one entry a second, without what came before the window', async () => {
    const tally = new Tally(1)
    const timeline = new Timeline('sse', tally)
    tally.take(0, delivered(10, 1))
    timeline.begin()
    tally.take(0, delivered(14, 200))
    timeline.tick(0, Promise.resolve([reading(1000, 0, 7)]))
    tally.take(0, delivered(20, 300))
    timeline.tick(1, Promise.resolve([reading(2000, 250_000, 9)]))
    tally.take(0, delivered(21, 400))
    timeline.tick(2, null)
    await Promise.resolve()
    const report = { perSecond: Uint32Array.of(4, 6) }
    assert.deepEqual(
      timeline
        .seconds({ ...noReport, ...report })
        .map(({ second, published, deliveries, p50Us, held, serverCpuUtilisation }) => [
          second,
          published,
          deliveries,
          p50Us,
          held,
          serverCpuUtilisation,
        ]),
      [
        [0, 4, 4, 200, 7, null],
        [1, 6, 6, 300, 9, 0.25],
        [2, 0, 1, 400, null, null],
      ],
    )
    assert.deepEqual(timeline.held, [7, 9])
    assert.deepEqual(timeline.openSockets, [5, 5, 5])
    assert.equal(timeline.seconds(null)[0]?.generatorCpuUtilisation, 0.004)
    tally.destroy()
  })

  it('shows the last second in the steady phase only', () => {
    const tally = new Tally(1)
    const timeline = new Timeline('sse', tally)
    assert.deepEqual(timeline.latest('steady'), {
      deliveriesPerSecond: 0,
      p50Us: null,
      p99Us: null,
    })
    tally.take(0, delivered(3, 100))
    timeline.tick(0, null)
    assert.equal(timeline.latest('steady').deliveriesPerSecond, 3)
    assert.equal(timeline.latest('drain').deliveriesPerSecond, 0)
    tally.destroy()
  })
})

const noReport = {
  published: 0,
  sentInTime: 0,
  due: 0,
  accepted: 0,
  dropped: 0,
  first: new Uint32Array(0),
  last: new Uint32Array(0),
  perSecond: new Uint32Array(0),
  slipP99Us: null,
  slipMaxUs: null,
  loop: { delayP50Us: 0, delayP99Us: 0, delayMaxUs: 0, utilisation: 0 },
}
