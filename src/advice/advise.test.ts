import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Workload } from '../result/advice.ts'
import type { Run } from '../result/document.ts'
import { sampleLatency, sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { sampleSweep } from '../result/sample-sweep.conformance.ts'
import { ask, of, statuses, within } from './question.conformance.ts'

describe('advice', () => {
  it('is what was measured, where the workload is that', () => {
    const advice = ask()
    const { evidence, estimate, latencyUs } = of(advice, 'sse')
    assert.equal(latencyUs, 12_300)
    assert.deepEqual([evidence?.usersFactor, evidence?.eventsFactor], [1, 1])
    assert.ok(estimate !== null)
    // 700,000 bytes both ways in 10 s, of 1,000 clients.
    assert.equal(Math.round(estimate.bytesPerSecond), 70_000)
    assert.equal(Math.round(estimate.bytesPerUserPerDay), 6_048_000)
    assert.equal(estimate.heldConnections, 1_000)
    assert.equal(estimate.serverCores?.toFixed(4), '0.2100')
    assert.equal(estimate.serverMemoryBytes, 95_000_000)
    assert.equal(estimate.requestsPerUserPerDay, null)
    assert.equal(of(advice, 'short-poll').estimate?.openSockets, 1_000)
    assert.deepEqual([advice.measure, of(advice, 'sse').stretches], [null, []])
  })

  it('grows with users and events in proportion', () => {
    const estimate = of(ask({ users: 50_000, eventsPerUserPerSecond: 0.2 }), 'sse').estimate
    assert.equal(estimate?.serverCores?.toFixed(2), (0.21 * 100).toFixed(2))
    assert.equal(Math.round(estimate?.bytesPerSecond ?? 0), 7_000_000)
    assert.equal(estimate?.heldConnections, 50_000)
    // 60 MiB are the process's own.
    assert.equal(estimate?.serverMemoryBytes, 62_914_560 + (95_000_000 - 62_914_560) * 50)
  })

  it('does not tell the memory of many users from few clients', () => {
    const run = sampleRun('sse')
    const few = sampleRun('sse', { clients: { ...run.clients, requested: 100 } })
    const memoryFor = (users: number) =>
      of(ask({ users }, [sampleResult({ runs: [few] })]), 'sse').estimate?.serverMemoryBytes
    assert.deepEqual([memoryFor(50_000), memoryFor(100)], [null, 95_000_000])
  })

  it('gives a poller the largest interval that is short enough', () => {
    const poll = of(ask(), 'short-poll')
    // Its sample has a p99 of 993 ms at 1 s: 3 ms beside the interval.
    assert.equal(poll.intervalMs, 500)
    assert.equal(Math.round(poll.latencyUs ?? 0), 498_000)
    assert.equal(poll.status, 'suitable')
    assert.equal(poll.estimate?.requestsPerUserPerDay, 172_800)
    // Twice the requests of what was measured cost twice.
    assert.equal(poll.estimate?.serverCores?.toFixed(2), '0.42')
    assert.equal(of(ask(within(500)), 'short-poll').status, 'too-slow')
  })

  it('lets a rare question fetch all events since the last one', () => {
    const bytesAt = (eventsPerUserPerSecond: number) => {
      const advice = ask({ ...within(10_000_000), eventsPerUserPerSecond })
      return Math.round(of(advice, 'short-poll').estimate?.bytesPerSecond ?? 0)
    }
    // Of 70,000 bytes a second 100 events of 128 bytes: the rest is by requests, a tenth of them.
    assert.equal(bytesAt(0.1), 5_720 + 12_800)
    assert.equal(bytesAt(1), 5_720 + 128_000)
  })

  it('does not let a server pass on more events for nothing, where it is asked rarely', () => {
    const coresAt = (latencyUs: number, eventsPerUserPerSecond: number) =>
      of(ask({ ...within(latencyUs), eventsPerUserPerSecond }), 'short-poll').estimate?.serverCores
    // A tenth of the requests, for as many events and for twice as many.
    assert.equal(coresAt(10_000_000, 0.1)?.toFixed(3), '0.210')
    assert.equal(coresAt(10_000_000, 0.2)?.toFixed(3), '0.420')
    assert.equal(coresAt(10_000_000, 0.01)?.toFixed(3), '0.021')
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
      const more = (other?.bytesPerSecond ?? 0) - (one?.bytesPerSecond ?? 0)
      // 70 bytes a request, of 10,000 in the sample.
      assert.equal(Math.round(more), 35_000)
      assert.equal(((other?.serverCores ?? 0) - (one?.serverCores ?? 0)).toFixed(3), '0.105')
    }
    const { estimate } = of(sending, 'websocket')
    // Its messages are no requests, and no run tells what they take.
    assert.deepEqual(estimate, { ...of(silent, 'websocket').estimate, bytesAtLeast: true })
    assert.match(of(sending, 'sse').reasons.join(), /costed as one of a short poll/)

    const wordy = of(ask(chatty), 'sse')
    assert.match(wordy.reasons.join(), /not costed, as it is not known how often/)
    assert.equal(wordy.estimate?.bytesAtLeast, true)
    const alone = ask({ ...chatty, messagesPerUserPerSecond: 0.5 }, [
      sampleResult({ runs: [sampleRun('sse')] }),
    ])
    assert.match(of(alone, 'sse').reasons.join(), /not costed, as no valid run of short polling/)
    assert.equal(of(alone, 'sse').estimate?.requestsPerUserPerDay, 43_200)
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

  it('scales bytes of events alone, where another run tells those of silence', () => {
    // 100 bytes a second and client at 0.1 events a second, 28 at none: so 72 for 0.1 events.
    const run = sampleRun('sse')
    const durationMs = 15_000
    const wire = (bytes: number) => ({
      bytesReceived: bytes * 15_000,
      bytesSent: 0,
      bytesPerDelivery: 1,
    })
    const busy = { ...run, durationMs, wire: wire(100) }
    const silent: Run = {
      ...run,
      durationMs,
      wire: wire(28),
      latency: { ...run.latency, count: 0, p50Us: null, p99Us: null },
      throughput: { deliveriesPerSecond: 0, exchangesPerSecond: 0, bytesPerSecond: 28_000 },
    }
    const results = [sampleResult({ runs: [busy] }), sampleResult({ runs: [silent] })]
    const rare = of(ask({ eventsPerUserPerSecond: 0.01 }, results), 'sse')
    assert.deepEqual([rare.evidence?.silenceKnown, rare.estimate?.bytesAtLeast], [true, false])
    assert.equal(Math.round(rare.estimate?.bytesPerSecond ?? 0), (28 + 7.2) * 1_000)
    const alone = of(ask({ eventsPerUserPerSecond: 0.01 }, results.slice(0, 1)), 'sse')
    assert.deepEqual([alone.evidence?.silenceKnown, alone.estimate?.bytesAtLeast], [false, true])
    assert.equal(Math.round(alone.estimate?.bytesPerSecond ?? 0), 10_000)
    // At the rate that was measured its bytes are those measured.
    assert.equal(of(ask({}, results.slice(0, 1)), 'sse').estimate?.bytesAtLeast, false)
    // Heartbeats are 15 s apart: shorter windows have not seen them all.
    const short = results.map((result) => ({
      ...result,
      runs: result.runs.map((one) => ({ ...one, durationMs: 14_000 })),
    }))
    const unsure = of(ask({ eventsPerUserPerSecond: 0.01 }, short), 'sse')
    assert.deepEqual([unsure.evidence?.silenceKnown, unsure.estimate?.bytesAtLeast], [false, true])
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

  it('takes nobody for faster who may owe it to the instrument', () => {
    const same = about(100_000, bounded('sse', 2_000, 60_000), bounded('long-poll', 20_000, 21_000))
    assert.deepEqual([same.chosen, same.decided.map(({ by }) => by)], ['long-poll', ['complexity']])
    const apart = about(100_000, bounded('sse', 2_000, 3_000), bounded('long-poll', 20_000, 21_000))
    assert.deepEqual([apart.chosen, apart.decided.map(({ by }) => by)], ['sse', ['latency']])
  })
})
