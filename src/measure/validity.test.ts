import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Bounds } from './bounds.ts'
import { judge, type ValidityFacts } from './validity.ts'

const lateness: ValidityFacts['lateness'] = {
  slipUs: 100,
  askUs: 0,
  busyUs: 100,
  waitUs: 50,
  stallUs: 0,
  serverWaitUs: 50,
  graveShare: 0,
  workerStallUs: 0,
  publisherStallUs: 0,
  starvedShare: 0.05,
  publisherStarvedShare: 0.01,
}

const clean: ValidityFacts = {
  gapped: 0,
  disruptions: [],
  undone: [],
  requested: 1000,
  connected: 1000,
  bounds: [
    { lowerUs: 2_000, upperUs: 2_300 },
    { lowerUs: 9_000, upperUs: 10_000 },
  ],
  lateness,
  offeredPerSecond: 100,
  achievedPerSecond: 100,
  due: 1000,
  accepted: 1000,
  dropped: 0,
  refusals: {},
  errors: {},
  hostUtilisation: 0.5,
  othersUtilisation: 0.02,
  serverMayStarve: false,
  expected: 1000,
  delivered: 1000,
  lost: 0,
  provable: 1000,
  unproven: 0,
  forged: 0,
  strays: { foreign: 0, misrouted: 0, unmarked: 0, disguises: {} },
  negative: 0,
  clockOffset: null,
  overflows: 0,
  samples: 1000,
  lowerP99Us: 9_000,
  probe: null,
  probeLost: false,
  listenDrops: 0,
  lostWorkers: 0,
  lostClients: 0,
  lostInstances: 0,
  frontLost: null,
  foreignServer: null,
  publisherLost: false,
  serverSilent: false,
  unconnected: 0,
  busOutage: null,
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

/** Neither percentile is known to be the server's. */
const apart = [
  { lowerUs: 2_000, upperUs: 3_001 },
  { lowerUs: 20_000, upperUs: 22_001 },
]
/** The median is not, the tail is. */
const medianApart = [
  { lowerUs: 2_000, upperUs: 3_001 },
  { lowerUs: 20_000, upperUs: 22_000 },
]

/** What the instrument was late by, and all the rest as of a clean run. */
function late(changes: Partial<ValidityFacts['lateness']>): ValidityFacts['lateness'] {
  return { ...lateness, ...changes }
}

const rows: readonly Row[] = [
  { code: 'worker-lost', verdict: 'invalid', beyond: { lostWorkers: 1, lostClients: 500 } },
  { code: 'server-lost', verdict: 'invalid', beyond: { lostInstances: 1 } },
  { code: 'front-lost', verdict: 'invalid', beyond: { frontLost: 'HAProxy ended (SIGKILL)' } },
  { code: 'publisher-lost', verdict: 'invalid', beyond: { publisherLost: true } },
  { code: 'server-silent', verdict: 'suspect', beyond: { serverSilent: true } },
  { code: 'no-backplane', verdict: 'suspect', beyond: { unconnected: 3 } },
  {
    code: 'bus-lost',
    verdict: 'suspect',
    beyond: {
      busOutage: {
        name: 'memory',
        longestMs: 400,
        isOver: true,
        beganAnew: true,
        cause: 'it closed the connection',
      },
    },
  },
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
    code: 'busy',
    verdict: 'invalid',
    beyond: { bounds: apart, lateness: late({ busyUs: 5_000 }) },
    // One percentile that is known makes a run that can be asked for it.
    on: { bounds: [{ lowerUs: 2_000, upperUs: 3_000 }, apart[1] as Bounds] },
  },
  {
    code: 'busy',
    verdict: 'suspect',
    beyond: { bounds: medianApart, lateness: late({ busyUs: 5_000 }) },
    // However late the instrument was, if a median of 100 ms does not show it.
    on: { bounds: [{ lowerUs: 100_000, upperUs: 110_000 }], lateness: late({ busyUs: 9_000 }) },
  },
  {
    code: 'slip',
    verdict: 'invalid',
    beyond: { bounds: apart, lateness: late({ slipUs: 900 }) },
    // Without a delivery there is no percentile.
    on: { bounds: [] },
  },
  {
    code: 'stall',
    verdict: 'invalid',
    beyond: { bounds: apart, lateness: late({ stallUs: 5_000, workerStallUs: 1e6 }) },
  },
  {
    code: 'stall',
    verdict: 'invalid',
    beyond: { bounds: apart, lateness: late({ slipUs: 5_000, publisherStallUs: 1e6 }) },
  },
  {
    code: 'stall',
    verdict: 'suspect',
    beyond: { lateness: late({ graveShare: 0.0011, stallUs: 900, workerStallUs: 3e5 }) },
    on: { lateness: late({ graveShare: 0.001, stallUs: 900, workerStallUs: 3e5 }) },
  },
  {
    code: 'starved',
    verdict: 'invalid',
    beyond: { bounds: apart, lateness: late({ waitUs: 5_000 }) },
  },
  {
    code: 'starved',
    verdict: 'invalid',
    beyond: { bounds: apart, othersUtilisation: 0.5, lateness: late({ serverWaitUs: 5_000 }) },
  },
  {
    code: 'starved',
    verdict: 'invalid',
    beyond: { bounds: apart, lateness: late({ slipUs: 5_000, publisherStarvedShare: 0.3 }) },
  },
  {
    // Own processes compete for no more than has been accounted for.
    code: 'starved',
    verdict: 'suspect',
    beyond: { bounds: medianApart, lateness: late({ serverWaitUs: 5_000 }) },
  },
  {
    code: 'starved',
    verdict: 'invalid',
    beyond: {
      bounds: medianApart,
      othersUtilisation: 0.5,
      lateness: late({ serverWaitUs: 5_000 }),
    },
  },
  {
    code: 'starved',
    verdict: 'suspect',
    beyond: { othersUtilisation: 0.11, lateness: late({ starvedShare: 0.26 }) },
    // Own processes wait for each other, or others leave enough.
    on: { othersUtilisation: 0.1, lateness: late({ starvedShare: 0.26 }) },
  },
  {
    code: 'host-busy',
    verdict: 'suspect',
    beyond: { hostUtilisation: 0.81, serverMayStarve: true },
    on: { hostUtilisation: 0.8, serverMayStarve: true },
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
    code: 'probe',
    verdict: 'suspect',
    beyond: { lowerP99Us: 9_000, probe: { p99Us: 6_999, allowanceUs: 0 } },
    on: { lowerP99Us: 9_000, probe: { p99Us: 7_000, allowanceUs: 0 } },
  },
  {
    code: 'probe',
    verdict: 'suspect',
    beyond: { lowerP99Us: 96_000, probe: { p99Us: 79_999, allowanceUs: 0 } },
    on: { lowerP99Us: 96_000, probe: { p99Us: 80_000, allowanceUs: 0 } },
  },
  {
    code: 'probe',
    verdict: 'suspect',
    beyond: { lowerP99Us: 94_000, probe: { p99Us: 69_999, allowanceUs: 10_000 } },
    on: { lowerP99Us: 94_000, probe: { p99Us: 70_000, allowanceUs: 10_000 } },
  },
  {
    code: 'probe',
    verdict: 'suspect',
    beyond: { lowerP99Us: 90_000, probe: { p99Us: 0, allowanceUs: 0 } },
    // Where one of the two has too few samples, or nobody knows what to allow, it is not judged.
    on: { lowerP99Us: null, probe: { p99Us: 0, allowanceUs: 0 } },
  },
  {
    code: 'probe-lost',
    verdict: 'suspect',
    beyond: { probeLost: true },
    on: { lowerP99Us: 90_000, probe: { p99Us: null, allowanceUs: 0 } },
  },
  {
    code: 'listen-overflow',
    verdict: 'suspect',
    beyond: { listenDrops: 1 },
    on: { listenDrops: null, lowerP99Us: 90_000, probe: { p99Us: 0, allowanceUs: null } },
  },
  {
    code: 'nothing-delivered',
    verdict: 'invalid',
    beyond: { delivered: 0, lost: 1000, samples: 0 },
    // A part of what was due is no silence.
    on: { delivered: 1, lost: 999, samples: 1 },
  },
  {
    code: 'nothing-delivered',
    verdict: 'invalid',
    beyond: { expected: 1, delivered: 0, lost: 1, samples: 0 },
    // Nothing was due.
    on: { due: 0, accepted: 0, expected: 0, delivered: 0, samples: 0 },
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
  { code: 'unproven', verdict: 'suspect', beyond: { unproven: 10 } },
  { code: 'unproven', verdict: 'invalid', beyond: { unproven: 11 } },
  { code: 'forged', verdict: 'invalid', beyond: { forged: 2, delivered: 1002, samples: 1002 } },
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

  it('names no cause of a silence that has one of its own', () => {
    const silent = { delivered: 0, lost: 1000, samples: 0 }
    for (const [cause, code] of [
      [{ lostInstances: 1 }, 'server-lost'],
      [{ frontLost: 'nginx ended (1)' }, 'front-lost'],
      [{ lostWorkers: 1 }, 'worker-lost'],
      [{ publisherLost: true }, 'publisher-lost'],
      [{ interruption: 'drain' }, 'interrupted'],
    ] as const) {
      const { reasons } = judge({ ...clean, ...silent, ...cause })
      assert.deepEqual(
        reasons.map((reason) => reason.code),
        [code],
      )
    }
  })

  it('works without a publisher, and where the host tells nothing', () => {
    const { verdict } = judge({
      ...clean,
      bounds: [],
      lateness: late({ slipUs: 0, publisherStarvedShare: 0 }),
      hostUtilisation: null,
      othersUtilisation: null,
    })
    assert.equal(verdict, 'valid')
  })

  it('sends nobody to the last words of a server that rtbench did not start', () => {
    const { reasons } = judge({ ...clean, lostInstances: 1, foreignServer: '10.0.0.1:80' })
    assert.match(reasons[0]?.message ?? '', /^the server at 10\.0\.0\.1:80 stopped answering; /)
  })

  it('is as grave as its gravest reason, which stands first', () => {
    const { verdict, reasons } = judge({
      ...clean,
      hostUtilisation: 0.9,
      serverMayStarve: true,
      overflows: 2,
    })
    assert.equal(verdict, 'invalid')
    assert.deepEqual(
      reasons.map(({ code, severity, value, limit }) => [code, severity, value, limit]),
      [
        ['overflow', 'invalid', 2, 0],
        ['host-busy', 'suspect', 0.9, 0.8],
      ],
    )
  })
})
