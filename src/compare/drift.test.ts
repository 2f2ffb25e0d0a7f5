import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Result, Run } from '../result/document.ts'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { compareResults, type Judgement } from './compare.ts'

/** What one side's machine and server are like: factors of the sample's figures. */
interface Pace {
  /** Null: no echo was measured. */
  readonly echo?: number | null
  readonly echoCpu?: number
  readonly latency?: number
  readonly cpu?: number
  readonly memory?: number
  readonly year?: number
}

/** Six runs that differ among themselves by a percent each. */
function side({
  echo = 1,
  echoCpu = 1,
  latency = 1,
  cpu = 1,
  memory = 1,
  year = 2027,
}: Pace = {}): Result {
  const { scenario } = sampleResult()
  const runs = Array.from({ length: 6 }, (_, index): Run => {
    const run = sampleRun('sse')
    const { host, server } = run
    assert.ok(server !== null)
    const by = 1 + index / 100
    return {
      ...run,
      repetition: index + 1,
      startedAt: `${year}-01-01T00:00:0${index}Z`,
      latency: { ...run.latency, p50Us: 5_000 * by * latency },
      server: {
        ...server,
        cpuUsPerDelivery: 20 * by * cpu,
        rssBytesPerClient: 10_000 * by * memory,
      },
      host: {
        ...host,
        echoUs: echo === null ? null : 1_000 * by * echo,
        echoCpuUs: echo === null ? null : 80 * by * echoCpu,
      },
    }
  })
  return sampleResult({ scenario: { ...scenario, transports: ['sse'], repeat: 6 }, runs })
}

function judged(candidate: Pace): {
  find: (metric: string) => Judgement
  warnings: readonly string[]
} {
  const { judgements, warnings } = compareResults([side()], [side({ year: 2028, ...candidate })])
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
      ['inconclusive', 'inconclusive: the machine itself was 20 % slower'],
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
      ['inconclusive', 'inconclusive: the machine itself was 20 % faster'],
    )
  })

  it('moves CPU time by the CPU time of its echo, and no memory', () => {
    const { find } = judged({ echo: 1.2, cpu: 1.2, memory: 1.2 })
    assert.equal(find('server.cpuUsPerDelivery').verdict, 'regressed')
    const slow = judged({ echoCpu: 1.2, cpu: 1.2, memory: 1.2 })
    assert.equal(slow.find('server.cpuUsPerDelivery').verdict, 'inconclusive')
    assert.equal(slow.find('server.rssBytesPerClient').verdict, 'regressed')
    assert.match(slow.warnings.join(), /echo took 20 % more CPU time:/)
  })

  it('is told only where it counts, and not known without echoes', () => {
    assert.deepEqual(judged({ echo: 1.09, echoCpu: 0.91 }).warnings, [])
    const blind = judged({ echo: null, latency: 1.25 })
    assert.equal(blind.find('latency.p50Us').verdict, 'regressed')
    assert.deepEqual(blind.warnings, [])
  })
})
