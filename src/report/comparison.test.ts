import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '../result/document.ts'
import { sampleLatency, sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { type Comparison, compareTransports } from './comparison.ts'
import { html } from './html/page.ts'
import { markdown } from './markdown.ts'
import { table } from './table.ts'

const rowOf = (comparison: Comparison, label: string): readonly string[] =>
  comparison.rows.find((row) => row.label === label)?.cells ?? []
const bestOf = (comparison: Comparison, label: string): readonly number[] =>
  comparison.rows.find((row) => row.label === label)?.best ?? []

test('has the known rows first, with the measured figures beside the words', () => {
  const comparison = compareTransports(sampleResult())
  assert.deepEqual(
    comparison.rows.slice(0, 9).map((row) => row.label),
    [
      'Direction',
      'Latency',
      'Connections held',
      'Protocol',
      'Browser support',
      'Proxy/firewall',
      'Complexity',
      'Best for',
      'Scaling',
    ],
  )
  assert.equal(rowOf(comparison, 'Latency')[2], 'near real-time: p50 3.08 ms, p99 12.3 ms')
  assert.deepEqual(rowOf(comparison, 'Connections held').slice(0, 2), [
    "none: 0 held (server's count)",
    "one per client: 1,000 held (server's count)",
  ])
  assert.deepEqual(rowOf(comparison, 'Empty responses'), [
    '99.0 % (9,900 of 10,000)',
    '1.0 % (10 of 1,010)',
    '–',
    '–',
  ])
  assert.equal(rowOf(comparison, 'Requests per client and day')[0], '86,400')
})

test('has the intervals of the runs that have them, for whoever has the room', () => {
  const label = '95 % interval of p99'
  assert.deepEqual(rowOf(compareTransports(sampleResult()), label), [])
  const of = (lowUs: number, highUs: number | null) => ({
    ...{ p50: null, p90: null, p95: null, mean: null },
    p99: { lowUs, highUs },
  })
  const sampling = (highUs: number | null): Run['sampling'] => ({
    ...{ events: 200, blocks: 60, blockMs: 167 },
    latency: of(11_000, highUs),
    latencyLowerBound: of(9_000, 10_000),
  })
  const result = sampleResult({
    runs: [
      sampleRun('short-poll', { sampling: null }),
      sampleRun('long-poll', { sampling: sampling(null) }),
      sampleRun('sse', { sampling: sampling(13_500) }),
    ],
  })
  const comparison = compareTransports(result)
  // From the lower end of the lower bound to the upper end of what was observed.
  assert.deepEqual(rowOf(comparison, label), ['–', '≥ 9 ms', '9 ms to 13.5 ms'])
  assert.deepEqual(rowOf(comparison, '95 % interval of p50'), [])
  assert.ok(markdown.render(result).includes(label))
  assert.ok(html.render(result).includes(label))
  assert.ok(!table.render(result).includes(label))
})

test('each row has a cell a column and a definition of one line', () => {
  const { columns, rows } = compareTransports(sampleResult())
  for (const row of rows) {
    assert.equal(row.cells.length, columns.length)
    assert.match(row.definition, /^[^\n]{10,}\.$/)
  }
  assert.equal(new Set(rows.map((row) => row.label)).size, rows.length)
})

test('prints a dash for what was not measured, and no zero', () => {
  const run = sampleRun('sse')
  const bare: Run = {
    ...run,
    server: null,
    serviceLatency: null,
    latency: {
      ...run.latency,
      count: 0,
      minUs: null,
      meanUs: null,
      p50Us: null,
      p90Us: null,
      p95Us: null,
      p99Us: null,
      maxUs: null,
      histogram: '',
    },
    clients: {
      ...run.clients,
      held: { mean: null, min: null, max: null },
      openSockets: { mean: null, max: null },
    },
    delivery: { ...run.delivery, reach: null },
    generator: { ...run.generator, cpuUsPerDelivery: null, rssBytesPerClient: null },
    wire: { ...run.wire, bytesPerDelivery: null },
  }
  const comparison = compareTransports(sampleResult({ runs: [bare] }))
  for (const label of [
    'Push latency p50',
    'Push latency p99',
    'Push latency max',
    'Service latency p99',
    'Bytes per delivery',
    'Server CPU per delivery',
    'Generator CPU per delivery',
    'Server memory per client',
    'Generator memory per client',
    'Open sockets',
    'Reach',
  ]) {
    assert.deepEqual(rowOf(comparison, label), ['–'], label)
  }
  assert.deepEqual(rowOf(comparison, 'Latency'), ['near real-time: p50 –, p99 –'])
  assert.deepEqual(rowOf(comparison, 'Connections held'), ['one per client: –'])
})

test('shows optional rows only where there is something to say', () => {
  const labels = (runs: Run[]): string[] =>
    compareTransports(sampleResult({ runs })).rows.map((row) => row.label)
  const run = sampleRun('sse')
  const optional = ['Errors', 'Foreign / misrouted / unmarked / gaps', 'Push latency p99.9']
  for (const label of optional) assert.ok(!labels([run]).includes(label))
  const troubled: Run = {
    ...run,
    errors: { ECONNRESET: 12, EMFILE: 3, timeout: 40, other: 1 },
    delivery: { ...run.delivery, gapSignals: 2 },
    latency: { ...run.latency, p999Us: 14_000 },
  }
  for (const label of optional) assert.ok(labels([troubled]).includes(label))
  const comparison = compareTransports(sampleResult({ runs: [troubled] }))
  assert.deepEqual(rowOf(comparison, 'Errors'), ['timeout 40, ECONNRESET 12, EMFILE 3 and 1 more'])
})

test('shows where the mean latency was spent, and the probe, where they are known', () => {
  const { spent, probe, fanOut, ...older } = sampleRun('sse')
  assert.ok(spent && fanOut && probe === null)
  const parts = [
    'Mean, sent late',
    'Mean, until accepted',
    'Mean, in the fan-out',
    'Mean, until read',
  ]
  const known: Run = {
    ...older,
    spent: { slipUs: 100, acceptUs: -0.4, fanOutUs: 40_000, readUs: 30_000 },
    probe: {
      count: 500,
      p50Us: 9,
      p99Us: 71_000,
      maxUs: 80_000,
      loopDelayP99Us: null,
      loopDelayMaxUs: null,
    },
  }
  const comparison = compareTransports(sampleResult({ runs: [known] }))
  assert.deepEqual(
    parts.map((label) => rowOf(comparison, label)[0]),
    ['100 µs', '0 µs', '40 ms', '30 ms'],
  )
  assert.deepEqual(rowOf(comparison, 'Control probe p99'), ['71 ms'])
  for (const run of [older, { ...older, spent: null, probe: null }]) {
    const { rows } = compareTransports(sampleResult({ runs: [run] }))
    const labels = rows.map(({ label }) => label)
    for (const label of [...parts, 'Control probe p99']) assert.ok(!labels.includes(label), label)
  }
})

test('shows the median run of repetitions', () => {
  const at = (repetition: number, p50Us: number): Run =>
    sampleRun('sse', { repetition, latency: sampleLatency(p50Us, p50Us * 3) })
  const runs = [at(1, 9_000), sampleRun('websocket'), at(2, 1_000), at(3, 4_000)]
  const { columns } = compareTransports(sampleResult({ runs }))
  assert.equal(columns.length, 2)
  assert.equal(columns[0]?.run.repetition, 3)
  assert.deepEqual(
    columns[0]?.runs.map((run) => run.repetition),
    [1, 2, 3],
  )
})

test('shows no repetition that does not count while another does, and how far they differ', () => {
  const at = (repetition: number, p50Us: number, p99Us: number, flaw: Partial<Run> = {}): Run =>
    sampleRun('sse', { repetition, latency: sampleLatency(p50Us, p99Us), ...flaw })
  const invalid = { validity: { verdict: 'invalid', reasons: [] } } as const
  const shown = (...runs: readonly Run[]): readonly unknown[] => {
    const comparison = compareTransports(sampleResult({ runs: [...runs] }))
    const labels = comparison.rows.map(({ label }) => label)
    const [column] = comparison.columns
    const spread = labels.includes('p99 of the repetitions')
      ? rowOf(comparison, 'p99 of the repetitions')
      : null
    return [column?.run.repetition, column?.pick, spread]
  }
  const [calm, slow, wild] = [
    at(1, 1_000, 3_000),
    at(2, 4_000, 9_000),
    at(3, 2_000, 50_000, invalid),
  ]
  assert.deepEqual(shown(calm, slow, wild), [1, 'run 1, median of 2 of 3', ['3 ms to 9 ms']])
  assert.deepEqual(shown(calm, at(2, 4_000, 9_000)), [1, 'run 1, median of 2', ['3 ms to 9 ms']])
  assert.deepEqual(shown(calm, wild), [1, 'run 1, 1 of 2 counts', null])
  assert.deepEqual(shown(wild), [3, null, null])
  const cut = at(4, 900, 1_000, { partial: true })
  assert.deepEqual(shown(wild, cut), [4, 'run 4, none of 2 counts', null])
})

test('marks the best of a row, equals together, and nothing where a run is not sound', () => {
  const comparison = compareTransports(sampleResult())
  assert.deepEqual(bestOf(comparison, 'Push latency p50'), [1, 2, 3])
  assert.deepEqual(bestOf(comparison, 'Push latency p99'), [2, 3])
  assert.deepEqual(bestOf(comparison, 'Deliveries per second'), [])
  assert.deepEqual(bestOf(comparison, 'Direction'), [])
  for (const flaw of [
    { validity: { verdict: 'suspect', reasons: [] } },
    { partial: true },
    { interrupted: true },
    { delivery: { ...sampleRun('sse').delivery, lost: 1 } },
  ] as const) {
    const runs = [sampleRun('sse'), sampleRun('short-poll', flaw)]
    const flawed = compareTransports(sampleResult({ runs }))
    assert.deepEqual(
      flawed.rows.flatMap((row) => row.best),
      [],
    )
  }
})
