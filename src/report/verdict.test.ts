import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '../result/document.ts'
import { sampleLatency, sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { transportNamed, transports } from '../transports/registry.ts'
import { verdictOf } from './verdict.ts'

const said = (runs: Run[]): string => verdictOf(sampleResult({ runs })).join('\n')

test('recommends the simplest of the fastest and says what the others cost', () => {
  const [advice, facts, ...rest] = verdictOf(sampleResult())
  assert.ok(
    facts?.startsWith(
      'Server-Sent Events delivered at p99 12.3 ms with 1 held connection per client; ' +
        'Short polling at 1 s costs 99.0 % empty responses and 86,400 requests per client and day ' +
        'for a p50 of 503 ms',
    ),
    facts,
  )
  assert.equal(
    advice,
    'Use Server-Sent Events here: lower p99 than Long polling (12.3 ms vs 14.9 ms); p99 12.3 ms is shown ' +
      'to be within 1 ms or a tenth of WebSocket’s 12.9 ms, and they differ by less than 0.1 cores of server CPU, a quarter of bandwidth and 128 MiB of server memory; by opinion the simplest of them ' +
      '(complexity low to medium vs medium to high); take WebSocket when clients must send too.',
  )
  assert.deepEqual(rest, [])
})

test('recommends the fastest where one is', () => {
  const fast = sampleRun('websocket', { latency: sampleLatency(2_000, 10_000) })
  const slow = sampleRun('sse', { latency: sampleLatency(2_000, 13_000) })
  const text = said([slow, fast])
  assert.match(
    text,
    /Use WebSocket here: lowest p99, 10 ms; next is Server-Sent Events with 13 ms\./,
  )
  assert.doesNotMatch(text, /--repeat/)
})

const repeated = (
  transport: 'sse' | 'websocket' | 'long-poll',
  ...p99s: readonly number[]
): Run[] =>
  p99s.map((p99Us, i) =>
    sampleRun(transport, { repetition: i + 1, latency: sampleLatency(2_000 + i, p99Us) }),
  )

test('says of nobody that it equals another whose repetitions are all faster', () => {
  // The wild repetition of WebSocket spans both others, which have nothing in common.
  const text = said([
    ...repeated('websocket', 1_500, 1_000, 16_000),
    ...repeated('long-poll', 3_000, 3_100, 3_050),
    ...repeated('sse', 15_000, 15_500, 15_800),
  ])
  assert.match(
    text,
    /^Use WebSocket here: lower p99 than Server-Sent Events \(1(?:\.5)? ms vs 15\.5 ms\); less bandwidth than Long polling/m,
  )
  assert.doesNotMatch(text, /same/)
})

test('takes no lead for one that another window may turn round', () => {
  const within = (transport: 'sse' | 'websocket', p99Us: number): Run => {
    const p99 = { lowUs: 0.6 * p99Us, highUs: 1.6 * p99Us }
    const latency = { p50: null, p90: null, p95: null, p99, mean: null }
    const sampling = {
      events: 1_000,
      blocks: 40,
      blockMs: 250,
      latency,
      latencyLowerBound: latency,
    }
    return sampleRun(transport, { latency: sampleLatency(2_000, p99Us), sampling })
  }
  assert.match(
    said([within('websocket', 10_000), within('sse', 20_000)]),
    /Use WebSocket or Server-Sent Events here: which of them is better cannot be told by p99 \(10 ms vs 20 ms\)\. Each transport ran once: --repeat 5 tells more/,
  )
  assert.match(
    said([within('websocket', 10_000), within('sse', 90_000)]),
    /Use WebSocket here: lowest p99/,
  )
})

test('takes no lead for one that other repetitions turn round', () => {
  const text = said([
    ...repeated('sse', 50_000, 14_000, 60_000),
    ...repeated('websocket', 5_000, 10_000, 20_000),
  ])
  assert.match(
    text,
    /Use Server-Sent Events or WebSocket here: which of them is better cannot be told by p99 \(14 ms vs 10 ms\)\.$/m,
  )
  const apart = said([
    ...repeated('sse', 15_000, 14_000, 16_000),
    ...repeated('websocket', 9_000, 10_000, 11_000),
  ])
  assert.match(apart, /Use WebSocket here: lowest p99, 10 ms/)
})

test('differences of a millisecond are none, whatever their ratio', () => {
  const sse = sampleRun('sse', { latency: sampleLatency(300, 1_300) })
  const websocket = sampleRun('websocket', { latency: sampleLatency(200, 400) })
  assert.match(
    said([websocket, sse]),
    /Use Server-Sent Events here: p99 1\.3 ms is shown to be within 1 ms or a tenth of WebSocket’s 400 µs/,
  )
})

test('ranks costs before simplicity, where they are shown to matter', () => {
  const sse = sampleRun('sse')
  const parked = sampleRun('long-poll', { latency: sampleLatency(3_000, 12_400) })
  assert.match(
    said([parked, sse]),
    /Use Server-Sent Events here: less bandwidth than Long polling \(16\.8 KiB\/s vs 37\.9 KiB\/s\)/,
  )
  const lean = { ...parked, wire: sse.wire, throughput: sse.throughput }
  assert.match(
    said([lean, sse]),
    /Use Long polling here: p99 12\.4 ms is shown to be within 1 ms or a tenth of Server-Sent Events’s 12\.3 ms, and they differ by less than 0\.1 cores of server CPU, a quarter of bandwidth and 128 MiB of server memory; by opinion/,
  )
  assert.ok(parked.server !== null)
  const dear = {
    ...parked.server,
    cpuUsPerDelivery: 9_000,
    cpuUsPerDeliveryInterval: [8e3, 1e4] as const,
  }
  assert.match(
    said([{ ...parked, server: dear }, sampleRun('sse')]),
    /Use Server-Sent Events here: less server CPU than Long polling \(31\.2 µs a delivery vs 9 ms a delivery\)/,
  )
})

test('says nothing of costs that no server tells', () => {
  const untold = (transport: 'sse' | 'websocket') => sampleRun(transport, { server: null })
  assert.match(
    said([untold('sse'), untold('websocket')]),
    /Use Server-Sent Events here: .* is shown to be within 1 ms or a tenth of WebSocket’s 12\.9 ms, and they differ by less than a quarter of bandwidth; by opinion/,
  )
})

test('tells the cost of the chosen one too', () => {
  const text = said([sampleRun('short-poll'), sampleRun('long-poll')])
  assert.match(text, /^Long polling delivered at p99 14\.9 ms.*; it costs 1\.0 % empty responses/m)
  assert.match(text, /Use Long polling here: lowest p99/)
})

test('sums up a single transport', () => {
  assert.match(
    said([sampleRun('sse')]),
    /^Server-Sent Events delivered 1,000 of 1,000 events at p50 3\.08 ms, p99 12\.3 ms with 1 held connection per client, for 31\.2 µs of server CPU and 172 B each\. Measure/,
  )
  assert.match(
    said([sampleRun('short-poll')]),
    /with no held connection.*Short polling at 1 s costs 99\.0 % empty responses/,
  )
})

test('recommends nothing where a run is invalid, partial, lossy or without deliveries', () => {
  const { delivery, latency } = sampleRun('short-poll')
  const reasons = [{ code: 'slip', severity: 'invalid', message: 'x', value: 1, limit: 0 } as const]
  const cases: [Partial<Run>, RegExp][] = [
    [{ validity: { verdict: 'invalid', reasons } }, /Short polling is invalid \(slip\)/],
    [{ partial: true }, /Short polling was not measured to its end/],
    [{ interrupted: true }, /Short polling was not measured to its end/],
    [
      { delivery: { ...delivery, lost: 12, delivered: 988, reach: 0.988 } },
      /Short polling lost 12 of 1,000 deliveries \(1\.2 %\)/,
    ],
    [{ delivery: { ...delivery, duplicates: 1 } }, /has 1 case delivered twice/],
    [{ delivery: { ...delivery, outOfOrder: 3 } }, /has 3 cases delivered out of order/],
    [{ latency: { ...latency, count: 0, p50Us: null } }, /has a run without a delivery/],
  ]
  for (const [flaw, expected] of cases) {
    const text = said([sampleRun('short-poll', flaw), sampleRun('sse')])
    assert.match(text, /^No recommendation: /)
    assert.match(text, expected)
    assert.doesNotMatch(text, /Use /)
    assert.match(said([sampleRun('short-poll', flaw)]), /^No verdict: /)
  }
})

test('one flawed repetition counts', () => {
  const flawed = sampleRun('sse', {
    repetition: 2,
    validity: { verdict: 'invalid', reasons: [] },
  })
  assert.match(said([sampleRun('sse'), flawed, sampleRun('websocket')]), /^No recommendation: /)
})

test('recommends with care where a run is suspect', () => {
  const suspect = sampleRun('websocket', { validity: { verdict: 'suspect', reasons: [] } })
  assert.match(said([sampleRun('sse'), suspect]), /^With care, since suspect \(WebSocket\): Use/m)
})

test('says so where nothing was measured, and leaves out what the server does not tell', () => {
  assert.match(said([]), /No run was completed/)
  const run = sampleRun('sse', { server: null })
  const held = { mean: null, min: null, max: null }
  const text = said([{ ...run, clients: { ...run.clients, held } }])
  assert.doesNotMatch(text, /held|CPU|–/)
})

test('is tried with the techniques as the transports declare them', () => {
  for (const { transport, technique } of sampleResult().runs) {
    const { label, traits } = transportNamed(transport)
    assert.deepEqual(technique, { label, traits })
  }
  const grades = transports.map(({ traits }) => traits.complexityGrade)
  assert.equal(new Set(grades).size, transports.length, 'a tie that noise would decide')
})

test('names only what makes a run invalid', () => {
  const reason = { message: 'x', value: 1, limit: 0 }
  const validity: Run['validity'] = {
    verdict: 'invalid',
    reasons: [
      { code: 'slip', severity: 'invalid', ...reason },
      { code: 'host-idle', severity: 'suspect', ...reason },
    ],
  }
  const text = said([sampleRun('sse', { validity }), sampleRun('websocket')])
  assert.match(text, /Server-Sent Events is invalid \(slip\)\.$/)
})

test('recommends nothing where somebody is missing', () => {
  const missing = { transport: 'sse', label: 'Server-Sent Events', repetition: 1, reason: 'x' }
  const runs = [sampleRun('long-poll'), sampleRun('websocket')]
  const text = verdictOf(sampleResult({ runs, missing: [missing] })).join()
  assert.equal(text, 'No recommendation: Server-Sent Events was not measured.')
})

test('tells what waiting costs where nothing is published', () => {
  const { scenario } = sampleResult()
  const idle = (transport: 'sse' | 'websocket' | 'long-poll', rssBytesPerClient: number): Run => {
    const run = sampleRun(transport)
    const { latency, server } = run
    const none = { ...latency, count: 0, p50Us: null, p99Us: null }
    return { ...run, latency: none, server: server && { ...server, rssBytesPerClient } }
  }
  const verdict = (runs: Run[]): string[] =>
    verdictOf(sampleResult({ runs, scenario: { ...scenario, rate: 0 } }))
  assert.deepEqual(verdict([idle('long-poll', 20_480), idle('sse', 10_240)]), [
    'Nothing was published, so this is what waiting costs: Long polling waited with 1 held ' +
      'connection per client, at 20 KiB of server memory and 8,726 requests a day per client; ' +
      'Server-Sent Events waited with 1 held connection per client, at 10 KiB of server memory ' +
      'per client. Least server memory per client: Server-Sent Events, 10 KiB.',
  ])
  assert.equal(verdict([idle('sse', 10_240), idle('websocket', 10_300)]).length, 1)
  assert.equal(verdict([idle('sse', 10_240)]).length, 1)
  const invalid = { ...idle('sse', 1), validity: { verdict: 'invalid', reasons: [] } } as const
  assert.match(verdict([invalid]).join(), /^No verdict: /)
})

test('calls nobody faster who may owe it to the instrument', () => {
  const of = (transport: 'sse' | 'websocket', lowerUs: number, upperUs: number): Run =>
    sampleRun(transport, {
      latency: sampleLatency(2_000, upperUs),
      latencyLowerBound: sampleLatency(1_500, lowerUs),
    })
  assert.match(
    said([of('sse', 8_000, 20_000), of('websocket', 9_000, 10_000)]),
    /Use Server-Sent Events or WebSocket here: which of them is better cannot be told by p99 \(8–20 ms vs 9–10 ms\)/,
  )
  assert.match(
    said([of('sse', 16_000, 20_000), of('websocket', 9_000, 10_000)]),
    /Use WebSocket here: lowest p99, 9–10 ms; next is Server-Sent Events with 16–20 ms\./,
  )
})
