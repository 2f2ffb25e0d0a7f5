import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { judge, type ValidityFacts } from './validity.ts'

const clean: ValidityFacts = {
  requested: 1000,
  connected: 1000,
  slipP99Us: 500,
  slipMaxUs: 900,
  offeredPerSecond: 100,
  achievedPerSecond: 100,
  due: 1000,
  accepted: 1000,
  dropped: 0,
  refusals: {},
  errors: {},
  workerLoops: [{ delayP99Us: 900, samples: 200, utilisation: 0.3 }],
  publisherLoop: { delayP99Us: 700, samples: 200, utilisation: 0.1 },
  hostUtilisation: 0.5,
  expected: 1000,
  delivered: 1000,
  lost: 0,
  negative: 0,
  clockOffset: null,
  overflows: 0,
  samples: 1000,
  p99Us: 10_000,
  probe: null,
  probeLost: false,
  listenDrops: 0,
  lostWorkers: 0,
  lostClients: 0,
  lostInstances: 0,
  foreignServer: null,
  publisherLost: false,
  serverSilent: false,
  wrongStatistics: null,
  interruption: null,
}

interface Row {
  readonly code: string
  readonly verdict: 'suspect' | 'invalid'
  /** Just beyond the limit. */
  readonly beyond: Partial<ValidityFacts>
  /** On the limit, where there is one: still fine. */
  readonly on?: Partial<ValidityFacts>
}

const idle = { delayP99Us: 0, samples: 100, utilisation: 0 }
const rows: readonly Row[] = [
  { code: 'worker-lost', verdict: 'invalid', beyond: { lostWorkers: 1, lostClients: 500 } },
  { code: 'server-lost', verdict: 'invalid', beyond: { lostInstances: 1 } },
  { code: 'publisher-lost', verdict: 'invalid', beyond: { publisherLost: true } },
  { code: 'server-silent', verdict: 'suspect', beyond: { serverSilent: true } },
  {
    code: 'server-statistics',
    verdict: 'suspect',
    // What was told and is not believed is not told: one reason is enough.
    beyond: {
      serverSilent: true,
      wrongStatistics: { count: 2, at: '127.0.0.1:80', problem: 'upMs: expected number' },
    },
  },
  // A server that is gone cannot tell anything.
  { code: 'server-lost', verdict: 'invalid', beyond: { lostInstances: 1, serverSilent: true } },
  { code: 'interrupted', verdict: 'suspect', beyond: { interruption: 'window' } },
  { code: 'interrupted', verdict: 'suspect', beyond: { interruption: 'drain' } },
  {
    code: 'interrupted',
    verdict: 'suspect',
    // Who has not connected by then is nothing to wonder at.
    beyond: { interruption: 'before-window', connected: 3 },
  },
  { code: 'connected', verdict: 'suspect', beyond: { connected: 999 } },
  { code: 'connected', verdict: 'suspect', beyond: { connected: 990 } },
  { code: 'connected', verdict: 'invalid', beyond: { connected: 989 } },
  {
    code: 'slip',
    verdict: 'invalid',
    beyond: { slipP99Us: 2_001 },
    on: { slipP99Us: 2_000 },
  },
  {
    code: 'slip',
    verdict: 'invalid',
    beyond: { slipP99Us: 10_001, p99Us: 100_000 },
    on: { slipP99Us: 10_000, p99Us: 100_000 },
  },
  {
    code: 'slip',
    verdict: 'invalid',
    beyond: { slipP99Us: 2_001, p99Us: null },
    on: { slipP99Us: null, p99Us: null },
  },
  {
    code: 'slip',
    verdict: 'suspect',
    beyond: { slipP99Us: null, slipMaxUs: 2_001, p99Us: null },
    on: { slipP99Us: null, slipMaxUs: 2_000, p99Us: null },
  },
  {
    code: 'rate',
    verdict: 'suspect',
    beyond: { offeredPerSecond: 1000, achievedPerSecond: 979 },
    on: { offeredPerSecond: 1000, achievedPerSecond: 980 },
  },
  {
    code: 'rate',
    verdict: 'suspect',
    beyond: { offeredPerSecond: 1000, achievedPerSecond: 1021 },
    on: { offeredPerSecond: 0, achievedPerSecond: 0 },
  },
  { code: 'rate', verdict: 'suspect', beyond: { offeredPerSecond: 1000, achievedPerSecond: 900 } },
  { code: 'rate', verdict: 'invalid', beyond: { offeredPerSecond: 1000, achievedPerSecond: 899 } },
  { code: 'dropped', verdict: 'invalid', beyond: { dropped: 1, accepted: 999 } },
  {
    code: 'loop-delay',
    verdict: 'invalid',
    beyond: { workerLoops: [idle, { delayP99Us: 5_001, samples: 100, utilisation: 0 }] },
    on: { workerLoops: [idle, { delayP99Us: 5_000, samples: 100, utilisation: 0 }] },
  },
  {
    code: 'loop-delay',
    verdict: 'invalid',
    beyond: { publisherLoop: { delayP99Us: 10_001, samples: 100, utilisation: 0 }, p99Us: 100_000 },
    on: { publisherLoop: { delayP99Us: 10_000, samples: 100, utilisation: 0 }, p99Us: 100_000 },
  },
  {
    code: 'loop-delay',
    verdict: 'suspect',
    beyond: { workerLoops: [{ delayP99Us: 5_001, samples: 99, utilisation: 0 }] },
    on: { workerLoops: [{ delayP99Us: 5_000, samples: 99, utilisation: 0 }] },
  },
  {
    code: 'utilisation',
    verdict: 'suspect',
    beyond: { workerLoops: [{ delayP99Us: 0, samples: 100, utilisation: 0.81 }, idle] },
    on: { workerLoops: [{ delayP99Us: 0, samples: 100, utilisation: 0.8 }] },
  },
  {
    code: 'utilisation',
    verdict: 'suspect',
    beyond: { workerLoops: [{ delayP99Us: 0, samples: 100, utilisation: 0.95 }] },
  },
  {
    code: 'utilisation',
    verdict: 'invalid',
    beyond: { workerLoops: [{ delayP99Us: 0, samples: 100, utilisation: 0.96 }] },
  },
  {
    code: 'probe',
    verdict: 'suspect',
    beyond: { p99Us: 9_000, probe: { p99Us: 6_999, allowanceUs: 0 } },
    on: { p99Us: 9_000, probe: { p99Us: 7_000, allowanceUs: 0 } },
  },
  {
    code: 'probe',
    verdict: 'suspect',
    beyond: { p99Us: 100_000, probe: { p99Us: 79_999, allowanceUs: 0 } },
    on: { p99Us: 100_000, probe: { p99Us: 80_000, allowanceUs: 0 } },
  },
  {
    code: 'probe',
    verdict: 'suspect',
    beyond: { p99Us: 100_000, probe: { p99Us: 69_999, allowanceUs: 10_000 } },
    on: { p99Us: 100_000, probe: { p99Us: 70_000, allowanceUs: 10_000 } },
  },
  {
    code: 'probe',
    verdict: 'suspect',
    beyond: { p99Us: 90_000, probe: { p99Us: 0, allowanceUs: 0 } },
    // Where one of the two has too few samples, or nobody knows what to allow, it is not judged.
    on: { p99Us: null, probe: { p99Us: 0, allowanceUs: 0 } },
  },
  {
    code: 'probe-lost',
    verdict: 'suspect',
    beyond: { probeLost: true },
    on: { p99Us: 90_000, probe: { p99Us: null, allowanceUs: 0 } },
  },
  {
    code: 'listen-overflow',
    verdict: 'suspect',
    beyond: { listenDrops: 1 },
    on: { listenDrops: null, p99Us: 90_000, probe: { p99Us: 0, allowanceUs: null } },
  },
  {
    code: 'host-idle',
    verdict: 'suspect',
    beyond: { hostUtilisation: 0.81 },
    on: { hostUtilisation: 0.8 },
  },
  {
    code: 'accounting',
    verdict: 'invalid',
    beyond: { due: 1001 },
    on: { due: 0, accepted: 0 },
  },
  { code: 'accounting', verdict: 'invalid', beyond: { expected: 1001 } },
  {
    code: 'accounting',
    verdict: 'invalid',
    beyond: { samples: 999 },
    // Losses are the server's, and no fault of the measurement.
    on: { delivered: 900, lost: 100, samples: 900 },
  },
  { code: 'negative-latency', verdict: 'invalid', beyond: { negative: 1, samples: 999 } },
  {
    code: 'clock-offset',
    verdict: 'suspect',
    beyond: { clockOffset: { direction: 'behind', count: 0, leastUs: 150 } },
  },
  {
    code: 'clock-offset',
    verdict: 'suspect',
    beyond: { clockOffset: { direction: 'ahead', count: 1, leastUs: null } },
  },
  { code: 'overflow', verdict: 'invalid', beyond: { overflows: 1 } },
]

describe('the judgement of a run', () => {
  it('finds a clean run valid', () => {
    assert.deepEqual(judge(clean), { verdict: 'valid', reasons: [] })
  })

  for (const { code, verdict, beyond, on } of rows) {
    it(`is ${verdict} for ${code}: ${JSON.stringify(beyond)}`, () => {
      const judgement = judge({ ...clean, ...beyond })
      assert.equal(judgement.verdict, verdict)
      assert.deepEqual(
        judgement.reasons.map((reason) => reason.code),
        [code],
      )
      const [reason] = judgement.reasons
      // What is wrong; what to do.
      assert.match(reason?.message ?? '', /^[^\n]{10,200}; [^\n;]{5,100}$/)
      assert.ok(reason?.limit === null || (reason?.limit ?? 0) >= 0)
      if (on !== undefined) assert.equal(judge({ ...clean, ...on }).verdict, 'valid')
    })
  }

  it('works without a publisher, and where the host tells nothing', () => {
    const { verdict } = judge({
      ...clean,
      slipP99Us: null,
      slipMaxUs: null,
      publisherLoop: null,
      hostUtilisation: null,
      workerLoops: [],
    })
    assert.equal(verdict, 'valid')
  })

  it('sends nobody to the last words of a server that rtbench did not start', () => {
    const { reasons } = judge({ ...clean, lostInstances: 1, foreignServer: '10.0.0.1:80' })
    assert.match(reasons[0]?.message ?? '', /^the server at 10\.0\.0\.1:80 stopped answering; /)
  })

  it('is as grave as its gravest reason, which stands first', () => {
    const { verdict, reasons } = judge({ ...clean, hostUtilisation: 0.9, overflows: 2 })
    assert.equal(verdict, 'invalid')
    assert.deepEqual(
      reasons.map(({ code, severity, value, limit }) => [code, severity, value, limit]),
      [
        ['overflow', 'invalid', 2, 0],
        ['host-idle', 'suspect', 0.9, 0.8],
      ],
    )
  })
})
