import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Run, SweepResult } from '../result/document.ts'
import { sampleRun } from '../result/sample.conformance.ts'
import { samplePoll, sampleSweep } from '../result/sample-sweep.conformance.ts'
import { sweepVerdict } from './sweep-verdict.ts'

/** Bytes both ways, of 1,000 clients in 10 s, that make so many a second and client. */
function wireOf(bytesPerSecond: number): Run['wire'] {
  return { bytesReceived: bytesPerSecond * 10_000, bytesSent: 0, bytesPerDelivery: 1 }
}

function cpuOf(share: number): Run['server'] {
  const { server } = sampleRun('sse')
  return server === null ? null : { ...server, cpuUtilisation: share }
}

/**
 * Over event rates: a poller costs 300 bytes and 0.3 cores whatever happens, a stream what its
 * events cost. They cross at 1/s for bytes, and nowhere for CPU.
 */
function rateSweep(factors: readonly number[] = [1]): SweepResult {
  const values = [0.1, 10]
  const runs = factors.flatMap((factor, index) =>
    values.flatMap((value) => [
      sampleRun('short-poll', {
        point: value,
        repetition: index + 1,
        wire: wireOf(300),
        server: cpuOf(0.3),
      }),
      sampleRun('sse', {
        point: value,
        repetition: index + 1,
        wire: wireOf(300 * value * factor),
        server: cpuOf(0.01 * value),
      }),
    ]),
  )
  const base = sampleSweep()
  return {
    ...base,
    scenario: {
      ...base.scenario,
      transports: ['short-poll', 'sse'],
      rate: 0.1,
      repeat: factors.length,
    },
    sweep: { key: 'rate', unit: 'events/s', values },
    runs,
  }
}

describe('a sweep of event rates', () => {
  it('tells where the costs cross, and where they do not', () => {
    assert.deepEqual(sweepVerdict(rateSweep()), [
      'Server CPU: Server-Sent Events costs less than Short polling at every value measured, 0.1/s to 10/s.',
      'Bytes: Server-Sent Events costs less than Short polling below 1/s (measured at 0.1/s and 10/s), and more above.',
    ])
  })

  it('is the median over repetitions, and tells how far they differ', () => {
    // Each crosses where its factor says: at 0.5/s, 4/s and 1/s.
    assert.match(
      sweepVerdict(rateSweep([2, 0.25, 1]))[1] ?? '',
      /below 1\/s \(measured at 0\.1\/s and 10\/s; 0\.5\/s to 4\/s over 3 repetitions\), and more above\.$/,
    )
    assert.match(
      sweepVerdict(rateSweep([0.001, 2, 1]))[1] ?? '',
      /below 0\.5\/s \(measured at 0\.1\/s and 10\/s; 0\.5\/s to 1\/s over 2 of 3 repetitions\)/,
    )
    assert.match(
      sweepVerdict(rateSweep([0.001, 1, 0.001]))[1] ?? '',
      /at every value measured, 0\.1\/s to 10\/s; not so in 1 of 3 repetitions\.$/,
    )
  })

  it('leaves out what was not measured soundly, and says so', () => {
    const result = rateSweep()
    const runs = result.runs.map(
      (run, index): Run =>
        index === 2 ? { ...run, validity: { verdict: 'invalid', reasons: [] } } : run,
    )
    const missing = [
      { transport: 'sse', label: 'Server-Sent Events', repetition: 1, point: 99, reason: 'x' },
    ]
    assert.deepEqual(sweepVerdict({ ...result, runs, missing }), [
      'Left out of what follows: Short polling at rate=10 is invalid; Server-Sent Events at rate=99 was not measured.',
      'Server CPU, Server-Sent Events and Short polling: measured together at fewer than two values above 0.',
      'Bytes, Server-Sent Events and Short polling: measured together at fewer than two values above 0.',
    ])
  })
})

describe('a sweep of intervals', () => {
  it('tells whom it does not concern, and compares them at every value', () => {
    const [flat, ...lines] = sweepVerdict(sampleSweep())
    assert.equal(
      flat,
      'Long polling, Server-Sent Events and WebSocket do not depend on the interval: each was measured once a repetition, and counts for every value.',
    )
    assert.equal(lines.length, 4)
    // 290 bytes a request of 86,400,000 / interval a day, against 70 bytes a second.
    const bytes = lines.find((line) => line.startsWith('Bytes: Short polling costs'))
    assert.equal(bytes, undefined)
    assert.ok(lines.some((line) => line.startsWith('Bytes: Server-Sent Events costs less than')))
  })

  it('says of one alone that it was measured once', () => {
    const runs = [samplePoll(500), samplePoll(1000), sampleRun('sse', { point: null })]
    assert.match(
      sweepVerdict(sampleSweep({ runs }))[0] ?? '',
      /^Server-Sent Events does not depend on the interval: it was measured once/,
    )
  })
})
