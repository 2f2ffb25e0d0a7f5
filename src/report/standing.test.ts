import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Run } from '../result/document.ts'
import {
  type SampleTransport,
  sampleLatency,
  sampleResult,
  sampleRun,
} from '../result/sample.conformance.ts'
import { type Headline, maySayBest, type Standing, standingsOf } from './standing.ts'

function standing(name: Headline, runs: readonly Run[]): Standing | undefined {
  return standingsOf(sampleResult({ runs: [...runs] })).get(name)
}

function told(one: Standing | undefined): unknown {
  return [one?.first.map(({ column }) => column.run.transport), one?.doubt]
}

/** A run whose p99 lies between two ends, microseconds. */
function between(
  transport: SampleTransport,
  p99Us: number,
  [lowUs, highUs]: readonly [number, number | null],
): Run {
  const none = { p50: null, p90: null, p95: null, mean: null }
  const latency = { ...none, p99: { lowUs, highUs } }
  return sampleRun(transport, {
    latency: sampleLatency(2_000, p99Us),
    sampling: { events: 1_000, blocks: 40, blockMs: 250, latency, latencyLowerBound: latency },
  })
}

function costing(
  transport: SampleTransport,
  us: number,
  interval: readonly [number, number] | null,
): Run {
  const run = sampleRun(transport)
  assert.ok(run.server !== null)
  const server = { ...run.server, cpuUsPerDelivery: us, cpuUsPerDeliveryInterval: interval }
  return { ...run, server }
}

describe('how techniques stand', () => {
  it('names one whose interval is apart from all others', () => {
    const [sse, websocket] = [
      between('sse', 20_000, [18_000, 23_000]),
      between('websocket', 40_000, [30_000, 50_000]),
    ]
    const latency = standing('latency', [websocket, sse])
    assert.deepEqual(told(latency), [['sse'], null])
    assert.deepEqual(
      latency?.places.map(({ text, interval }) => [text, interval]),
      [
        ['20 ms', '95 %: 18 ms to 23 ms'],
        ['40 ms', '95 %: 30 ms to 50 ms'],
      ],
    )
  })

  it('tells those apart from nobody whose intervals meet', () => {
    const sse = between('sse', 20_000, [18_000, 35_000])
    const both = [['sse', 'websocket'], 'cannot be told apart']
    const meeting = between('websocket', 40_000, [30_000, 50_000])
    assert.deepEqual(told(standing('latency', [sse, meeting])), both)
  })

  it('goes by the median where the events were too few to bound a tail from above', () => {
    const open = between('sse', 20_000, [18_000, null])
    const far = between('websocket', 90_000, [80_000, 99_000])
    const latency = standing('latency', [open, far])
    assert.equal(latency?.figure.path, 'latency.p50Us')
    assert.deepEqual(told(latency), [['sse', 'websocket'], 'cannot be told apart'])
    assert.equal(standing('latency', [far])?.figure.path, 'latency.p99Us')
  })

  it('holds what differs by less than a tenth for no choice', () => {
    const [less, more] = [costing('sse', 30, [29, 30.5]), costing('websocket', 32, [31.5, 32.5])]
    assert.deepEqual(told(standing('cpu', [less, more])), [
      ['sse', 'websocket'],
      'too near for a choice',
    ])
  })

  it('takes the repetitions for an interval where it has no other', () => {
    const [one, other] = [30, 44].map((us, i) => ({
      ...costing('sse', us, null),
      repetition: i + 1,
    }))
    assert.ok(one !== undefined && other !== undefined)
    const cpu = standing('cpu', [one, other, costing('websocket', 40, null)])
    assert.deepEqual(told(cpu), [['sse', 'websocket'], 'cannot be told apart'])
    assert.equal(cpu?.places[0]?.interval, 'repetitions: 30 µs to 44 µs')
  })

  it('takes four repetitions for more than one window tells', () => {
    const repeated = (transport: SampleTransport, ...p99s: readonly number[]): Run[] =>
      p99s.map((us, i) => ({ ...between(transport, us, [0, 100_000]), repetition: i + 1 }))
    const [sse, websocket] = [
      repeated('sse', 20_000, 21_000, 22_000, 23_000),
      repeated('websocket', 30_000, 31_000, 32_000, 33_000),
    ]
    const latency = standing('latency', [...sse, ...websocket])
    assert.deepEqual(told(latency), [['sse'], null])
    assert.equal(latency?.places[0]?.interval, 'repetitions: 20 ms to 23 ms')
    const fewer = [...sse.slice(0, 3), ...websocket.slice(0, 3)]
    assert.equal(standing('latency', fewer)?.doubt, 'cannot be told apart')
  })

  it('calls a cost that is lost in the others what it is at most', () => {
    const cpu = standing('cpu', [costing('sse', 0, [0, 4]), costing('websocket', 40, [30, 50])])
    assert.deepEqual(told(cpu), [['sse'], null])
    assert.equal(cpu?.places[0]?.text, 'at most 4 µs')
  })

  it('knows of bytes and empty answers what another schedule would do to them', () => {
    const { runs } = sampleResult()
    const intervals = (name: Headline) =>
      standing(name, runs)?.places.map(({ interval }) => interval?.replace(/[\d.]+/g, '#'))
    assert.equal(intervals('bytes')?.length, 4)
    const waste = standing('waste', runs)
    assert.deepEqual(told(waste), [['sse', 'websocket'], 'equal'])
    assert.match(waste?.places.at(-1)?.interval ?? '', /^95 %: 9\d\.\d % to 99\.\d %$/)
  })

  it('says nothing of waste where nobody asks, and nothing of what nobody has', () => {
    assert.equal(standing('waste', [sampleRun('sse'), sampleRun('websocket')]), undefined)
    const server = null
    assert.equal(standing('cpu', [sampleRun('sse', { server })]), undefined)
    assert.equal(standingsOf(sampleResult({ runs: [] })).size, 0)
  })

  it('calls none the best where not all of it counts', () => {
    assert.equal(maySayBest(sampleResult()), true)
    const validity = { verdict: 'invalid' as const, reasons: [] }
    assert.equal(maySayBest(sampleResult({ runs: [sampleRun('sse', { validity })] })), false)
    const missing = [{ transport: 'sse', label: 'SSE', repetition: 1, reason: 'gone' }]
    assert.equal(maySayBest(sampleResult({ missing })), false)
  })
})
