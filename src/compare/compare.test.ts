import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RtbenchError } from '../error.ts'
import type { Result, Run } from '../result/document.ts'
import { type SampleTransport, sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { sampleSweep } from '../result/sample-sweep.conformance.ts'
import { compareResults, type Judgement } from './compare.ts'

function times({ p50Us, p99Us, ...latency }: Run['latency'], factor: number): Run['latency'] {
  return { ...latency, p50Us: (p50Us ?? 0) * factor, p99Us: (p99Us ?? 0) * factor }
}

/** Repetitions that differ a little, in a known way. */
function repeated(count: number, change: (run: Run, index: number) => Run = (run) => run): Result {
  const { scenario } = sampleResult()
  const runs = Array.from({ length: count }, (_, index) =>
    scenario.transports.map((transport) => {
      const run = sampleRun(transport as SampleTransport)
      const latency = { ...times(run.latency, 1 + index / 200), histogram: '' }
      const startedAt = new Date(1.7e12 + index).toISOString()
      // The machine kept its pace.
      const host = { ...run.host, echoUs: 1_000 + index, echoCpuUs: 80 + index / 10 }
      return change({ ...run, repetition: index + 1, startedAt, host, latency }, index)
    }),
  ).flat()
  return sampleResult({ scenario: { ...scenario, repeat: count }, runs })
}

/** The same later, so that no run is on both sides. */
function later(result: Result): Result {
  return {
    ...result,
    runs: result.runs.map((run) => ({ ...run, startedAt: `2027${run.startedAt.slice(4)}` })),
  }
}

const P50 = 'latency.p50Us'
const CPU = 'server.totalCpuUsPerDelivery'

function find(judgements: readonly Judgement[], transport: string, metric: string): Judgement {
  const found = judgements.find((one) => one.transport === transport && one.metric === metric)
  assert.ok(found !== undefined, `${transport} ${metric}`)
  return found
}

const slower =
  (factor: number, transport = 'sse') =>
  (run: Run): Run =>
    run.transport === transport ? { ...run, latency: times(run.latency, factor) } : run

describe('compareResults', () => {
  it('finds a change of one metric of one transport, and says by how much', () => {
    const { judgements, verdict, warnings } = compareResults(
      [repeated(6)],
      [later(repeated(6, slower(1.5)))],
    )
    const one = find(judgements, 'sse', P50)
    assert.equal(one.verdict, 'regressed')
    assert.ok(Math.abs((one.change ?? 0) - 0.5) < 1e-9)
    assert.ok(one.interval !== null && one.interval[0] > 0.4 && one.interval[1] < 0.6)
    assert.ok(one.detectable !== null && one.detectable >= 0.1 && one.detectable < 0.2)
    assert.deepEqual([one.pValue, one.adjustedPValue], [null, null])
    assert.deepEqual(one.repetitions, [6, 6])
    assert.equal(find(judgements, 'websocket', P50).verdict, 'unchanged')
    const regressed = judgements.filter(
      ({ isJudged, verdict }) => isJudged && verdict === 'regressed',
    )
    assert.deepEqual([regressed.length, verdict, warnings], [1, 'regressed', []])
  })

  it('calls the contrary improved', () => {
    const { judgements, verdict } = compareResults([repeated(6, slower(1.5))], [later(repeated(6))])
    assert.equal(find(judgements, 'sse', P50).verdict, 'improved')
    assert.equal(verdict, 'improved')
  })

  it('calls a real change below the threshold unchanged, unless the threshold is lower', () => {
    const sides = [[repeated(8)], [later(repeated(8, slower(1.07)))]] as const
    const { judgements } = compareResults(...sides)
    const one = find(judgements, 'sse', P50)
    assert.deepEqual([one.verdict, one.reason], ['unchanged', 'surely within 10 %'])
    const strict = compareResults(...sides, { thresholdShare: 0.03 })
    assert.equal(find(strict.judgements, 'sse', P50).verdict, 'regressed')
  })

  it('judges the median latency and the CPU time, and other figures of repetitions where asked', () => {
    const sides = [[repeated(6)], [later(repeated(6, slower(1.5)))]] as const
    const judgedOf = (judge: readonly string[]): readonly string[] => {
      const { judgements } = compareResults(...sides, { judge })
      const own = judgements.filter(
        ({ transport, kind }) => transport === 'sse' && kind === 'noisy',
      )
      return own.filter(({ isJudged }) => isJudged).map(({ metric }) => metric)
    }
    assert.deepEqual(judgedOf([]), [P50, CPU])
    assert.deepEqual(judgedOf(['latency.p99Us']), [P50, 'latency.p99Us', CPU])
    // What is not judged has the verdict that it would have.
    const tail = find(compareResults(...sides).judgements, 'sse', 'latency.p99Us')
    assert.deepEqual([tail.isJudged, tail.verdict], [false, 'regressed'])
  })

  it('does not regress by what is not judged', () => {
    const tail = (run: Run): Run => ({
      ...run,
      latency: { ...run.latency, p99Us: (run.latency.p99Us ?? 0) * 2 },
    })
    const sides = [[repeated(6)], [later(repeated(6, tail))]] as const
    assert.equal(compareResults(...sides).verdict, 'unchanged')
    assert.equal(compareResults(...sides, { judge: ['latency.p99Us'] }).verdict, 'regressed')
  })

  it('judges no times where only what no machine decides is asked for', () => {
    const sides = [[repeated(6)], [later(repeated(6, slower(2)))]] as const
    const { judgements, verdict } = compareResults(...sides, { deterministicOnly: true })
    assert.equal(verdict, 'unchanged')
    assert.ok(
      judgements.every(({ kind, isJudged }) => isJudged === (kind === 'deterministic')),
      'noisy ones are shown alone',
    )
    assert.equal(find(judgements, 'sse', P50).verdict, 'regressed')
  })

  it('is surer by a greater level', () => {
    const sides = [[repeated(6)], [later(repeated(6, slower(1.5)))]] as const
    const at = (level: number): Judgement =>
      find(compareResults(...sides, { level }).judgements, 'sse', P50)
    assert.equal(at(0.003).verdict, 'regressed')
    assert.equal(at(0.001).reason, 'needs 7 runs on either side and more, has 6 and 6')
  })

  it('only shows requests and bytes of which speed decides', () => {
    const asked = (emptyRatio: number): Result => {
      const result = repeated(6, (run) =>
        run.transport === 'short-poll'
          ? { ...run, exchanges: { ...run.exchanges, emptyRatio } }
          : run,
      )
      return { ...result, scenario: { ...result.scenario, intervalMs: 0 } }
    }
    const { judgements, verdict } = compareResults([asked(0.1)], [later(asked(0.2))])
    for (const metric of ['exchanges.emptyRatio', 'wire.bytesPerDelivery']) {
      const one = find(judgements, 'short-poll', metric)
      assert.deepEqual([one.kind, one.isJudged], ['noisy', false])
    }
    assert.equal(verdict, 'unchanged')
  })

  it('says what it needs where there are too few repetitions, and judges the rest', () => {
    const { judgements, verdict } = compareResults([repeated(5)], [later(repeated(3, slower(3)))], {
      level: 0.01,
    })
    const one = find(judgements, 'sse', P50)
    assert.equal(one.verdict, 'inconclusive')
    assert.equal(one.reason, 'needs 5 runs on either side and more, has 5 and 3')
    assert.deepEqual([one.interval, one.detectable, one.pValue], [null, null, null])
    assert.equal(find(judgements, 'sse', 'wire.bytesPerDelivery').verdict, 'unchanged')
    assert.equal(verdict, 'inconclusive')
  })

  it('takes the results of a side together', () => {
    const singles = Array.from({ length: 5 }, (_, index) => ({
      ...repeated(5),
      runs: repeated(5).runs.filter(({ repetition }) => repetition === index + 1),
    }))
    const { judgements } = compareResults(singles, [later(repeated(5))])
    assert.deepEqual(find(judgements, 'sse', P50).repetitions, [5, 5])
  })

  it('does not count invalid, partial, interrupted and repeated runs, and says so', () => {
    const marred = repeated(10, (run, index) => {
      if (run.transport !== 'sse') return run
      const reason = { code: 'slip', message: 'late', value: 1, limit: 0 }
      const validity = {
        verdict: 'invalid' as const,
        reasons: [{ ...reason, severity: 'invalid' as const }],
      }
      if (index === 0 || index === 1) return { ...run, validity }
      if (index === 2) return { ...run, partial: true }
      return index === 3 ? { ...run, partial: true, interrupted: true } : run
    })
    const { judgements, warnings } = compareResults([marred, marred], [later(repeated(10))])
    assert.deepEqual(find(judgements, 'sse', P50).repetitions, [6, 10])
    assert.deepEqual(warnings, [
      'baseline: Server-Sent Events: 2 runs counted for faults alone (invalid: slip)',
      'baseline: Server-Sent Events: 1 run not counted (partial)',
      'baseline: Server-Sent Events: 1 run not counted (interrupted)',
      'baseline: 40 runs given twice, counted once',
    ])
  })

  it('is inconclusive where no run of a transport counts', () => {
    const lost = repeated(5, (run) => (run.transport === 'sse' ? { ...run, partial: true } : run))
    const { judgements, verdict, warnings } = compareResults([repeated(5)], [later(lost)])
    const own = judgements.filter(({ transport }) => transport === 'sse')
    assert.equal(find(own, 'sse', 'delivery.lost').verdict, 'inconclusive')
    const reasons = new Set(own.map(({ reason }) => reason))
    assert.deepEqual([...reasons], ['no run of the candidate that counts has it'])
    assert.deepEqual([...new Set(own.map(({ verdict }) => verdict))], ['inconclusive'])
    assert.equal(verdict, 'inconclusive')
    assert.ok(
      warnings.includes('Server-Sent Events is not compared: no run of it counts in the candidate'),
    )
  })

  it('tells runs that are on both sides', () => {
    const { warnings } = compareResults([repeated(5)], [repeated(5)])
    assert.deepEqual(warnings, ['both sides are the same result: it is compared with itself'])
  })

  it('tells sides that repeat one schedule each', () => {
    const { scenario } = sampleResult()
    const other = { ...later(repeated(5)), scenario: { ...scenario, seed: 43 } }
    assert.match(
      compareResults([repeated(5)], [other]).warnings.join(),
      /one schedule, of seed 42 and 43/,
    )
    const varied = later(repeated(5, (run, index) => ({ ...run, seed: 42 + index })))
    assert.deepEqual(compareResults([repeated(5)], [varied]).warnings, [])
  })
})

describe('what may be compared', () => {
  const refused = (candidate: Result, message: RegExp): void => {
    assert.throws(
      () => compareResults([sampleResult()], [candidate]),
      (error: unknown) =>
        error instanceof RtbenchError && error.code === 'usage' && message.test(error.message),
    )
  }
  const { scenario, environment } = sampleResult()

  it('is one scenario', () => {
    const other = (changes: Partial<Result['scenario']>): Result =>
      sampleResult({ scenario: { ...scenario, ...changes } })
    refused(other({ clients: 500 }), /^the scenarios differ: clients 1000 and 500; measure both/)
    refused(
      other({ holdMs: 8_000, payloadBytes: 4_096 }),
      /^the scenarios differ: payload 128B and 4KiB; hold 30s and 8s; measure both/,
    )
    refused(other({ channels: 1, rate: 2 }), /channels per-client and 1; rate 0.1 and 2/)
    refused(other({ url: 'http://127.0.0.1:1' }), /url none and http/)
    refused(other({ engine: 'library' }), /engine lean and library/)
    const described = (path: string, headers: Record<string, string>): Result =>
      other({
        url: 'http://127.0.0.1:1',
        target: { publish: null, endpoints: { sse: { path, headers } } },
      })
    const before = described('/e?token=old', { Cookie: 'old', 'X-Tenant': 'old' })
    compareResults([before], [described('/e?token=***', { Cookie: '***', 'X-Tenant': '***' })])
    assert.throws(
      () => compareResults([before], [described('/f?token=old', { Cookie: 'old' })]),
      (error: unknown) =>
        error instanceof RtbenchError &&
        /differ: target/.test(error.message) &&
        !/old/.test(error.message),
    )
    for (const free of [{ name: 'x' }, { seed: 9 }, { repeat: 7 }, { thresholds: ['lost==0'] }]) {
      compareResults([sampleResult()], [other(free)])
    }
  })

  it('has results, and a transport on both sides', () => {
    assert.throws(() => compareResults([], [sampleResult()]), /no result/)
    const [sse, websocket] = (['sse', 'websocket'] as const).map((transport) =>
      sampleResult({ runs: [sampleRun(transport)] }),
    )
    assert.ok(sse !== undefined && websocket !== undefined)
    assert.throws(() => compareResults([sse], [websocket]), /no transport in common/)
  })

  for (const [field, value] of Object.entries({
    cores: 4,
    cpuModel: 'B',
    platform: 'darwin arm64',
  })) {
    it(`is noisy figures of one machine, by its ${field}, unless it is wanted`, () => {
      const elsewhere = {
        ...later(repeated(5, slower(2))),
        environment: { ...environment, [field]: value },
      }
      const { judgements, warnings, verdict } = compareResults([repeated(5)], [elsewhere])
      const one = find(judgements, 'sse', P50)
      assert.deepEqual([one.verdict, one.reason], ['inconclusive', 'measured on another machine'])
      assert.equal(find(judgements, 'sse', 'wire.bytesPerDelivery').verdict, 'unchanged')
      assert.match(warnings.join(), new RegExp(`not the same machine: ${field} .*--allow-mismatch`))
      assert.equal(verdict, 'inconclusive')
      const allowed = compareResults([repeated(5)], [elsewhere], { allowMismatch: true })
      assert.equal(find(allowed.judgements, 'sse', P50).verdict, 'regressed')
      assert.match(allowed.warnings.join(), /all the same/)
    })
  }

  it('may be of other software, which is told', () => {
    const upgraded = {
      ...later(repeated(5)),
      environment: { ...environment, node: '22.1.0', commit: 'x' },
    }
    const { warnings } = compareResults([repeated(5)], [upgraded])
    assert.deepEqual(warnings, ['not the same software: node 20.20.2 and 22.1.0'])
  })

  it('is the same memory within 5 %', () => {
    const memoryBytes = environment.memoryBytes * 1.01
    const grown = { ...later(repeated(5)), environment: { ...environment, memoryBytes } }
    assert.deepEqual(compareResults([repeated(5)], [grown]).warnings, [])
  })
})

describe('compareResults of sweeps', () => {
  /** Every run again later, as often as it takes to judge times. */
  function swept(count: number, change: (run: Run) => Run = (run) => run): Result[] {
    return Array.from({ length: count }, (_, index) => {
      const sample = sampleSweep()
      const runs = sample.runs.map((run) => {
        const startedAt = new Date(1.7e12 + index * 1000).toISOString()
        const host = { ...run.host, echoUs: 1_000 + index, echoCpuUs: 80 }
        return change({ ...run, startedAt, host, latency: times(run.latency, 1 + index / 100) })
      })
      return { ...sample, runs }
    })
  }
  const at =
    (point: number, change: (run: Run) => Run) =>
    (run: Run): Run =>
      run.point === point ? change(run) : run
  const twice = (run: Run): Run => ({ ...run, latency: times(run.latency, 2) })

  it('judges each value by its own runs', () => {
    const after = swept(4, at(2_000, twice)).map(later)
    const { judgements, verdict } = compareResults(swept(4), after)
    const regressed = judgements.filter((one) => one.isJudged && one.verdict === 'regressed')
    assert.deepEqual(
      regressed.map(({ metric, point, transportLabel }) => [metric, point, transportLabel]),
      [[P50, 2_000, 'Short polling at interval=2s']],
    )
    assert.equal(verdict, 'regressed')
  })

  it('holds the empty answers of each value against the theory of its own interval', () => {
    const { judgements } = compareResults(swept(1), swept(1).map(later))
    const empty = judgements.filter(
      ({ metric, point }) => metric === 'exchanges.emptyRatio' && point,
    )
    assert.equal(empty.length, 4)
    for (const { reason, point } of empty) {
      const theory = Number((Math.exp(-(point ?? 0) / 10_000) * 100).toFixed(1))
      assert.match(reason, new RegExp(`theory says ${theory} %`))
    }
  })

  it('does not compare a value that only one side has', () => {
    const [one] = swept(1).map(later)
    assert.ok(one !== undefined)
    const less = { ...one, runs: one.runs.filter(({ point }) => point !== 5_000) }
    const { verdict, warnings } = compareResults(swept(1), [less])
    assert.equal(verdict, 'inconclusive')
    assert.match(warnings.join('\n'), /Short polling at interval=5s is not compared/)
  })

  it('refuses a sweep on one side, and sweeps of two keys', () => {
    const { sweep: _, ...plain } = sampleSweep()
    const other = { ...sampleSweep(), sweep: { key: 'hold', unit: 'ms', values: [1] } } as const
    for (const [result, message] of [
      [plain, /the sweeps differ: interval and none/],
      [other, /the sweeps differ: interval and hold/],
    ] as const) {
      assert.throws(() => compareResults(swept(1), [result]), message)
    }
  })
})
