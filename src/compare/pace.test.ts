import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Result, Run } from '../result/document.ts'
import {
  type SampleTransport,
  sampleLatency,
  sampleResult,
  sampleRun,
} from '../result/sample.conformance.ts'
import { type CompareOptions, compareResults, type Judgement } from './compare.ts'

/** What one side's machine and server are like: factors of the sample's figures. */
interface Pace {
  readonly echo?: number
  readonly echoCpu?: number
  readonly latency?: number
  readonly cpu?: number
  readonly memory?: number
}

/** What both sides are. */
interface Kind {
  readonly transport: SampleTransport
  readonly count: number
  /** Each run of a side right before or after that of the other. */
  readonly isInTurn: boolean
  readonly change: (run: Run, index: number) => Run
  readonly options: Partial<CompareOptions>
}

const PLAIN: Kind = {
  transport: 'sse',
  count: 6,
  isInTurn: false,
  change: (run) => run,
  options: {},
}

/** A few runs of a side that differ among themselves by half a percent each. */
function side(
  { echo = 1, echoCpu = 1, latency = 1, cpu = 1, memory = 1 }: Pace,
  which: 0 | 1,
  { transport, count, isInTurn, change }: Kind,
): Result {
  const { scenario } = sampleResult()
  const runs = Array.from({ length: count }, (_, index): Run => {
    const run = sampleRun(transport)
    const { host, server } = run
    assert.ok(server !== null)
    const by = 1 + index / 200
    const minute = isInTurn ? 2 * index + which : index + which * count
    const figures = {
      ...run,
      repetition: index + 1,
      startedAt: new Date(1.7e12 + minute * 60_000).toISOString(),
      latency: { ...run.latency, p50Us: 5_000 * by * latency },
      connect: { ...run.connect, p99Us: 80_000 * by * latency },
      server: {
        ...server,
        cpuUsPerDelivery: 20 * by * cpu,
        rssBytesPerClient: 10_000 * by * memory,
      },
      host: { ...host, echoUs: 1_000 * by * echo, echoCpuUs: 80 * by * echoCpu },
    }
    return change(figures, index)
  })
  return sampleResult({ scenario: { ...scenario, transports: [transport], repeat: count }, runs })
}

type Find = (metric: string) => Judgement

function judged(candidate: Pace, kind: Partial<Kind> = {}): Find {
  const both = { ...PLAIN, ...kind }
  const sides = [side({}, 0, both), side(candidate, 1, both)] as const
  const { judgements } = compareResults([sides[0]], [sides[1]], both.options)
  return (metric) => judgements.find((one) => one.metric === metric) ?? assert.fail(metric)
}

const P50 = 'latency.p50Us'
const CPU = 'server.totalCpuUsPerDelivery'
const MEMORY = 'server.rssBytesPerClient'

const withoutEcho = (run: Run): Run => ({
  ...run,
  host: { ...run.host, echoUs: null, echoCpuUs: null },
})

describe('a machine that changed its pace', () => {
  it('takes the blame for a latency that grew no more than its echo did', () => {
    const one = judged({ echo: 1.2, latency: 1.25 })(P50)
    assert.equal(one.verdict, 'inconclusive')
    assert.match(
      one.reason,
      /^the machine itself took 20 % more, so that a change of more than 10 %/,
    )
  })

  it('does not hide what grew by more than that', () => {
    assert.equal(judged({ echo: 1.2, latency: 1.5 })(P50).verdict, 'regressed')
  })

  it('is no excuse for what went the other way', () => {
    assert.equal(judged({ echo: 1.2, latency: 0.7 })(P50).verdict, 'improved')
    assert.equal(judged({ echo: 0.8, latency: 1.3 })(P50).verdict, 'regressed')
  })

  it('takes an improvement as well, when it was faster', () => {
    const one = judged({ echo: 0.8, latency: 0.8 })(P50)
    assert.equal(one.verdict, 'inconclusive')
    assert.match(one.reason, /^the machine itself took 20 % less, /)
  })

  it('moves CPU time by the CPU time of its echo, and no memory', () => {
    const find = judged({ echo: 1.2, cpu: 1.2, memory: 1.2 })
    assert.equal(find(CPU).verdict, 'regressed')
    const slow = judged({ echoCpu: 1.2, cpu: 1.2, memory: 1.2 })
    assert.equal(slow(CPU).verdict, 'inconclusive')
    assert.equal(slow(MEMORY).verdict, 'regressed')
  })

  it('moves no latency that is the wait for an interval, but the time to connect', () => {
    const find = judged({ echo: 1.2, latency: 1.25 }, { transport: 'short-poll' })
    assert.equal(find(P50).verdict, 'regressed')
    assert.equal(find('connect.p99Us').verdict, 'inconclusive')
  })

  it('does not matter to runs that were measured in turn', () => {
    const find = judged({ echo: 1.2, latency: 1.25 }, { isInTurn: true })
    assert.deepEqual([find(P50).verdict, find(P50).isPaired], ['regressed', true])
  })
})

describe('a machine of which nobody knows the pace', () => {
  const UNKNOWN = /^measured at other times, and how fast the machine was then is not known: /

  it('leaves times untold, and says what to do; memory is judged', () => {
    for (const pace of [{}, { latency: 3, cpu: 3 }]) {
      const find = judged({ ...pace, memory: 1.2 }, { change: withoutEcho })
      for (const metric of [P50, CPU]) {
        assert.equal(find(metric).verdict, 'inconclusive')
        assert.match(find(metric).reason, UNKNOWN)
        assert.match(find(metric).reason, /--repeat.*rtbench ci --against.*--allow-mismatch/)
        assert.deepEqual([find(metric).interval, find(metric).moreRunsTell], [null, false])
      }
      assert.equal(find(MEMORY).verdict, 'regressed')
    }
    assert.ok(
      Math.abs((judged({ latency: 3 }, { change: withoutEcho })(P50).change ?? 0) - 2) < 1e-9,
    )
  })

  it('is that of a single run, too, and of a version that knew no echo', () => {
    const one = (run: Run, index: number): Run => (index === 3 ? withoutEcho(run) : run)
    assert.match(judged({}, { change: one })(P50).reason, UNKNOWN)
    const old = (run: Run): Run => ({
      ...run,
      host: { cpuUtilisation: 0.3, sharedWithServer: true },
    })
    assert.match(judged({}, { change: old })(P50).reason, UNKNOWN)
  })

  it('is judged all the same where that is wanted, or where both took turns', () => {
    const options = { allowMismatch: true }
    assert.equal(
      judged({ latency: 1.3 }, { change: withoutEcho, options })(P50).verdict,
      'regressed',
    )
    assert.equal(judged({}, { change: withoutEcho, options })(P50).verdict, 'unchanged')
    const pairs = { change: withoutEcho, isInTurn: true }
    assert.equal(judged({ latency: 1.3 }, pairs)(P50).verdict, 'regressed')
    assert.equal(judged({}, pairs)(P50).verdict, 'unchanged')
  })

  it('does not matter to who waits for an interval, but to the CPU time', () => {
    const find = judged({ latency: 1.3 }, { change: withoutEcho, transport: 'short-poll' })
    assert.equal(find(P50).verdict, 'regressed')
    assert.match(find(CPU).reason, UNKNOWN)
  })

  it('is that of a server on another host, but not of the CPU time spent here', () => {
    const remote = (run: Run): Run => ({ ...run, host: { ...run.host, sharedWithServer: false } })
    const find = judged({ latency: 1.3, cpu: 1.3 }, { change: remote })
    assert.match(find(P50).reason, /how fast the machine of the server was then is not known/)
    assert.equal(find(CPU).verdict, 'regressed')
  })

  it('is not what is missing first of one run a side', () => {
    const find = judged({ latency: 3 }, { count: 1, change: withoutEcho })
    assert.equal(find(P50).reason, 'needs 4 runs on either side and more, has 1 and 1')
  })
})

describe('runs that were measured in turn', () => {
  it('lose a figure with their partner where one of them has none', () => {
    const change = (run: Run, index: number): Run =>
      index === 2 ? { ...run, latency: { ...run.latency, p50Us: null } } : run
    const both = { ...PLAIN, isInTurn: true, count: 7 }
    const sides = [side({}, 0, { ...both, change }), side({ latency: 1.3 }, 1, both)] as const
    const { judgements } = compareResults([sides[0]], [sides[1]])
    const one = judgements.find(({ metric }) => metric === P50)
    assert.deepEqual([one?.verdict, one?.isPaired], ['regressed', true])
    const few = [side({}, 0, { ...both, count: 6, change }), side({}, 1, { ...both, count: 6 })]
    const [before, after] = few
    assert.ok(before !== undefined && after !== undefined)
    const less = compareResults([before], [after]).judgements.find(({ metric }) => metric === P50)
    assert.equal(
      less?.reason,
      'needs 6 pairs of runs and more, has 5; 1 pair not counted, late or without it',
    )
  })

  it("leave out a latency of which nobody knows how much is the instrument's, with its partner", () => {
    const bounded = (run: Run): Run => ({ ...run, latencyLowerBound: run.latency })
    const late = (run: Run, index: number): Run =>
      index > 1
        ? bounded(run)
        : {
            ...run,
            latency: { ...run.latency, p50Us: 900_000 },
            latencyLowerBound: sampleLatency(10, 20),
            validity: {
              verdict: 'invalid',
              reasons: [{ code: 'busy', severity: 'invalid', message: '', value: 1, limit: 0 }],
            },
          }
    const both = { ...PLAIN, isInTurn: true, count: 10 }
    const before = side({}, 0, { ...both, change: bounded })
    const after = side({}, 1, { ...both, change: late })
    const { judgements } = compareResults([before], [after])
    const find: Find = (metric) =>
      judgements.find((one) => one.metric === metric) ?? assert.fail(metric)
    assert.equal(find(P50).verdict, 'unchanged')
    // What CPU time they took is not in doubt.
    assert.equal(find(CPU).verdict, 'unchanged')
    // Where that is all of them, nothing is known.
    const all = (run: Run): Run => late(run, 0)
    const { judgements: blind } = compareResults([before], [side({}, 1, { ...both, change: all })])
    const one = blind.find(({ metric }) => metric === P50)
    assert.deepEqual(
      [one?.verdict, one?.reason, one?.moreRunsTell],
      [
        'inconclusive',
        'needs 6 pairs of runs and more, has 0; 10 pairs not counted, late or without it',
        true,
      ],
    )
  })
})
