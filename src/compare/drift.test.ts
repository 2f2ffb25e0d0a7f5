import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Result, Run } from '../result/document.ts'
import { type SampleTransport, sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { compareResults, type Judgement } from './compare.ts'

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
  readonly change: (run: Run, index: number) => Run
}

const PLAIN: Kind = { transport: 'sse', count: 6, change: (run) => run }

/** A few runs of a side that differ among themselves by a percent each. */
function side(
  { echo = 1, echoCpu = 1, latency = 1, cpu = 1, memory = 1 }: Pace,
  year: number,
  { transport, count, change }: Kind,
): Result {
  const { scenario } = sampleResult()
  const runs = Array.from({ length: count }, (_, index): Run => {
    const run = sampleRun(transport)
    const { host, server } = run
    assert.ok(server !== null)
    const by = 1 + index / 100
    return change(
      {
        ...run,
        repetition: index + 1,
        startedAt: `${year}-01-01T00:00:0${index}Z`,
        latency: { ...run.latency, p50Us: 5_000 * by * latency },
        connect: { ...run.connect, p99Us: 80_000 * by * latency },
        server: {
          ...server,
          cpuUsPerDelivery: 20 * by * cpu,
          rssBytesPerClient: 10_000 * by * memory,
        },
        host: { ...host, echoUs: 1_000 * by * echo, echoCpuUs: 80 * by * echoCpu },
      },
      index,
    )
  })
  return sampleResult({ scenario: { ...scenario, transports: [transport], repeat: count }, runs })
}

/** Of each side's runs, those from here on have no echo. */
function withoutEchoFrom(first: number): Kind['change'] {
  return (run, index) =>
    index < first ? run : { ...run, host: { ...run.host, echoUs: null, echoCpuUs: null } }
}

interface Judged {
  readonly find: (metric: string) => Judgement
  readonly warnings: readonly string[]
}

function judged(candidate: Pace, kind: Partial<Kind> = {}): Judged {
  const both = { ...PLAIN, ...kind }
  const sides = [side({}, 2027, both), side(candidate, 2028, both)] as const
  const { judgements, warnings } = compareResults([sides[0]], [sides[1]])
  const find = (metric: string): Judgement => {
    const found = judgements.find((one) => one.metric === metric)
    assert.ok(found !== undefined, metric)
    return found
  }
  return { find, warnings }
}

describe('a machine that changed its pace', () => {
  it('takes the blame for a latency that grew no more than its echo did', () => {
    const { find, warnings } = judged({ echo: 1.2, latency: 1.25 })
    const one = find('latency.p50Us')
    assert.deepEqual(
      [one.verdict, one.reason],
      ['inconclusive', 'inconclusive: the machine itself was 20 % slower, which leaves 4.2 %'],
    )
    assert.ok((one.pValue ?? 1) < 0.05)
    assert.deepEqual(warnings, [
      "not the same pace: the machine's own echo took 20 % more time: as much of a change may be the machine's",
    ])
  })

  it('does not hide what grew by more than that', () => {
    assert.equal(judged({ echo: 1.2, latency: 1.5 }).find('latency.p50Us').verdict, 'regressed')
  })

  it('is not credited with what went the other way', () => {
    assert.equal(judged({ echo: 1.2, latency: 0.7 }).find('latency.p50Us').verdict, 'improved')
    assert.equal(judged({ echo: 0.8, latency: 1.3 }).find('latency.p50Us').verdict, 'regressed')
  })

  it('takes an improvement as well, when it was faster', () => {
    const one = judged({ echo: 0.8, latency: 0.8 }).find('latency.p50Us')
    assert.deepEqual(
      [one.verdict, one.reason],
      ['inconclusive', 'inconclusive: the machine itself was 20 % faster, which leaves 0 %'],
    )
  })

  it('moves CPU time by the CPU time of its echo, and no memory', () => {
    const { find } = judged({ echo: 1.2, cpu: 1.2, memory: 1.2 })
    assert.equal(find('server.totalCpuUsPerDelivery').verdict, 'regressed')
    const slow = judged({ echoCpu: 1.2, cpu: 1.2, memory: 1.2 })
    assert.equal(slow.find('server.totalCpuUsPerDelivery').verdict, 'inconclusive')
    assert.equal(slow.find('server.rssBytesPerClient').verdict, 'regressed')
    assert.match(slow.warnings.join(), /echo took 20 % more CPU time:/)
  })

  it('is told only where it counts', () => {
    assert.deepEqual(judged({ echo: 1.09, echoCpu: 0.91 }).warnings, [])
  })

  it('is no other where its echoes differ by chance alone', () => {
    const noisy = (run: Run, index: number): Run => ({
      ...run,
      host: { ...run.host, echoUs: (run.host.echoUs ?? 0) * (index % 2 === 0 ? 1 : 1.3) },
    })
    const one = judged({ echo: 1.04, latency: 1.15 }, { change: noisy }).find('latency.p50Us')
    assert.equal(one.verdict, 'regressed')
  })

  it('is not known by few echoes, or none', () => {
    const slow = { echo: 1.2, latency: 1.25 }
    assert.equal(judged(slow, { count: 5 }).find('latency.p50Us').verdict, 'inconclusive')
    const some = judged(slow, { change: withoutEchoFrom(5) })
    assert.equal(some.find('latency.p50Us').verdict, 'regressed')
    assert.deepEqual(some.warnings, [
      "baseline: 1 run without an echo: the machine's own pace is not known",
      "candidate: 1 run without an echo: the machine's own pace is not known",
    ])
    const none = judged(slow, { change: withoutEchoFrom(0) })
    assert.equal(none.find('latency.p50Us').verdict, 'regressed')
    assert.deepEqual(none.warnings, [])
    const old = judged(slow, {
      change: (run) => ({ ...run, host: { cpuUtilisation: 0.3, sharedWithServer: true } }),
    })
    assert.deepEqual([old.find('latency.p50Us').verdict, old.warnings], ['regressed', []])
  })

  it('moves no latency of a server on another host, but the CPU time spent here', () => {
    const remote = (run: Run): Run => ({ ...run, host: { ...run.host, sharedWithServer: false } })
    const pace = { echo: 1.2, echoCpu: 1.2, latency: 1.25, cpu: 1.25 }
    const { find } = judged(pace, { change: remote })
    assert.equal(find('latency.p50Us').verdict, 'regressed')
    assert.equal(find('server.totalCpuUsPerDelivery').verdict, 'inconclusive')
  })

  it('moves no latency that is the wait for an interval, but the time to connect', () => {
    const pace = { echo: 1.2, latency: 1.25 }
    const { find } = judged(pace, { transport: 'short-poll' })
    assert.equal(find('latency.p50Us').verdict, 'regressed')
    assert.equal(find('connect.p99Us').verdict, 'inconclusive')
  })

  it('is not known against a side that is older than echoes, which is told', () => {
    const old = side({}, 2027, { ...PLAIN, change: withoutEchoFrom(0) })
    const { warnings } = compareResults([old], [side({ echo: 1.2 }, 2028, PLAIN)])
    assert.deepEqual(warnings, [
      "baseline: 6 runs without an echo: the machine's own pace is not known",
    ])
  })

  it('is not told where no time is judged', () => {
    const sides = [side({}, 2027, PLAIN), side({ echo: 2 }, 2028, PLAIN)] as const
    const other = { ...sides[1], environment: { ...sides[1].environment, cores: 64 } }
    const { warnings } = compareResults([sides[0]], [other])
    assert.equal(warnings.length, 1)
    assert.match(warnings[0] ?? '', /^not the same machine/)
  })
})
