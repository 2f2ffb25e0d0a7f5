import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '../result/document.ts'
import { sampleLatency, sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { verdictOf } from './verdict.ts'

const said = (runs: Run[]): string => verdictOf(sampleResult({ runs })).join('\n')

test('recommends the simplest of the fastest and says what the others cost', () => {
  const [facts, advice, ...rest] = verdictOf(sampleResult())
  assert.ok(
    facts?.startsWith(
      'Server-Sent Events delivered at p99 12.3 ms with 1 held connection per client; ' +
        'Short Polling at 1 s costs 99.0 % empty responses and 86,400 requests per client and day ' +
        'for a p50 of 503 ms',
    ),
    facts,
  )
  assert.equal(
    advice,
    'Use Server-Sent Events here: same latency as WebSocket (p99 12.3 ms vs 12.9 ms) at a simpler ' +
      'protocol (complexity Low-Medium vs Medium-High); take WebSocket when clients must send too.',
  )
  assert.deepEqual(rest, [])
})

test('recommends the fastest where one is, and asks for repetitions where the lead is small', () => {
  const fast = sampleRun('websocket', { latency: sampleLatency(2_000, 10_000) })
  const slow = sampleRun('sse', { latency: sampleLatency(2_000, 13_000) })
  const text = said([slow, fast])
  assert.match(
    text,
    /Use WebSocket here: lowest p99, 10 ms; next is Server-Sent Events with 13 ms\./,
  )
  assert.match(text, /--repeat 5/)
  const far = sampleRun('sse', { latency: sampleLatency(2_000, 90_000) })
  assert.doesNotMatch(said([far, fast]), /--repeat/)
})

test('differences of a millisecond are none, whatever their ratio', () => {
  const sse = sampleRun('sse', { latency: sampleLatency(300, 1_300) })
  const websocket = sampleRun('websocket', { latency: sampleLatency(200, 400) })
  assert.match(said([websocket, sse]), /Use Server-Sent Events here: same latency as WebSocket/)
})

test('prefers fewer requests to a simpler protocol', () => {
  const parked = sampleRun('long-poll', { latency: sampleLatency(3_000, 12_400) })
  const text = said([parked, sampleRun('sse')])
  assert.match(
    text,
    /Use Server-Sent Events here: same latency as Long Polling \(p99 12\.3 ms vs 12\.4 ms\) at fewer requests \(0 vs 8,726/,
  )
})

test('tells the cost of the chosen one too', () => {
  const text = said([sampleRun('short-poll'), sampleRun('long-poll')])
  assert.match(text, /^Long Polling delivered at p99 14\.9 ms.*; it costs 1\.0 % empty responses/)
  assert.match(text, /Use Long Polling here: lowest p99/)
})

test('sums up a single transport', () => {
  assert.match(
    said([sampleRun('sse')]),
    /^Server-Sent Events delivered 1,000 of 1,000 events at p50 3\.08 ms, p99 12\.3 ms with 1 held connection per client, for 31\.2 µs of server CPU and 172 B each\. Measure/,
  )
  assert.match(
    said([sampleRun('short-poll')]),
    /with no held connection.*Short Polling at 1 s costs 99\.0 % empty responses/,
  )
})

test('recommends nothing where a run is invalid, partial, lossy or without deliveries', () => {
  const { delivery, latency } = sampleRun('short-poll')
  const reasons = [{ code: 'send-slip', message: 'x', value: 1, limit: 0 }]
  const cases: [Partial<Run>, RegExp][] = [
    [{ validity: { verdict: 'invalid', reasons } }, /Short Polling is invalid \(send-slip\)/],
    [{ partial: true }, /Short Polling was not measured to its end/],
    [{ interrupted: true }, /Short Polling was not measured to its end/],
    [
      { delivery: { ...delivery, lost: 12, delivered: 988, reach: 0.988 } },
      /Short Polling lost 12 of 1,000 deliveries \(1\.2 %\)/,
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
