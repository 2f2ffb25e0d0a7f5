import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NS_PER_MS, NS_PER_SECOND } from '../measure/clock.ts'
import { EventBlocks } from '../measure/event-blocks.ts'
import { type Counts, noCounts, type Outage } from './messages.ts'
import type { InstanceReading, Readings } from './server-reading.ts'
import { backOf, bytesOf, connectsOf, cpuOf, queueOf, recoveryOf } from './storm.ts'

const WINDOW = { startNs: 100 * NS_PER_SECOND, endNs: 112 * NS_PER_SECOND }
/** Five seconds into it. */
const FROM_NS = 105 * NS_PER_SECOND
const DISRUPTION = { fromNs: FROM_NS, waitMs: 0 }

function outage(backMs: number | null, bytes: number | null = null): Outage {
  const backAtNs = backMs === null ? null : FROM_NS + backMs * NS_PER_MS
  return { ...{ client: 0, cause: 'x', attempts: 1, bytes }, noticedAtNs: FROM_NS, backAtNs }
}

test('so many of all that lost their connection are back when they are subscribed again', () => {
  const all = Array.from({ length: 1_000 }, (_, index) => outage(1_000 - index))
  assert.deepEqual(backOf(all, FROM_NS), {
    count: 1_000,
    ...{ p50Us: 500_000, p90Us: 900_000, p99Us: 990_000, maxUs: 1_000_000 },
  })
  // Those that are not back are of them, too.
  const half = [outage(40), outage(null), outage(20), outage(null)]
  assert.deepEqual(backOf(half, FROM_NS), {
    count: 2,
    ...{ p50Us: 40_000, p90Us: null, p99Us: null, maxUs: null },
  })
  const none = { count: 0, p50Us: null, p90Us: null, p99Us: null, maxUs: null }
  assert.deepEqual(backOf([outage(null)], FROM_NS), none)
})

test('the most connects are counted wherever a second or a tenth of one begins', () => {
  const at = (...ms: readonly number[]) => ms.map((each) => FROM_NS + each * NS_PER_MS)
  const span = { startNs: FROM_NS, endNs: FROM_NS + 10 * NS_PER_SECOND }
  // Across the edges of a tenth, of a second, and in no order; what was before or after is no part of it.
  const reached = at(1_050, 90, 110, 189, 190, -5, 10_001)
  assert.deepEqual(connectsOf(reached, at(5, 6, -1), span), {
    ...{ reached: 5, missed: 2, peakPerSecond: 5, peakPerTenth: 3, herdShare: 3 / 5 },
  })
  assert.deepEqual(connectsOf([], [], span), {
    ...{ reached: 0, missed: 0, peakPerSecond: 0, peakPerTenth: 0, herdShare: null },
  })
})

test('a herd is all of them in a tenth of a second, a spread return hardly any', () => {
  const span = { startNs: FROM_NS, endNs: FROM_NS + 10 * NS_PER_SECOND }
  const over = (ms: number) =>
    Array.from({ length: 3_000 }, (_, index) => FROM_NS + (index / 3_000) * ms * NS_PER_MS)
  assert.equal(connectsOf(over(90), [], span).herdShare, 1)
  const { herdShare, peakPerSecond } = connectsOf(over(3_000), [], span)
  assert.ok(herdShare !== null && Math.abs(herdShare - 1 / 30) < 0.001, `${herdShare}`)
  assert.ok(Math.abs(peakPerSecond - 1_000) <= 1, `${peakPerSecond}`)
})

test('of the accept queue the longest one of the storm is told, and how closely it was watched', () => {
  const reading = {
    ...{ sampleMs: 10, longestGapMs: 25, samples: 900, limit: 4_096 },
    counters: { overflows: 3, drops: 4 },
    waiting: [
      [FROM_NS - 1, 700],
      [FROM_NS + 1, 12],
      [FROM_NS + 2, 90],
      [FROM_NS + 3, 1],
    ],
  } as const
  const span = { startNs: FROM_NS, endNs: FROM_NS + NS_PER_SECOND }
  assert.deepEqual(queueOf(reading, span), {
    ...{ peak: 90, limit: 4_096, overflows: 3, drops: 4 },
    ...{ sampleMs: 10, longestGapMs: 25, samples: 900 },
  })
  const blind = { ...reading, counters: null, waiting: [] }
  const { peak, overflows, drops } = queueOf(blind, span)
  assert.deepEqual([peak, overflows, drops], [0, null, null])
})

test('bytes are those of the connections by which clients came back', () => {
  assert.deepEqual(bytesOf([outage(1, 400), outage(2, 600), outage(null)]), {
    ...{ bytes: 1_000, bytesPerClient: 500 },
  })
  assert.deepEqual(bytesOf([outage(1), outage(null)]), { bytes: null, bytesPerClient: null })
})

/** 100 ms of processor time of each side in a calm second, and half a second of it in those of a storm. */
function timeline(storm: readonly number[], silent: readonly number[] = []) {
  const spentMs = (second: number): number => (storm.includes(second) ? 500 : 100)
  const upTo = (second: number): number =>
    Array.from({ length: second }, (_, at) => spentMs(at)).reduce((sum, ms) => sum + ms, 0)
  const instance = (second: number): InstanceReading => ({
    ...{ pid: 1, restarts: 0, upMs: second * 1_000, transports: {}, memory: { rssBytes: 1 } },
    cpu: { userUs: upTo(second) * 1_000, systemUs: 7 },
    loop: { delayP50Us: 0, delayP99Us: 0, delayMaxUs: 0, samples: 0, utilisation: 0 },
  })
  return {
    countsAt: (second: number): Counts => ({ ...noCounts(), cpuUs: spentMs(second) * 1_000 }),
    readingAt: (second: number): Readings | null =>
      silent.includes(second) || second > 12 ? null : [instance(second)],
  }
}

test('processor time is what the seconds of the storm took beyond the calm before it', () => {
  const storm = { startNs: FROM_NS + 1, endNs: FROM_NS + 2.5 * NS_PER_SECOND }
  const told = { seconds: 3, generatorCpuUs: 800_000, generatorCpuUsPerClient: 1_600 }
  const both = { ...told, serverCpuUs: 800_000, serverCpuUsPerClient: 1_600 }
  assert.deepEqual(cpuOf(timeline([5, 6]), WINDOW, storm, 500), both)
  // An instance that is away does not tell: what is around it is taken.
  assert.deepEqual(cpuOf(timeline([5, 6], [5, 6, 7, 8]), WINDOW, storm, 500), both)
  // A server that never tells again, or never does.
  for (const silent of [[7, 8, 9, 10, 11, 12], [0]]) {
    const server = { serverCpuUs: null, serverCpuUsPerClient: null }
    assert.deepEqual(cpuOf(timeline([5, 6], silent), WINDOW, storm, 500), { ...told, ...server })
  }
})

test('without a calm before it, or within the window an end, nobody knows what it took', () => {
  const nothing = {
    ...{ seconds: null, serverCpuUs: null, serverCpuUsPerClient: null },
    ...{ generatorCpuUs: null, generatorCpuUsPerClient: null },
  }
  const endless = { startNs: FROM_NS, endNs: Number.POSITIVE_INFINITY }
  const late = { startNs: FROM_NS, endNs: WINDOW.endNs + 1 }
  const early = { startNs: WINDOW.startNs + 1, endNs: FROM_NS }
  for (const storm of [endless, late, early]) {
    assert.deepEqual(cpuOf(timeline([5]), WINDOW, storm, 10), nothing)
  }
})

/** A window of 12 s in blocks of 200 ms, each with so many deliveries, of which some are late. */
function blocks(lateOf: (second: number) => number, perBlock = 200): EventBlocks {
  const made = new EventBlocks()
  made.begin(WINDOW)
  for (let block = 0; block < 60; block++) {
    const atNs = WINDOW.startNs + (block + 0.5) * 200 * NS_PER_MS
    const late = Math.round(lateOf(block / 5) * perBlock)
    made.record(atNs, 1_000, perBlock - late)
    made.record(atNs, 900_000, late)
  }
  return made
}

const at = (fromS: number, toS: number, share: number) => (second: number) =>
  second >= fromS && second < toS ? share : 0

test('push latency has recovered when a second begins in which its p99 is below twice the calm one', () => {
  const told = (lateOf: (second: number) => number) =>
    recoveryOf(blocks(lateOf), WINDOW, DISRUPTION, 1_200)
  assert.deepEqual(told(at(5, 7.4, 0.33)), { calmP99Us: 1_000, afterUs: 2_400_000 })
  assert.deepEqual(
    told(() => 0),
    { calmP99Us: 1_000, afterUs: 0 },
  )
  // A hundredth is what a p99 leaves out.
  assert.deepEqual(told(at(5, 12, 0.01)), { calmP99Us: 1_000, afterUs: 0 })
  assert.deepEqual(told(at(5, 12, 0.02)), { calmP99Us: 1_000, afterUs: null })
  // Half a second of rest is not the end of it.
  const twice = (second: number): number => at(5, 6, 0.5)(second) + at(6.4, 8, 0.5)(second)
  assert.deepEqual(told(twice), { calmP99Us: 1_000, afterUs: 3_000_000 })
})

test('what clients had to ask for yet when it came is no calm', () => {
  const late = at(4, 7.4, 0.33)
  const told = (waitMs: number) =>
    recoveryOf(blocks(late), WINDOW, { fromNs: FROM_NS, waitMs }, 1_200)
  assert.deepEqual(told(1_000), { calmP99Us: 1_000, afterUs: 2_400_000 })
  assert.ok((told(0).calmP99Us ?? 0) >= 900_000)
})

test('a p99 of too few events before is none, and nothing is said of recovery', () => {
  const few = recoveryOf(
    blocks(() => 0),
    WINDOW,
    DISRUPTION,
    200,
  )
  assert.deepEqual(few, { calmP99Us: null, afterUs: null })
  const none = recoveryOf(new EventBlocks(), WINDOW, DISRUPTION, 10_000)
  assert.deepEqual(none, { calmP99Us: null, afterUs: null })
})
