import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Amount, Workload } from '../result/advice.ts'
import type { Result, Run } from '../result/document.ts'
import {
  type SampleTransport,
  sampleChat,
  sampleLatency,
  sampleResult,
  sampleRun,
} from '../result/sample.conformance.ts'
import { sampleSweep } from '../result/sample-sweep.conformance.ts'
import { ask, of, statuses, within } from './question.conformance.ts'

describe('advice', () => {
  it('is what was measured, where the workload is that', () => {
    const advice = ask({ eventsPerUserPerSecond: rateOf('sse') })
    const { evidence, estimate, latencyUs } = of(advice, 'sse')
    assert.equal(latencyUs, 12_300)
    assert.deepEqual([evidence?.usersFactor, evidence?.eventsFactor, evidence?.runs], [1, 1, 1])
    assert.ok(estimate !== null)
    // 700,000 bytes both ways in 10 s, of 1,000 clients.
    isNear(estimate.bytesPerSecond, 70_000, 0.03)
    assert.equal(estimate.heldConnections, 1_000)
    isNear(estimate.serverCores, 0.21, 0.03)
    isNear(estimate.serverMemoryBytes, 95_000_000, 0.03)
    assert.equal(estimate.requestsPerUserPerDay, null)
    assert.equal(of(advice, 'short-poll').estimate?.openSockets, 1_000)
    assert.deepEqual(of(advice, 'sse').stretches, [])
  })

  it('by one run lies between what grows with nothing and what grows with everything', () => {
    const { estimate } = of(ask({ users: 5_000 }), 'sse')
    const { low, high, value, error } = estimate?.serverCores ?? assert.fail()
    assert.ok(low <= 0.22 && (high ?? 0) >= 5 * 0.2 && low <= value && value <= (high ?? 0))
    assert.equal(error, null)
    assert.equal(estimate?.heldConnections, 5_000)
    // 60 MiB are the process's own.
    const memory = estimate?.serverMemoryBytes ?? assert.fail()
    assert.ok(memory.value < 5 * 95e6 && memory.value > 95e6)
  })

  it('gives a poller the largest interval that is short enough', () => {
    const poll = of(ask(), 'short-poll')
    // Its sample has a p99 of 993 ms at 1 s: 3 ms beside the interval.
    assert.equal(poll.intervalMs, 500)
    assert.equal(Math.round(poll.latencyUs ?? 0), 498_000)
    assert.equal(poll.status, 'suitable')
    assert.equal(poll.estimate?.requestsPerUserPerDay, 172_800)
    assert.equal(of(ask(within(500)), 'short-poll').status, 'too-slow')
  })

  it('lets a held poll ask at each event, and when nothing came for long', () => {
    const often = of(ask({ eventsPerUserPerSecond: 10 }), 'long-poll').estimate
    assert.equal(Math.round(often?.requestsPerUserPerDay ?? 0), 864_000)
    const rarely = of(ask({ eventsPerUserPerSecond: 1e-9 }), 'long-poll').estimate
    assert.equal(Math.round(rarely?.requestsPerUserPerDay ?? 0), 86_400 / 30)
  })

  it('leaves out who is too slow, and takes nobody where all are', () => {
    const advice = ask(within(1_000))
    assert.equal(advice.chosen, null)
    assert.deepEqual([advice.decided, advice.undecided], [[], false])
    assert.ok(advice.techniques.every(({ status }) => status === 'too-slow'))
    assert.equal(of(ask(within(12_500)), 'websocket').status, 'too-slow')
    assert.equal(of(ask(within(12_500)), 'sse').status, 'suitable')
  })

  const obstacles: readonly (readonly [Partial<Workload>, readonly string[]])[] = [
    [{ proxies: ['block-upgrades'] }, ['websocket']],
    [{ proxies: ['buffer-streams'] }, ['sse']],
    [{ proxies: ['buffer-streams', 'block-upgrades'] }, ['sse', 'websocket']],
    [{ browsers: 'any' }, ['sse', 'websocket']],
    [{}, []],
  ]
  for (const [changes, excluded] of obstacles) {
    it(`excludes ${excluded.join(', ') || 'nobody'} by ${JSON.stringify(changes)}`, () => {
      const found = Object.entries(statuses(ask(changes)))
      assert.deepEqual(
        found.filter(([, status]) => status === 'excluded').map(([name]) => name),
        excluded,
      )
    })
  }

  it('takes who carries both ways where clients send often, as long as it may', () => {
    const chatty = ask({ clientToServer: 'chatty' })
    assert.equal(chatty.chosen, 'websocket')
    assert.equal(chatty.decided[0]?.by, 'bidirectional')
    assert.notEqual(
      ask({ clientToServer: 'chatty', proxies: ['block-upgrades'] }).chosen,
      'websocket',
    )
    assert.match(of(chatty, 'sse').reasons.join(), /a request of its own/)
  })

  it('counts and costs what clients send, where each message is a request of its own', () => {
    const chatty = { clientToServer: 'chatty' } as const
    const silent = ask()
    const sending = ask({ ...chatty, messagesPerUserPerSecond: 0.5 })
    for (const [transport, before] of [
      ['sse', 0],
      ['short-poll', 172_800],
    ] as const) {
      const [one, other] = [of(silent, transport).estimate, of(sending, transport).estimate]
      assert.equal(other?.requestsPerUserPerDay, before + 43_200)
      const more = (other?.bytesPerSecond.value ?? 0) - (one?.bytesPerSecond.value ?? 0)
      // 70 bytes a request at most, of 10,000 in the sample.
      assert.ok(more > 0 && more <= 35_001, String(more))
      assert.ok((other?.serverCores?.value ?? 0) > (one?.serverCores?.value ?? 0))
    }
    // Its messages are no requests, and no run tells what they take.
    const { estimate } = of(sending, 'websocket')
    assert.deepEqual(
      [estimate?.bytesPerSecond.high, estimate?.serverCores?.high, estimate?.requestsPerUserPerDay],
      [null, null, null],
    )
    assert.match(of(sending, 'sse').reasons.join(), /costed as one of a short poll/)

    const wordy = of(ask(chatty), 'sse')
    assert.match(wordy.reasons.join(), /not costed, as it is not known how often/)
    assert.equal(wordy.estimate?.bytesPerSecond.high, null)
    const alone = ask({ ...chatty, messagesPerUserPerSecond: 0.5 }, [
      sampleResult({ runs: [sampleRun('sse')] }),
    ])
    assert.match(of(alone, 'sse').reasons.join(), /not costed, as no valid run of short polling/)
    assert.equal(of(alone, 'sse').estimate?.bytesPerSecond.high, null)
  })

  it('costs what clients send as it was measured in chats, where there are any', () => {
    const chat = { ...sampleChat(0), up: { ...sampleChat(0).up, requestsPerMessage: 0 } }
    const results = [
      sampleResult(),
      sampleResult({
        runs: [sampleRun('websocket', { chat }), sampleRun('sse', { chat: sampleChat(1) })],
      }),
    ]
    const sending = { clientToServer: 'chatty', messagesPerUserPerSecond: 0.5 } as const
    const [silent, told] = [ask({}, results), ask(sending, results)]
    for (const [transport, requests, bytes] of [
      ['websocket', null, 204 + 62],
      ['sse', 43_200, 318 + 62],
    ] as const) {
      const [one, other] = [of(silent, transport).estimate, of(told, transport).estimate]
      assert.equal(other?.requestsPerUserPerDay, requests)
      const more = (other?.bytesPerSecond.value ?? 0) - (one?.bytesPerSecond.value ?? 0)
      isNear({ ...(one?.bytesPerSecond as Amount), value: more }, 500 * bytes, 1e-6)
      assert.equal(other?.bytesPerSecond.high === null, one?.bytesPerSecond.high === null)
      // 140 µs for each of 500 messages a second.
      const cores = (other?.serverCores?.value ?? 0) - (one?.serverCores?.value ?? 0)
      isNear({ ...(one?.serverCores as Amount), value: cores }, 0.07, 1e-6)
    }
    assert.match(
      of(told, 'websocket').reasons.join(),
      /on its connection, and is costed as measured in 1 chat/,
    )
    assert.match(
      of(told, 'sse').reasons.join(),
      /a request of its own, and is costed as measured in 1 chat/,
    )
    // Of who was in no chat it is a request as a poller's.
    assert.match(of(told, 'long-poll').reasons.join(), /costed as one of a short poll/)
    // 101 messages a second were measured.
    const stretched = of(ask({ ...sending, users: 5_000 }, results), 'sse').stretches
    assert.equal(Math.round(stretched.find(({ of }) => of === 'messages')?.factor ?? 0), 25)
    assert.match(of(ask({ clientToServer: 'chatty' }, results), 'sse').reasons.join(), /how often/)
  })

  it('does not believe what is invalid, partial or lossy, nor what was not measured', () => {
    const late = { code: 'slip', severity: 'invalid', message: '', value: 1, limit: 0 } as const
    const bad: readonly (readonly [Partial<Run>, RegExp, string])[] = [
      [
        { validity: { verdict: 'invalid', reasons: [late] } },
        /its run is invalid \(slip\)/,
        'invalid',
      ],
      [{ partial: true }, /partial/, 'not-counted'],
      [{ delivery: { ...sampleRun('sse').delivery, lost: 1 } }, /lost deliveries/, 'not-counted'],
      [
        { latency: { ...sampleRun('sse').latency, p99Us: null } },
        /too few deliveries for a p99/,
        'too-few',
      ],
    ]
    for (const [changes, reason, status] of bad) {
      const runs = [sampleRun('sse', changes), sampleRun('websocket')]
      const advice = ask({}, [sampleResult({ runs })])
      assert.equal(of(advice, 'sse').status, status)
      assert.equal(of(advice, 'long-poll').status, 'not-measured')
      const alone = ask({}, [sampleResult({ runs: runs.slice(0, 1) })])
      assert.deepEqual([alone.chosen, alone.undecided, advice.undecided], [null, true, false])
      assert.match(of(advice, 'sse').reasons.join(), reason)
      assert.match(of(advice, 'long-poll').reasons.join(), /no run of it/)
      assert.equal(advice.chosen, 'websocket')
      assert.deepEqual(advice.decided, [])
    }
    const invalid = sampleRun('sse', { validity: { verdict: 'invalid', reasons: [late, late] } })
    const reasonOf = (...runs: readonly Run[]) =>
      of(ask({}, [sampleResult({ runs })]), 'sse').reasons.join()
    assert.equal(reasonOf(invalid, invalid), 'its 2 runs are invalid (slip)')
    assert.equal(
      reasonOf(invalid, sampleRun('sse', { partial: true })),
      '1 of its 2 runs is invalid (slip)',
    )
    const suspect = sampleRun('sse', { validity: { verdict: 'suspect', reasons: [] } })
    assert.match(of(ask({}, [sampleResult({ runs: [suspect] })]), 'sse').reasons.join(), /suspect/)
  })

  it('knows the bytes of silence where runs saw them', () => {
    // 100 bytes a second and client at 0.1 events a second, 28 at none: so 72 for 0.1 events, with 12.8 of payload.
    const run = sampleRun('sse')
    const durationMs = 15_000
    const wire = (bytes: number) => ({
      bytesReceived: bytes * 15_000,
      bytesSent: 0,
      bytesPerDelivery: 1,
    })
    const throughput = { ...run.throughput, deliveriesPerSecond: 100 }
    const busy = { ...run, durationMs, throughput, wire: wire(100) }
    const silent: Run = {
      ...run,
      durationMs,
      wire: wire(28),
      latency: { ...run.latency, count: 0, p50Us: null, p99Us: null },
      throughput: { deliveriesPerSecond: 0, exchangesPerSecond: 0, bytesPerSecond: 28_000 },
    }
    const results = [sampleResult({ runs: [busy] }), sampleResult({ runs: [silent] })]
    const bytesOf = (measured: readonly Result[]) =>
      of(ask({ eventsPerUserPerSecond: 0.01 }, measured), 'sse').estimate?.bytesPerSecond ??
      assert.fail()
    isNear(bytesOf(results), (28 + 7.2) * 1_000)
    assert.notEqual(bytesOf(results).high, null)
    assert.equal(bytesOf(results.slice(0, 1)).high, null)
    // At the rate that was measured its bytes are those measured.
    assert.notEqual(of(ask({}, results.slice(0, 1)), 'sse').estimate?.bytesPerSecond.high, null)
  })

  it('tells the size of a payload without measuring it', () => {
    const bytesAt = (payloadBytes: number | null) =>
      of(ask({ payloadBytes }), 'sse').estimate?.bytesPerSecond.value ?? assert.fail()
    const { payloadBytes } = sampleResult().scenario
    assert.equal(bytesAt(payloadBytes), bytesAt(null))
    assert.equal(Math.round(bytesAt(4096) - bytesAt(null)), (4096 - payloadBytes) * 100)
  })

  it('names what measures, where runs are few, and what would be chosen otherwise', () => {
    const command = 'rtbench advise --measure --users 1000 --rate 0.1 --latency 500ms'
    assert.equal(ask().measure, command)
    const repeated = [1, 2, 3].map(() => sampleResult())
    assert.equal(ask({}, repeated).measure, ask({}, repeated).untold.length > 0 ? command : null)
  })

  it('is by the run that is nearest, of all results and all values of a sweep', () => {
    const clients = { ...sampleRun('sse').clients, requested: 100_000 }
    const throughput = { ...sampleRun('sse').throughput, deliveriesPerSecond: 10_000 }
    const large = sampleRun('sse', { clients, throughput })
    const results = [sampleResult(), sampleResult({ runs: [large] })]
    assert.equal(of(ask({ users: 90_000 }, results), 'sse').evidence?.clients, 100_000)
    assert.equal(of(ask({ users: 2_000 }, results), 'sse').evidence?.clients, 1_000)
    const swept = of(ask(within(2_000_000), [sampleSweep()]), 'short-poll')
    assert.equal(swept.evidence?.intervalMs, 2_000)
    assert.equal(swept.intervalMs, 2_000)
  })
})

describe('advice from runs with bounds', () => {
  const bounded = (transport: 'sse' | 'long-poll', lowerUs: number, upperUs: number): Run =>
    sampleRun(transport, {
      latency: sampleLatency(2_000, upperUs),
      latencyLowerBound: sampleLatency(1_000, lowerUs),
    })
  const about = (wantedUs: number, ...runs: Run[]) =>
    ask(within(wantedUs), [sampleResult({ runs })])

  it('tells neither fast nor slow of a latency on both sides of what is wanted', () => {
    const at = (wantedUs: number) =>
      of(about(wantedUs, bounded('sse', 8_000, 20_000)), 'sse').status
    assert.deepEqual([at(7_000), at(10_000), at(20_000)], ['too-slow', 'untold', 'suitable'])
    const { undecided, chosen } = about(10_000, bounded('sse', 8_000, 20_000))
    assert.deepEqual([undecided, chosen], [true, null])
  })

  it('does not rely on more than other windows would show', () => {
    const sampling = (highUs: number | null) => {
      const p99 = { lowUs: 7_000, highUs }
      const latency = { p50: null, p90: null, p95: null, p99, mean: null }
      return { events: 500, blocks: 10, blockMs: 1_000, latency, latencyLowerBound: latency }
    }
    const at = (highUs: number | null, maxUs = 9_900) => {
      const run = bounded('sse', 8_000, 9_000)
      const latency = { ...run.latency, maxUs }
      return of(about(10_000, { ...run, latency, sampling: sampling(highUs) }), 'sse')
    }
    assert.deepEqual([at(9_500).status, at(12_000).status], ['suitable', 'untold'])
    // Where nothing bounds it, the longest that came is what there is.
    assert.deepEqual([at(null).status, at(null, 11_000).status], ['suitable', 'untold'])
    assert.match(
      at(null).reasons.join(),
      /nothing bounds its p99 from above but the longest that came/,
    )
  })
})

/** Of the sample, per client. */
function rateOf(transport: SampleTransport): number {
  const { throughput, clients } = sampleRun(transport)
  return throughput.deliveriesPerSecond / clients.requested
}

function isNear(amount: Amount | null, value: number, share = 1e-6): void {
  assert.ok(
    amount !== null && Math.abs(amount.value / value - 1) <= share,
    `${amount?.value} is not near ${value}`,
  )
}
