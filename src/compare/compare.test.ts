import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RtbenchError } from '../error.ts'
import type { Result, Run } from '../result/document.ts'
import { type SampleTransport, sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { sampleSweep } from '../result/sample-sweep.conformance.ts'
import { compareResults, type Judgement } from './compare.ts'

/** Repetitions that differ a little, in a known way. */
function repeated(count: number, change: (run: Run, index: number) => Run = (run) => run): Result {
  const { scenario } = sampleResult()
  const runs = Array.from({ length: count }, (_, index) =>
    scenario.transports.map((transport) => {
      const run = sampleRun(transport as SampleTransport)
      const scale = 1 + index / 100
      const { latency } = run
      const moved = { ...latency, p99Us: (latency.p99Us ?? 0) * scale, histogram: '' }
      const startedAt = new Date(1.7e12 + index).toISOString()
      return change({ ...run, repetition: index + 1, startedAt, latency: moved }, index)
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

function find(judgements: readonly Judgement[], transport: string, metric: string): Judgement {
  const found = judgements.find((one) => one.transport === transport && one.metric === metric)
  assert.ok(found !== undefined, `${transport} ${metric}`)
  return found
}

const slower =
  (factor: number, transport = 'sse') =>
  (run: Run): Run =>
    run.transport === transport
      ? { ...run, latency: { ...run.latency, p99Us: (run.latency.p99Us ?? 0) * factor } }
      : run

describe('compareResults', () => {
  it('finds a change of one metric of one transport, and says by how much', () => {
    const { judgements, verdict, warnings } = compareResults(
      [repeated(6)],
      [later(repeated(6, slower(1.5)))],
    )
    const one = find(judgements, 'sse', 'latency.p99Us')
    assert.equal(one.verdict, 'regressed')
    assert.ok(Math.abs((one.change ?? 0) - 0.5) < 1e-9)
    assert.ok(one.interval !== null && one.interval[0] > 0.4 && one.interval[1] < 0.6)
    assert.ok((one.pValue ?? 1) < 0.01 && (one.adjustedPValue ?? 1) < 0.05)
    assert.deepEqual(one.repetitions, [6, 6])
    assert.equal(find(judgements, 'websocket', 'latency.p99Us').verdict, 'unchanged')
    const regressed = judgements.filter((judgement) => judgement.verdict === 'regressed')
    assert.deepEqual([regressed.length, verdict, warnings], [1, 'regressed', []])
  })

  it('calls the contrary improved', () => {
    const { judgements, verdict } = compareResults([repeated(6, slower(1.5))], [later(repeated(6))])
    assert.equal(find(judgements, 'sse', 'latency.p99Us').verdict, 'improved')
    assert.equal(verdict, 'improved')
  })

  it('calls a real change below the threshold unchanged, unless the threshold is lower', () => {
    const sides = [[repeated(8)], [later(repeated(8, slower(1.08)))]] as const
    const { judgements } = compareResults(...sides)
    const one = find(judgements, 'sse', 'latency.p99Us')
    assert.equal(one.verdict, 'unchanged')
    assert.match(one.reason, /not by chance, but not by more than 10 %/)
    const strict = compareResults(...sides, { thresholdShare: 0.05 })
    assert.equal(find(strict.judgements, 'sse', 'latency.p99Us').verdict, 'regressed')
  })

  it('takes half a point of an empty ratio for none, where speed decides over it', () => {
    const asked = (emptyRatio: number): Result => {
      const result = repeated(6, (run) => ({ ...run, exchanges: { ...run.exchanges, emptyRatio } }))
      return { ...result, scenario: { ...result.scenario, intervalMs: 0 } }
    }
    const verdictAt = (emptyRatio: number): string => {
      const { judgements } = compareResults([asked(0.001)], [later(asked(emptyRatio))])
      return find(judgements, 'short-poll', 'exchanges.emptyRatio').verdict
    }
    assert.equal(verdictAt(0.005), 'unchanged')
    assert.equal(verdictAt(0.007), 'regressed')
  })

  it('says what it needs where there are too few repetitions, and judges the rest', () => {
    const { judgements, verdict } = compareResults([repeated(10)], [later(repeated(4, slower(3)))])
    const one = find(judgements, 'sse', 'latency.p99Us')
    assert.equal(one.verdict, 'inconclusive')
    assert.match(one.reason, /^inconclusive: needs ≥ 5 repetitions on either side, has 10 and 4$/)
    assert.deepEqual([one.interval, one.pValue], [null, null])
    assert.equal(find(judgements, 'sse', 'wire.bytesPerDelivery').verdict, 'unchanged')
    assert.equal(verdict, 'inconclusive')
  })

  it('takes the results of a side together', () => {
    const singles = Array.from({ length: 5 }, (_, index) => ({
      ...repeated(5),
      runs: repeated(5).runs.filter(({ repetition }) => repetition === index + 1),
    }))
    const { judgements } = compareResults(singles, [later(repeated(5))])
    assert.deepEqual(find(judgements, 'sse', 'latency.p99Us').repetitions, [5, 5])
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
    assert.deepEqual(find(judgements, 'sse', 'latency.p99Us').repetitions, [6, 10])
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
    assert.ok(!judgements.some(({ transport }) => transport === 'sse'))
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
      const one = find(judgements, 'sse', 'latency.p99Us')
      assert.deepEqual(
        [one.verdict, one.reason],
        ['inconclusive', 'inconclusive: measured on another machine'],
      )
      assert.equal(find(judgements, 'sse', 'wire.bytesPerDelivery').verdict, 'unchanged')
      assert.match(warnings.join(), new RegExp(`not the same machine: ${field} .*--allow-mismatch`))
      assert.equal(verdict, 'inconclusive')
      const allowed = compareResults([repeated(5)], [elsewhere], { allowMismatch: true })
      assert.equal(find(allowed.judgements, 'sse', 'latency.p99Us').verdict, 'regressed')
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
        const { latency } = run
        const p99Us = (latency.p99Us ?? 0) * (1 + index / 100)
        return change({ ...run, startedAt, latency: { ...latency, p99Us } })
      })
      return { ...sample, runs }
    })
  }
  const at =
    (point: number, change: (run: Run) => Run) =>
    (run: Run): Run =>
      run.point === point ? change(run) : run
  const twice = ({ latency, ...run }: Run): Run => ({
    ...run,
    latency: { ...latency, p99Us: (latency.p99Us ?? 0) * 2 },
  })

  it('judges each value by its own runs', () => {
    const after = swept(3, at(2_000, twice)).map(later)
    const { judgements, verdict } = compareResults(swept(3), after)
    const regressed = judgements.filter((one) => one.verdict === 'regressed')
    assert.deepEqual(
      regressed.map(({ metric, point, transportLabel }) => [metric, point, transportLabel]),
      [['latency.p99Us', 2_000, 'Short polling at interval=2s']],
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
