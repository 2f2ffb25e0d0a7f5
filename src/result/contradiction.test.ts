import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { contradictionIn } from './contradiction.ts'
import type { Run } from './document.ts'
import {
  sampleLatency,
  sampleResult,
  sampleRun,
  sampleStorm as storm,
} from './sample.conformance.ts'

const { latency, clients, delivery, exchanges } = sampleRun('long-poll')
const reason = { code: 'slip', message: 'late', value: 1, limit: 0 }
const unbalanced = { ...reason, code: 'accounting', severity: 'invalid' } as const

const cases: readonly (readonly [Partial<Run>, string | null])[] = [
  [{}, null],
  [{ latency: { ...latency, p90Us: null, p95Us: null } }, null],
  [{ serviceLatency: null }, null],
  [
    { latency: { ...sampleLatency(900, 2_000), p90Us: 800 } },
    'latency: p50Us is 900, above p90Us, which is 800',
  ],
  [
    { serviceLatency: { ...sampleLatency(900, 2_000), p90Us: null, p95Us: null, p99Us: 800 } },
    'serviceLatency: p50Us is 900, above p99Us, which is 800',
  ],
  [
    { latency: { ...latency, histogram: 'AAAA' } },
    'latency: histogram is damaged or not of HdrHistogram',
  ],
  [{ latencyLowerBound: latency }, null],
  [
    { latencyLowerBound: { ...latency, maxUs: 1e9 } },
    `latencyLowerBound: maxUs is 1000000000, above what was observed, ${latency.maxUs}`,
  ],
  [
    { latencyLowerBound: { ...latency, histogram: 'AAAA' } },
    'latencyLowerBound: histogram is damaged or not of HdrHistogram',
  ],
  [{ latency: { ...latency, histogram: '' } }, 'latency: count is 1000, and its histogram has 0'],
  [{ latency: { ...latency, count: 999 } }, 'latency: count is 999, and its histogram has 1000'],
  [{ clients: { ...clients, connected: 1_001 } }, 'clients: more connected than requested'],
  [
    { clients: { ...clients, held: { min: 7, mean: 6, max: 9 } } },
    'clients.held: min, mean and max are out of order',
  ],
  [{ clients: { ...clients, held: { min: 7, mean: null, max: 9 } } }, null],
  [{ exchanges: { ...exchanges, empty: 1e6 } }, 'exchanges: more empty than responses'],
  [
    { delivery: { ...delivery, lost: 5 } },
    'delivery: expected is 1000, and delivered and lost come to 1005',
  ],
  [
    { delivery: { ...delivery, lost: 5 }, validity: { verdict: 'invalid', reasons: [unbalanced] } },
    null,
  ],
  [
    { delivery: { ...delivery, delivered: 990, lost: 10 } },
    'latency: count is 1000, of 990 delivered',
  ],
  [
    { validity: { verdict: 'valid', reasons: [{ ...reason, severity: 'invalid' }] } },
    'validity: the verdict is valid, and its reasons say otherwise',
  ],
  [
    { validity: { verdict: 'invalid', reasons: [{ ...reason, severity: 'suspect' }] } },
    'validity: the verdict is invalid, and its reasons say otherwise',
  ],
  [{ storm }, null],
  [{ storm: { ...storm, clients: 19 } }, 'storm.back: 20 are back, of 19 who were away'],
  [
    { storm: { ...storm, back: { ...storm.back, p90Us: 9_000_000 } } },
    'storm.back: its times are out of order',
  ],
  [
    { storm: { ...storm, connects: { ...storm.connects, peakPerSecond: 2 } } },
    'storm.connects: a peak is above what it is of',
  ],
]

describe('the figures of a stored result', () => {
  for (const [changes, expected] of cases) {
    it(expected ?? `are sound: ${Object.keys(changes).join() || 'as they were written'}`, () => {
      const run = sampleRun('long-poll', changes)
      const runs = [sampleRun('sse'), run]
      assert.equal(contradictionIn(runs), expected === null ? null : `runs[1].${expected}`)
    })
  }

  it('are sound in the samples', () => {
    assert.equal(contradictionIn(sampleResult().runs), null)
  })
})
