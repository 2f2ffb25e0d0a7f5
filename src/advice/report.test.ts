import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Advice, Amount, Decision, Estimate, TechniqueAdvice } from '../result/advice.ts'
import { decisionOf } from './decision.ts'
import { renderAdvice } from './report.ts'

function about(value: number, share = 0): Amount {
  return { value, low: value * (1 - share), high: value * (1 + share), error: share, runs: 4 }
}

function technique(changes: Partial<TechniqueAdvice>): TechniqueAdvice {
  return {
    transport: 'sse',
    label: 'Server-Sent Events',
    complexity: 'low to medium',
    complexityGrade: 1.5,
    bidirectional: false,
    status: 'suitable',
    stretches: [],
    intervalTooShort: false,
    reasons: [],
    evidence: {
      name: 'all-1000',
      clients: 1_000,
      eventsPerClientPerSecond: 0.1,
      intervalMs: null,
      latencyUs: 4_100,
      latencyLowerUs: 4_100,
      verdict: 'valid',
      usersFactor: 50,
      eventsFactor: 0.0023,
      isBounded: true,
      runs: 4,
    },
    intervalMs: null,
    latencyUs: 4_100,
    latencyLowerUs: null,
    estimate: {
      requestsPerUserPerDay: null,
      openSockets: 50_000,
      bytesPerSecond: about(2_048),
      bytesPerUserPerDay: 3_539,
      heldConnections: 50_000,
      serverCores: about(0.24),
      serverMemoryBytes: about(2 ** 30),
    },
    ...changes,
  }
}

const poll = technique({
  transport: 'short-poll',
  label: 'Short polling',
  intervalMs: 500,
  latencyUs: 495_000,
  estimate: {
    requestsPerUserPerDay: 172_800,
    openSockets: 50_000,
    bytesPerSecond: about(20_480),
    bytesPerUserPerDay: 35_390,
    heldConnections: 0,
    serverCores: about(2.4),
    serverMemoryBytes: about(2 ** 29),
  },
})

const far = technique({ status: 'beyond' })
const other = technique({ transport: 'long-poll', label: 'Long polling' })

function costing(one: TechniqueAdvice, costs: Partial<Estimate>): TechniqueAdvice {
  return { ...one, estimate: one.estimate && { ...one.estimate, ...costs } }
}

function by(name: Decision['by'], against: string, changes: Partial<Decision> = {}): Decision {
  return { by: name, against, isOpinion: false, isByLittle: false, ...changes }
}

const opinion = { isOpinion: true } as const

function advice(changes: Partial<Advice> = {}): Advice {
  return {
    workload: {
      users: 50_000,
      eventsPerUserPerSecond: 20 / 86_400,
      wanted: { percentile: 'p99', latencyUs: 500_000 },
      channels: 'per-client',
      payloadBytes: null,
      clientToServer: 'none',
      messagesPerUserPerSecond: null,
      instances: 1,
      proxies: ['block-upgrades'],
      browsers: 'modern',
    },
    prefer: 'simple',
    techniques: [poll, technique({})],
    chosen: 'sse',
    among: ['sse'],
    bus: null,
    measure: null,
    undecided: false,
    decided: [by('bandwidth', 'short-poll')],
    untold: [],
    ...changes,
  }
}

test('the answer names the figure that decided', () => {
  const meets = 'Server-Sent Events: p99 4.1 ms keeps the wanted p99 of 500 ms; '
  const answers: readonly (readonly [Partial<Advice>, string])[] = [
    [
      {},
      `${meets}decided by bandwidth: 2 KiB/s against 20 KiB/s of Short polling every 500 ms, 10 times as much.`,
    ],
    [
      {
        decided: [by('cpu', 'short-poll')],
        techniques: [
          costing(technique({}), { serverCores: about(0.24, 0.25) }),
          costing(poll, { serverCores: about(2.4, 0.5) }),
        ],
      },
      `${meets}decided by server CPU: 0.24 cores (0.18–0.3) against 2.4 cores (1.2–3.6) of Short polling every 500 ms, 10 times as much.`,
    ],
    [
      { decided: [by('memory', 'short-poll', { isByLittle: true })] },
      `${meets}decided by server memory: 1 GiB against 512 MiB of Short polling every 500 ms, though perhaps by less than 128 MiB, which nobody builds otherwise for.`,
    ],
    [
      { decided: [by('complexity', 'short-poll', opinion)] },
      `${meets.slice(0, -2)}. Costs are shown to be the same (within 0.1 cores, 100 KiB/s and 128 MiB, or a tenth). Opinion, by --prefer simple: complexity low to medium against low to medium of Short polling.`,
    ],
    [
      {
        prefer: 'fast',
        decided: [by('cpu', 'short-poll'), by('latency', 'long-poll', opinion)],
        techniques: [technique({}), poll, other],
      },
      `${meets}decided by server CPU: 0.24 cores against 2.4 cores of Short polling every 500 ms, 10 times as much. Costs are shown to be the same (within 0.1 cores, 100 KiB/s and 128 MiB, or a tenth). Opinion, by --prefer fast: latency 4.1 ms against 4.1 ms of Long polling.`,
    ],
    [
      {
        prefer: 'sse',
        decided: [by('preferred', 'long-poll', opinion)],
        techniques: [technique({}), other],
      },
      `${meets.slice(0, -2)}. Costs are shown to be the same (within 0.1 cores, 100 KiB/s and 128 MiB, or a tenth). Opinion, by --prefer sse: Server-Sent Events rather than Long polling.`,
    ],
    [
      { decided: [by('bidirectional', 'short-poll', opinion)] },
      `${meets.slice(0, -2)}. Opinion, by --prefer simple: Server-Sent Events carries both ways on one connection, Short polling does not.`,
    ],
    [
      {
        chosen: null,
        among: ['sse', 'long-poll'],
        untold: [{ by: 'cpu', pair: ['sse', 'long-poll'] }],
        decided: [by('cpu', 'short-poll')],
        techniques: [
          poll,
          costing(technique({}), { serverCores: about(0.24, 0.5) }),
          costing(other, { serverCores: about(0.3, 0.5) }),
        ],
        measure: 'rtbench advise --measure',
      },
      'Server-Sent Events (4.1 ms) and Long polling (4.1 ms) keep the wanted p99 of 500 ms and cannot be told apart by server CPU: Server-Sent Events 0.24 cores (0.12–0.36) and Long polling 0.3 cores (0.15–0.45); decided by server CPU: 0.24 cores (0.12–0.36) against 2.4 cores of Short polling every 500 ms, 10 times as much. To measure it: rtbench advise --measure',
    ],
    [{ decided: [] }, `${meets}it is the only one that may be taken.`],
    [
      { decided: [], techniques: [technique({}), { ...poll, status: 'not-measured' }] },
      `${meets}nothing else that was measured may be taken. Short polling was not measured.`,
    ],
    [
      {
        techniques: [{ ...far, stretches: [{ of: 'users', factor: 50 }] }, poll],
        measure: 'rtbench run --clients 5000',
      },
      `Not to be relied on (an extrapolation to 50 times the users that were measured): ${meets}decided by bandwidth: 2 KiB/s against 20 KiB/s of Short polling every 500 ms, 10 times as much. To measure it: rtbench run --clients 5000`,
    ],
    [
      {
        decided: [],
        techniques: [
          {
            ...far,
            ...{ intervalMs: 8, intervalTooShort: true },
            stretches: [
              { of: 'requests', factor: 6250 },
              { of: 'users', factor: 50 },
            ],
          },
        ],
      },
      'Not to be relied on (an extrapolation to 6,300 times the requests per second and 50 times the users that were measured; clients on the web do not keep an interval of 8 ms): Server-Sent Events every 8 ms: p99 4.1 ms keeps the wanted p99 of 500 ms; nothing else that was measured may be taken.',
    ],
    [
      {
        ...{ decided: [], measure: 'rtbench run' },
        techniques: [
          technique({}),
          { ...poll, status: 'beyond', stretches: [{ of: 'requests', factor: 19.2 }] },
        ],
      },
      `${meets}nothing else that was measured may be taken. Short polling could not be judged: that would be an extrapolation to 19 times the requests per second that were measured. To measure it: rtbench run`,
    ],
    [
      {
        decided: [],
        techniques: [
          technique({}),
          {
            ...poll,
            status: 'beyond',
            intervalMs: 20,
            intervalTooShort: true,
            stretches: [{ of: 'requests', factor: 50 }],
          },
        ],
      },
      `${meets}nothing else that was measured may be taken. Short polling was left out: clients on the web do not keep an interval of 20 ms.`,
    ],
    [
      {
        techniques: [
          ...[technique({}), poll],
          { ...other, status: 'invalid', reasons: ['its run is invalid (slip)'] },
          { ...other, status: 'too-few', label: 'WebSocket', reasons: ['its runs have too few'] },
        ],
      },
      `${meets}decided by bandwidth: 2 KiB/s against 20 KiB/s of Short polling every 500 ms, 10 times as much. Long polling could not be judged: its run is invalid (slip); measure it again. WebSocket could not be judged: its runs have too few; measure longer.`,
    ],
    [
      {
        ...{ chosen: null, among: [], decided: [] },
        techniques: [technique({ status: 'too-slow' })],
      },
      'None of what was measured keeps a p99 of 500 ms; the nearest is Server-Sent Events with 4.1 ms.',
    ],
    [
      {
        ...{ chosen: null, among: [], undecided: true, decided: [] },
        techniques: [technique({ status: 'too-few' }), technique({ ...poll, status: 'invalid' })],
      },
      'It cannot be told what keeps a p99 of 500 ms: too few deliveries for it (Server-Sent Events): measure longer, or ask for a p50; invalid runs (Short polling): measure again.',
    ],
  ]
  for (const [changes, sentence] of answers) assert.equal(decisionOf(advice(changes)), sentence)
})

test('the page has the workload, the answer, each technique and what its figures come from', () => {
  for (const width of [80, 120]) {
    const page = renderAdvice(advice(), { width })
    for (const line of page.split('\n')) assert.ok(line.length <= width, `${width}: ${line}`)
    const text = page.replaceAll('\n', ' ')
    assert.match(
      text,
      /^50,000 users · 20 events a day each · p99 within 500 ms · .*block upgrades/,
    )
    assert.match(text, /TAKE THIS/)
    assert.match(text, /172,800/)
    assert.match(text, /extrapolated to 50 times the users and 1\/430 of the events per user/)
    assert.match(text, /costs from 4 runs/)
  }
  assert.match(renderAdvice(advice()), /│ 3\.46 KiB\s+│/)
  const unsure = costing(technique({}), {
    serverCores: { ...about(0.24, 0.25), error: 0.123 },
    bytesPerSecond: { ...about(2_048), high: null },
    serverMemoryBytes: { ...about(2 ** 30), error: null },
  })
  const understated = renderAdvice(advice({ techniques: [poll, unsure] }), { width: 160 })
  assert.match(understated, /│ ≥ 3\.46 KiB\s+│/)
  assert.match(understated, /│ 0\.24 cores\s+│\n.*│ 0\.18–0\.3\s+│\n.*│ off by 12 %\s+│/)
  assert.match(understated.replaceAll('\n', ' '), /≥\) lack what a held connection takes/)
  assert.match(
    understated.replaceAll('\n', ' '),
    /From one run it cannot be told what goes with what/,
  )
  const sending = { clientToServer: 'chatty', messagesPerUserPerSecond: 0.5 } as const
  const workload = { ...advice().workload, ...sending, eventsPerUserPerSecond: 1 }
  const unproven = renderAdvice(
    advice({ workload, techniques: [far, poll], measure: 'rtbench run --clients 5000' }),
  )
  assert.match(unproven, /· 1 event\/s each ·.*client to server: chatty \(0\.5 messages\/s each\)/)
  assert.match(unproven, /LIKELIEST, UNPROVEN/)
  assert.match(unproven, /\nTo measure it: rtbench run --clients 5000\n/)
  assert.doesNotMatch(unproven, /TAKE THIS/)
  assert.match(unproven, /Requests per user and day │ –/)
  const near = technique({})
  const evidence = near.evidence && { ...near.evidence, usersFactor: 1, eventsFactor: 1 }
  const page = renderAdvice(advice({ techniques: [{ ...near, evidence }] }))
  assert.doesNotMatch(page, /extrapolated|nothing comes|From one run/)
  const open = advice({
    ...{ chosen: null, among: ['sse', 'short-poll'] },
    untold: [{ by: 'cpu', pair: ['sse', 'short-poll'] }],
  })
  assert.match(renderAdvice(open), /ONE OF THESE/)
  assert.doesNotMatch(renderAdvice(open), /TAKE THIS/)
})
