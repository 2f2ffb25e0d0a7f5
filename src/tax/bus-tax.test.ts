import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Result, Run } from '../result/document.ts'
import { sampleLatency, sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { busTaxOf } from './bus-tax.ts'
import { busTaxForms, renderBusTax } from './report.ts'

type Bus = NonNullable<Run['bus']>

const BUS: Bus = {
  ...{ name: 'memory', routing: 'broadcast', bytesPerEvent: 700, bytesPerDelivery: 70 },
  ...{ hopMeanUs: 300, receiptsPerEvent: 3, cpuUsPerEvent: 120, cpuUsPerDelivery: 12 },
  ...{ cpuUtilisation: 0.012, rssBytes: 50e6, bytesIn: null, bytesOut: null },
  ...{ restarts: 0, gaps: 0, instances: [], outages: [] },
}

interface Cell {
  readonly seed: number
  readonly p50Us: number
  /** Over the bus; null without a bus. */
  readonly addedUs?: number
  readonly name?: string
  readonly instances?: number
  readonly changes?: Partial<Run>
}

function runOf({ seed, p50Us, addedUs, name = 'memory', instances = 1, changes }: Cell): Run {
  const sample = sampleRun('sse')
  const added = addedUs === undefined ? null : sampleLatency(addedUs, 10 * addedUs)
  const interval = { lowUs: 0.9 * (addedUs ?? 0), highUs: 1.1 * (addedUs ?? 0) }
  const none = { p90: null, p95: null, mean: null }
  return {
    ...sample,
    ...{ seed, repetition: seed },
    latency: sampleLatency(p50Us + 100, 9_000),
    latencyLowerBound: sampleLatency(p50Us, 8_000),
    server: {
      ...(sample.server as NonNullable<Run['server']>),
      ...{ instances, ingestCpuUsPerEvent: 400 * instances, totalCpuUsPerDelivery: 80 },
    },
    ...(added && {
      bus: {
        ...{ ...BUS, name, added },
        addedIntervals: { ...none, p50: interval, p99: { ...interval, highUs: null } },
      },
    }),
    ...changes,
  }
}

function resultOf(...cells: readonly Cell[]): Result {
  const { scenario, ...result } = sampleResult()
  return {
    ...result,
    scenario: { ...scenario, channels: 100, rate: 1 },
    runs: cells.map(runOf),
  }
}

const ALONE = resultOf(
  { seed: 1, p50Us: 1_000 },
  { seed: 2, p50Us: 2_000 },
  { seed: 3, p50Us: 3_000 },
)
const MEMORY = resultOf(
  { seed: 1, p50Us: 1_190, addedUs: 200, instances: 3 },
  { seed: 2, p50Us: 2_200, addedUs: 210, instances: 3 },
  { seed: 3, p50Us: 3_210, addedUs: 220, instances: 3 },
)
const REDIS = resultOf(
  { seed: 1, p50Us: 1_400, addedUs: 400, instances: 3, name: 'Redis' },
  { seed: 2, p50Us: 2_400, addedUs: 420, instances: 3, name: 'Redis' },
  { seed: 3, p50Us: 3_400, addedUs: 440, instances: 3, name: 'Redis' },
)

test('what buses add over repetitions, each schedule with its own, and by how much more than the least', () => {
  const [tax, ...others] = busTaxOf([REDIS, MEMORY, ALONE])
  assert.equal(others.length, 0)
  assert.deepEqual(
    tax?.rows.map(({ bus, instances, runs, told }) => [bus, instances, runs, told]),
    [
      [null, 1, 3, 3],
      ['memory', 3, 3, 3],
      ['Redis', 3, 3, 3],
    ],
  )
  const [none, memory, redis] = tax?.rows ?? []
  assert.deepEqual([none?.addedP50Us, none?.allInP50Us, none?.factor], [null, null, null])
  assert.deepEqual([memory?.addedP50Us?.value, memory?.factor?.value], [210, 1])
  // Rounds differ, and the ratio of two in one round does not.
  for (const end of [redis?.factor?.value, redis?.factor?.low, redis?.factor?.high]) {
    assert.ok(Math.abs((end ?? 0) - 2) < 1e-9, `${end}`)
  }
  // Student's t of two degrees, 4.30, of a deviation of 10.
  assert.ok(Math.abs((memory?.addedP50Us?.low ?? 0) - (210 - 24.84)) < 0.05)
  assert.ok(Math.abs((memory?.addedP50Us?.high ?? 0) - (210 + 24.84)) < 0.05)
  // Runs differ by a second, and pairs by nothing.
  assert.deepEqual(redis?.allInP50Us, { value: 400, low: 400, high: 400 })
  assert.equal(memory?.allInP50Us?.value, 200)
  assert.deepEqual(
    [memory?.instancesCpuUsPerEvent, memory?.instancesCpuUsPerDelivery, memory?.busCpuUsPerEvent],
    [1_200, 80, 120],
  )
  assert.deepEqual([memory?.bytesPerEvent, memory?.hopsPerEvent], [700, 3])
})

test("of fewer repetitions the runs' own intervals count, the lowest and the highest end", () => {
  const two = resultOf(
    { seed: 1, p50Us: 1_190, addedUs: 200, instances: 3 },
    { seed: 2, p50Us: 2_200, addedUs: 300, instances: 3 },
  )
  const [tax] = busTaxOf([two])
  const [row] = tax?.rows ?? []
  assert.deepEqual(row?.addedP50Us, { value: 250, low: 180, high: 330 })
  assert.equal(row?.addedP99Us?.high, null)
  // Nothing of the same schedule was measured without a bus.
  assert.equal(row?.allInP50Us, null)
})

test('what is not whole tells nothing, and what was late tells what the servers did', () => {
  const late = [{ code: 'loop-delay', severity: 'invalid', message: 'late', value: 1, limit: 0 }]
  const invalid = (code: string): Partial<Run> => ({
    validity: { verdict: 'invalid', reasons: [{ ...late[0], code } as never] },
  })
  const [tax] = busTaxOf([
    ALONE,
    resultOf(
      { seed: 1, p50Us: 1_000, addedUs: 200, instances: 3, changes: invalid('slip') },
      { seed: 2, p50Us: 1_000, addedUs: 900, instances: 3, changes: { partial: true } },
      { seed: 3, p50Us: 1_000, addedUs: 900, instances: 3, changes: invalid('nothing-delivered') },
    ),
  ])
  const row = tax?.rows.at(-1)
  assert.deepEqual([row?.runs, row?.told, row?.addedP50Us?.value], [3, 1, 200])
  assert.match(renderBusTax([tax ?? assert.fail()]), /memory \(1 of 3\)/)
})

test('loads are told apart, and where there is no bus there is nothing', () => {
  const other = { ...MEMORY, scenario: { ...MEMORY.scenario, channels: 1_000 } }
  const taxes = busTaxOf([ALONE, other, MEMORY])
  assert.deepEqual(
    taxes.map(({ load, rows }) => [load.channels, rows.length]),
    [
      [100, 2],
      [1_000, 1],
    ],
  )
  assert.deepEqual(busTaxOf([ALONE]), [])
  const unconnected = resultOf({ seed: 1, p50Us: 1_000, instances: 3 })
  assert.equal(busTaxOf([MEMORY, unconnected])[0]?.rows.length, 1)
})

test('the answer says what adds least, and what cannot be told apart', () => {
  const near = resultOf(
    { seed: 1, p50Us: 1_400, addedUs: 190, instances: 3, name: 'NATS' },
    { seed: 2, p50Us: 2_400, addedUs: 300, instances: 3, name: 'NATS' },
    { seed: 3, p50Us: 3_400, addedUs: 215, instances: 3, name: 'NATS' },
  )
  const taxes = busTaxOf([ALONE, MEMORY, REDIS, near])
  const text = renderBusTax(taxes, { width: 200 })
  assert.match(
    text,
    /^3 instances, broadcast: memory adds 210 µs at p50; NATS 1\.1× \(0\.\d–\d\.\d\) \(not told apart from memory\) and Redis 2\.0×\.$/m,
  )
  assert.match(text, /│ Redis +│ +3 │ broadcast │ +420 µs \(370–470 µs\) │ +2\.0× │/)
  assert.match(text, /│ none +│ +1 │ – +│/)
  for (const width of [40, 80, 120]) {
    const lines = renderBusTax(taxes, { width }).split('\n')
    if (width > 40)
      assert.ok(
        lines.every(({ length }) => length <= width),
        `${width}`,
      )
    assert.equal(lines.filter((line) => line.includes('Routing')).length > 1, true)
  }
  const [, markdown, json] = busTaxForms.map(({ render }) => render(taxes))
  assert.match(markdown ?? '', /^\| Redis \| 3 \| broadcast \| 420 µs \(370–470 µs\) \| 2\.0× \|/m)
  assert.deepEqual(JSON.parse(json ?? ''), taxes)
})
