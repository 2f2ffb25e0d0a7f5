/** A sweep made by hand, for tests of what reads one. */
import type { Run, SweepResult } from './document.ts'
import { sampleLatency, sampleResult, sampleRun } from './sample.conformance.ts'

/** Short polling at an interval, as theory has it: uniform on the interval, 0.1 events a second. */
export function samplePoll(intervalMs: number, overrides: Partial<Run> = {}): Run {
  const requests = 86_400_000 / intervalMs
  const emptyRatio = Math.exp(-intervalMs / 10_000)
  const responses = Math.round((requests * 1_000) / 8_640)
  return sampleRun('short-poll', {
    point: intervalMs,
    latency: sampleLatency(intervalMs * 500, intervalMs * 990),
    exchanges: {
      requests: responses,
      responses,
      empty: Math.round(responses * emptyRatio),
      emptyRatio,
      requestsPerClientPerDay: requests,
    },
    wire: {
      bytesReceived: responses * 200,
      bytesSent: responses * 90,
      bytesPerDelivery: responses / 5,
    },
    ...overrides,
  })
}

/** Short polling at four intervals, twice each, and what has no interval. */
export function sampleSweep(overrides: Partial<SweepResult> = {}): SweepResult {
  const values = [500, 1_000, 2_000, 5_000]
  const base = sampleResult()
  const runs = [1, 2].flatMap((repetition) => [
    ...values.map((value) => samplePoll(value, { repetition })),
    sampleRun('long-poll', { point: null, repetition }),
    sampleRun('sse', { point: null, repetition }),
    sampleRun('websocket', { point: null, repetition }),
  ])
  return {
    ...base,
    scenario: { ...base.scenario, intervalMs: 500, repeat: 2 },
    sweep: { key: 'interval', unit: 'ms', values },
    runs,
    ...overrides,
  }
}
