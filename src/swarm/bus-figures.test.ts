import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BusFacts, busOf, outageOf, withOutages } from './bus-figures.ts'
import { sampleStatistics } from './server-reading.conformance.ts'
import { type InstanceReading, parseReading } from './server-reading.ts'

type Bus = NonNullable<InstanceReading['bus']>

const MS = 1e6

/** As an instance tells it. */
function reading(bus: unknown): InstanceReading {
  const read = parseReading(JSON.stringify(sampleStatistics({ bus })), 'sse')
  assert.ok(typeof read !== 'string', String(read))
  return read
}
const IDLE: Bus = {
  ...{ name: 'memory', routing: 'broadcast', epochs: 1, gaps: 0, outages: [] },
  ...{ published: 10, received: 30, bytesOut: 1_000, bytesIn: 3_000, hopUs: 600 },
}
const PROCESS = { cpuUs: 1e6, rssBytes: 50e6, bytesIn: 2_000, bytesOut: 6_000 }

/** An instance's account later on, of so many events of its own and in all. */
function grown(own: number, all: number, more: Partial<Bus> = {}): Bus {
  return {
    ...IDLE,
    published: IDLE.published + own,
    received: IDLE.received + all,
    bytesOut: IDLE.bytesOut + 100 * own,
    bytesIn: IDLE.bytesIn + 100 * all,
    hopUs: IDLE.hopUs + 250 * all,
    ...more,
  }
}

function facts(begin: readonly Bus[], end: readonly Bus[], last = end): BusFacts {
  const readings = (buses: readonly Bus[]) => buses.map(reading)
  return {
    window: { startNs: 1_000 * MS, endNs: 5_000 * MS },
    ...{ begin: readings(begin), end: readings(end), last: readings(last) },
    ...{ events: 40, deliveries: 400 },
  }
}

test('what went over the bus, for each event and delivery, and what it took', () => {
  const its = { cpuUs: 3e6, rssBytes: 60e6, bytesIn: 12_000, bytesOut: 16_000 }
  const bus = busOf(
    facts([{ ...IDLE, process: PROCESS }, IDLE], [grown(10, 40, { process: its }), grown(30, 40)]),
  )
  assert.deepEqual(bus, {
    ...{ name: 'memory', routing: 'broadcast' },
    ...{ bytesPerEvent: 12_000 / 40, bytesPerDelivery: 30, hopMeanUs: 250 },
    ...{ receiptsPerEvent: 2, cpuUsPerEvent: 50_000, cpuUsPerDelivery: 5_000 },
    ...{ cpuUtilisation: 0.5, rssBytes: 60e6, bytesIn: 10_000, bytesOut: 10_000 },
    ...{ restarts: 0, gaps: 0, outages: [] },
    instances: [
      { published: 10, received: 40, bytesOut: 1_000, bytesIn: 4_000 },
      { published: 30, received: 40, bytesOut: 3_000, bytesIn: 4_000 },
    ],
  })
  assert.equal(outageOf(bus, 4_000), null)
})

test('nothing is told where there is no bus, and no figure that is not known', () => {
  const whole = facts([IDLE], [grown(10, 10)])
  assert.equal(busOf({ ...whole, window: null }), undefined)
  const alone = [reading(null)]
  assert.equal(busOf({ ...whole, begin: alone, end: alone, last: alone }), undefined)
  const older = [reading(undefined)]
  assert.equal(busOf({ ...whole, begin: older, end: older, last: older }), undefined)
  const half = busOf({ ...whole, begin: null })
  assert.deepEqual([half?.bytesPerEvent, half?.hopMeanUs, half?.instances], [null, null, []])
  assert.equal(busOf({ ...whole, events: 0, deliveries: 0 })?.bytesPerDelivery, null)
  // A process that was started anew has no difference with the one before.
  const anew = busOf(
    facts([{ ...IDLE, process: PROCESS }], [grown(1, 1, { epochs: 2, process: PROCESS })]),
  )
  assert.deepEqual([anew?.cpuUtilisation, anew?.bytesIn, anew?.restarts], [null, null, 1])
})

test('outages are told from the window on, in its seconds, and as what came of them', () => {
  const cause = 'it closed the connection'
  const over = grown(1, 1, {
    outages: [
      [100 * MS, 900 * MS, 'before the window'],
      [2_500 * MS, 3_100 * MS, cause],
    ],
  })
  const lasting = grown(1, 1, { outages: [[2_600 * MS, null, cause]] })
  const bus = busOf(facts([IDLE, IDLE], [over, lasting]))
  assert.deepEqual(bus?.outages, [
    { instance: 0, fromMs: 1_500, toMs: 2_100, cause },
    { instance: 1, fromMs: 1_600, toMs: null, cause },
  ])
  const timeline = Array.from({ length: 4 }, (_, second) => ({ second }))
  assert.deepEqual(
    withOutages(timeline as never, bus).map(({ busLost }) => busLost),
    [0, 2, 2, 1],
  )
  assert.deepEqual(outageOf(bus, 4_000), {
    ...{ name: 'memory', longestMs: 2_400, isOver: false, beganAnew: false, cause },
  })
  const gaps = busOf(facts([IDLE], [grown(1, 1, { gaps: 1 })]))
  assert.equal(outageOf(gaps, 4_000)?.cause, null)
})
