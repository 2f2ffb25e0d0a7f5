import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { prepareHistograms } from '../measure/histogram.ts'
import type { Run } from '../result/document.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { transportNamed } from '../transports/registry.ts'
import { composeRun } from './composition.ts'
import type { Findings } from './findings.ts'
import type { Snapshot } from './heard.ts'
import { type AuditCounts, noAudit, noCounts } from './messages.ts'
import type { RunFront } from './run-order.ts'
import type { InstanceReading } from './server-reading.ts'
import { reportOf, samplesOf, settlementOf, snapshotOf } from './snapshot.conformance.ts'
import { Tally } from './tally.ts'
import { Timeline } from './timeline.ts'

const CLIENTS = 10

function snapshot(deliveries: number, audit: Partial<AuditCounts> = {}, serviceUs = 80): Snapshot {
  return snapshotOf({
    counts: { ...noCounts(), deliveries },
    live: CLIENTS,
    openSockets: CLIENTS,
    rssBytes: 1,
    audit: { ...noAudit(), delivered: deliveries, ...audit },
    errors: { ECONNRESET: 2 },
    ...samplesOf(new Array<number>(deliveries).fill(100)),
    serviceLatenciesUs: new Uint32Array(deliveries).fill(serviceUs),
  })
}

function reading(upMs: number, slowConsumers: number, samples = 200): InstanceReading {
  return {
    upMs,
    restarts: 0,
    transports: { sse: { held: CLIENTS, deliveries: upMs / 100, slowConsumers } },
    limits: { holdMs: 30_000 },
    cpu: { userUs: upMs * 500, systemUs: 0 },
    memory: { rssBytes: 1_000 },
    loop: { delayP50Us: 0, delayP99Us: 700, delayMaxUs: 900, samples, utilisation: 0.1 },
    // 30 µs for each delivery.
    fanOut: { waitedUs: (upMs / 100) * 30, events: 120, spanP99Us: 44, spanMaxUs: 55 },
  }
}

/** Ten deliveries at 100 µs, 80 µs of them after the acceptance. */
const report = reportOf({
  published: 10,
  sentInTime: 10,
  due: 10,
  accepted: 10,
  first: Uint32Array.of(1),
  last: Uint32Array.of(1),
  perSecond: new Uint32Array(10),
  slipMeanUs: 5,
  slipMaxUs: 9,
})

const host = { busyMs: 0, totalMs: 0 }
const atEdge = { host, cpuUs: 0 }

/** Ten seconds with ten deliveries, in which nothing went wrong; a parameter replaces parts. */
function compose(
  changes: Partial<Omit<Findings, 'order'>> & {
    readonly sharedWithServer?: boolean
    readonly audit?: Partial<AuditCounts>
    readonly serviceUs?: number
    readonly front?: RunFront
  } = {},
): Run {
  const { sharedWithServer = true, audit = {}, serviceUs = 80, front = null, ...rest } = changes
  const last = snapshot(10, audit, serviceUs)
  const tally = new Tally(1)
  tally.open(0, snapshot(0))
  const loop = { delayP50Us: 0, delayP99Us: 10, delayMaxUs: 20, samples: 200, utilisation: 0.1 }
  tally.close(0, last, loop)
  tally.settle(0, { ...last, ...samplesOf([]) }, settlementOf({ expected: 10, lost: 0 }))
  const run = composeRun({
    order: {
      transport: transportNamed('sse'),
      scenario: {
        clients: CLIENTS,
        balance: 'cookie',
        disruptions: [],
      } as Partial<Scenario> as Scenario,
      front,
      repetition: 1,
      targets: [],
      workers: 1,
      sharedWithServer,
      signal: new AbortController().signal,
      onProgress: () => {},
      onServerLost: () => {},
    },
    startedAt: new Date(0).toISOString(),
    window: { startNs: 0, endNs: 10e9 },
    interruption: null,
    tally,
    timeline: new Timeline('sse', tally.seconds),
    report: null,
    edges: [
      { server: [reading(1_000, 2)], ...atEdge },
      { server: [reading(11_000, 5)], ...atEdge },
    ],
    rehearsal: null,
    lastReading: null,
    wrongStatistics: null,
    probe: null,
    probeLost: false,
    listenDrops: 0,
    lostWorkers: 0,
    lostClients: 0,
    lostInstances: 0,
    frontLost: null,
    publisherLost: false,
    pace: { intervalMs: 1_000, holdMs: 30_000, rate: 1, timeoutMs: 10_000, backoff: 'full-jitter' },
    disrupted: [],
    blackholeUs: null,
    queues: null,
    greeting: null,
    ...rest,
  })
  tally.destroy()
  return run
}

function codesOf({ validity }: Run): readonly string[] {
  return validity.reasons.map(({ code }) => code)
}

describe("a run's part of the document", () => {
  before(prepareHistograms)

  describe('through a front', () => {
    const front: RunFront = {
      name: 'nginx',
      version: '1.22.1',
      target: { ...{ host: '', port: 1, secure: false }, authority: '', basePath: '', token: null },
      via: null,
      read: () => null,
      onLost() {},
    }
    const at = (cpuUs: number, waitedUs: number) => ({
      ...atEdge,
      front: { cpuUs, waitedUs, rssBytes: 3_000 },
    })

    it('has what that took in the window, and how it has spread the clients', () => {
      const edges = [
        { server: [reading(1_000, 2), reading(1_000, 1)], ...at(1_000, 500) },
        { server: [reading(11_000, 5), reading(11_000, 4)], ...at(41_000, 10_500) },
      ]
      const { front: told } = compose({ front, edges })
      assert.deepEqual(told, {
        program: 'nginx',
        version: '1.22.1',
        balance: 'cookie',
        cpuUtilisation: 0.004,
        cpuUsPerDelivery: 4_000,
        waitedShare: 0.2,
        rssBytes: 3_000,
        rssBytesPerClient: 3_000 / CLIENTS,
        heldByInstance: [reading(0, 0), reading(0, 0)].map(
          ({ transports }) => transports['sse']?.held,
        ),
      })
    })

    it('has nothing of it among what other programs took', () => {
      const busy = (front: object) =>
        [0, 10_000].map((totalMs) => ({
          server: [reading(1_000 + totalMs, 2)],
          ...{ host: { busyMs: totalMs, totalMs }, cpuUs: 0 },
          ...(totalMs > 0 ? front : {}),
        }))
      const others = (edges: ReturnType<typeof busy>) =>
        compose({ front, edges }).lateness?.othersCpuUtilisation ?? Number.NaN
      const { front: taken } = at(1_000_000, 0)
      const without = busy({ front: { ...taken, cpuUs: 0 } })
      assert.ok(Math.abs(others(without) - others(busy({ front: taken })) - 0.1) < 1e-9)
    })

    it('has nothing of it where nobody tells, and none without one', () => {
      const { front: told } = compose({ front })
      assert.deepEqual(
        [told?.cpuUsPerDelivery, told?.rssBytes, told?.waitedShare],
        [null, null, null],
      )
      assert.equal(compose().front, undefined)
    })

    it('that ended early is partial, and says so', () => {
      const lost = compose({ front, frontLost: 'nginx ended (SIGKILL)' })
      assert.deepEqual([lost.partial, codesOf(lost)[0]], [true, 'front-lost'])
    })
  })

  it('has no service latency of a server on another host, whose clock is another', () => {
    const elsewhere = compose({ sharedWithServer: false, audit: { premature: 9 } })
    assert.equal(elsewhere.serviceLatency, null)
    assert.ok(!codesOf(elsewhere).includes('clock-offset'))
    const here = compose()
    assert.equal(here.serviceLatency?.count, 10)
    assert.ok(!codesOf(here).includes('clock-offset'))
  })

  for (const [kind, changes, line] of [
    ['ahead', { audit: { negativeServices: 3 } }, /clock is ahead of this/],
    ['behind, here and there', { audit: { premature: 3 } }, /clock is behind this/],
    ['behind', { serviceUs: 1_000_095 }, /clock is 1000\.\d ms or more behind this/],
  ] as const) {
    it(`names a server's clock that is ${kind}, and takes no figure of its stamps`, () => {
      const run = compose({ report, ...changes })
      assert.deepEqual([run.serviceLatency, run.spent], [null, null])
      const reason = run.validity.reasons.find(({ code }) => code === 'clock-offset')
      assert.match(reason?.message ?? '', line)
      // What the swarm's own clock measured is what it was.
      assert.deepEqual([reason?.severity, run.latency.p50Us], ['suspect', 100])
    })
  }

  it('says that what the server told was not to be believed', () => {
    const edges = [
      { server: [reading(1_000, 2)], ...atEdge },
      { server: null, ...atEdge },
    ]
    const wrongStatistics = { count: 2, at: '127.0.0.1:80', problem: 'upMs: expected number' }
    const codes = codesOf(compose({ edges, wrongStatistics }))
    assert.ok(codes.includes('server-statistics') && !codes.includes('server-silent'))
  })

  it('divides by the seconds of the window', () => {
    assert.equal(compose().throughput.deliveriesPerSecond, 1)
  })

  it('counts slow consumers of the window, among the errors too', () => {
    const { server, errors } = compose()
    assert.equal(server?.slowConsumers, 3)
    assert.deepEqual(errors, { ECONNRESET: 2, 'slow-consumer': 3 })
  })

  it("has the server's last reading where it was silent at the end, and says so", () => {
    const edges = [
      { server: [reading(1_000, 2)], ...atEdge },
      { server: null, ...atEdge },
    ]
    const run = compose({ edges, lastReading: [reading(9_000, 4)] })
    assert.ok(codesOf(run).includes('server-silent'))
    assert.equal(run.server?.rssBytes, 1_000)
    assert.equal(run.server?.cpuUtilisation, 0.5)
    // The deliveries are those of the whole window.
    assert.equal(run.server?.totalCpuUsPerDelivery, null)
    assert.equal(compose({ edges }).server, null)
  })

  it('takes no difference of the counts of a server and of the one after it', () => {
    for (const after of [reading(900, 0), { ...reading(9_000, 0), pid: 2 }]) {
      const before = { ...reading(1_000, 2), ...('pid' in after ? { pid: 1 } : {}) }
      const edges = [before, after].map((instance) => ({ server: [instance], ...atEdge }))
      const { server, spent } = compose({ report, edges })
      const { cpuUsPerDelivery, cpuUtilisation, slowConsumers, rssBytes } = server ?? {}
      assert.deepEqual([cpuUsPerDelivery, cpuUtilisation, slowConsumers], [null, null, null])
      assert.deepEqual([spent, rssBytes], [null, 1_000])
    }
  })

  it("has no p99 of the server's loop from a few samples", () => {
    const edges = [1_000, 2_000].map((upMs) => ({ server: [reading(upMs, 0, 99)], ...atEdge }))
    assert.equal(compose({ edges }).server?.loopDelayP99Us, null)
    assert.equal(compose().server?.loopDelayP99Us, 700)
  })

  it('has no reach when nobody knows what was published', () => {
    const { delivery, partial } = compose({ publisherLost: true })
    assert.deepEqual([delivery.reach, partial], [null, true])
  })

  it('takes what was cut off for accepted where all of it arrived, and not where nothing was to', () => {
    const unknown = reportOf({ ...report, accepted: 7, unknown: 3 })
    const codesOf = (expected: number, lost: number): readonly string[] => {
      const tally = new Tally(1)
      tally.settle(0, snapshotOf(samplesOf([])), settlementOf({ expected, lost }))
      const { validity } = compose({ tally, report: unknown })
      tally.destroy()
      return validity.reasons.map(({ code }) => code)
    }
    assert.ok(!codesOf(10, 0).includes('dropped'))
    assert.ok(codesOf(10, 1).includes('dropped'))
    assert.ok(codesOf(0, 0).includes('dropped'))
  })

  it('has the percentiles that its events carry, however many deliveries they became', () => {
    const percentiles = (published: number): readonly boolean[] => {
      const { latency, latencyLowerBound, serviceLatency } = compose({
        report: { ...report, published },
      })
      return [latency, latencyLowerBound, serviceLatency].map(
        (of) => of != null && of.p90Us !== null,
      )
    }
    assert.deepEqual(percentiles(10), [true, true, true])
    assert.deepEqual(percentiles(9), [false, false, false])
    // Nobody knows how many there were.
    assert.equal(compose({ publisherLost: true }).latency.p90Us, null)
  })

  it('has sampling intervals of the window as it was, by when its events were intended', () => {
    const tally = new Tally(1)
    const latenciesUs = Array.from({ length: 200 }, (_, index) => 100 + (index % 7))
    const samples = {
      ...samplesOf(latenciesUs),
      receivedUs: Uint32Array.from(latenciesUs, (us, index) => index * 50_000 + us),
    }
    tally.begin({ startNs: 0, endNs: 20e9 })
    tally.settle(0, snapshotOf(samples), settlementOf({ expected: 200, lost: 0 }))
    const of = (endS: number): Run['sampling'] =>
      compose({
        tally,
        report: { ...report, published: 200 },
        window: { startNs: 0, endNs: endS * 1e9 },
      }).sampling
    const half = of(10)
    assert.deepEqual([half?.events, half?.blocks, half?.blockMs], [200, 30, 20_000 / 60])
    const { p50, p99, mean } = half?.latency ?? {}
    assert.ok(p50 != null && p50.lowUs <= 103 && p50.highUs !== null && p50.highUs >= 103)
    assert.ok(mean != null && mean.lowUs < 103 && mean.lowUs > 102)
    // Of 200 events the slowest hundredth may not have come.
    assert.equal(p99?.highUs, null)
    assert.deepEqual(half?.latencyLowerBound, half?.latency)
    assert.equal(of(1)?.latency.p50, null)
    assert.equal(compose({ window: null }).sampling, null)
    tally.destroy()
  })

  it('names the clients that were lost with their worker', () => {
    const run = compose({ lostWorkers: 1, lostClients: 5 })
    assert.deepEqual([run.clients.lost, run.partial], [5, true])
    assert.match(run.validity.reasons[0]?.message ?? '', /with 5 client/)
  })

  it('tells where the latency was spent, in parts that add up to its mean', () => {
    const { spent, fanOut, latency } = compose({ report })
    assert.deepEqual(spent, { slipUs: 5, acceptUs: 15, fanOutUs: 30, readUs: 50 })
    assert.equal(latency.meanUs, 100)
    assert.deepEqual(fanOut, { p99Us: 44, maxUs: 55 })
  })

  it('does not tell where it was spent when a part is not known', () => {
    assert.equal(compose().spent, null)
    assert.equal(compose({ report, sharedWithServer: false }).spent, null)
    const edges = [{ server: [reading(1_000, 2)], ...atEdge }]
    const silent = compose({ report, edges: [...edges, { server: null, ...atEdge }] })
    assert.deepEqual([silent.spent, silent.fanOut], [null, null])
    assert.equal(compose({ report, edges: [] }).spent, null)
  })

  it('has the probe, beside the swarm and in none of its figures', () => {
    const probe = {
      count: 500,
      p50Us: 50,
      p99Us: 90,
      maxUs: 99,
      loopDelayP99Us: null,
      loopDelayMaxUs: 10,
    }
    const run = compose({ probe })
    assert.deepEqual(run.probe, probe)
    assert.equal(run.latency.count, 10)
    // But the server's processor time is for its deliveries, too: 500 beside the swarm's ten.
    assert.equal(run.server?.totalCpuUsPerDelivery, 5e6 / 510)
    assert.equal(compose().server?.totalCpuUsPerDelivery, 5e6 / 10)
    // Of ten deliveries there is no p99 to hold against the probe's.
    assert.ok(!codesOf(run).includes('probe'))
    assert.equal(compose().probe, null)
    assert.ok(codesOf(compose({ probeLost: true })).includes('probe-lost'))
  })

  it('says that a listen queue overflowed', () => {
    const reason = compose({ listenDrops: 7 }).validity.reasons.find(
      ({ code }) => code === 'listen-overflow',
    )
    assert.deepEqual([reason?.severity, reason?.value], ['suspect', 7])
    assert.ok(!codesOf(compose({ listenDrops: 0 })).includes('listen-overflow'))
  })
})
