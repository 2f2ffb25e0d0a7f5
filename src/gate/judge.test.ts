import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import type { Check } from '../report/check.ts'
import type { Result, Run } from '../result/document.ts'
import {
  type SampleTransport,
  sampleLatency,
  sampleResult,
  sampleRun,
} from '../result/sample.conformance.ts'
import { isTimed, type Judged, judge, type Look } from './judge.ts'

const LOOK: Look = {
  deterministicOnly: false,
  thresholdShare: 0.1,
  judge: [],
  allowInconclusive: false,
  level: 0.0125,
  isPaired: false,
  earlier: null,
}
const COUNTS: Look = { ...LOOK, deterministicOnly: true }
const PAIRS: Look = { ...LOOK, isPaired: true, level: 0.025 }

const P50 = 'Push latency p50'
const CPU = 'Server CPU, all, per delivery'

function result(run: Partial<Run> = {}, ...thresholds: readonly string[]): Result {
  const { scenario } = sampleResult()
  return sampleResult({
    runs: [sampleRun('websocket', run)],
    scenario: { ...scenario, thresholds },
  })
}

/** One side of some runs, each of them right beside that of the other side: 0 or 1. */
function side(
  which: 0 | 1,
  p50s: readonly number[],
  change: (run: Run, index: number) => Run = (run) => run,
  transport: SampleTransport = 'websocket',
): Result {
  const { scenario } = sampleResult()
  const runs = p50s.map((p50Us, i) => {
    const run = sampleRun(transport)
    return change(
      {
        ...run,
        repetition: i + 1,
        seed: i + 1,
        startedAt: new Date(1.7e12 + (2 * i + which) * 5_000).toISOString(),
        latency: { ...run.latency, p50Us },
        host: { ...run.host, echoUs: 1_000, echoCpuUs: 80 },
      },
      i,
    )
  })
  return sampleResult({ runs, scenario: { ...scenario, repeat: p50s.length } })
}

/** The same later, and at a stretch. */
function stored(p50s: readonly number[]): Result {
  const result = side(0, p50s)
  const runs = result.runs.map((run) => ({ ...run, startedAt: `2020${run.startedAt.slice(4)}` }))
  return { ...result, runs }
}

const times = (count: number, p50Us: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => p50Us * (1 + i / 1_000))

function find({ checks }: Judged, name: string): Check {
  return checks.find((check) => check.name === name) ?? assert.fail(name)
}

const HEAVIER = { wire: { bytesReceived: 800_000, bytesSent: 1, bytesPerDelivery: 344 } }
const { delivery } = sampleRun('websocket')
const LOSSY = { delivery: { ...delivery, delivered: 999, lost: 1, reach: 0.999 } }

describe('what is open', () => {
  const open = (run: Partial<Run>, look: Look): readonly string[] =>
    judge(result(run), result(), look).open

  it('is a count that regressed against a stored baseline, and a loss that may be chance', () => {
    assert.deepEqual(open({}, COUNTS), [])
    assert.deepEqual(open(HEAVIER, COUNTS), ['websocket'])
    assert.deepEqual(open(LOSSY, COUNTS), ['websocket'])
    assert.deepEqual(judge(result(HEAVIER), null, COUNTS).open, [])
  })

  it('is no count that regressed of a pair, of which both sides saw the same', () => {
    const look = { ...PAIRS, deterministicOnly: true }
    assert.deepEqual(open(HEAVIER, look), [])
    assert.deepEqual(open(LOSSY, look), ['websocket'])
  })

  it('is what more runs tell, and of pairs all that cannot be told', () => {
    const apart = (factor: number): Judged =>
      judge(side(1, times(8, 1_000 * factor)), stored(times(8, 1_000)), LOOK)
    assert.deepEqual(apart(1.1).open, ['websocket'])
    assert.deepEqual(apart(1.5).open, [])
    assert.deepEqual(apart(1).open, [])
    const few = (look: Look): Judged => judge(side(1, times(3, 900)), side(0, times(3, 900)), look)
    assert.deepEqual(few(PAIRS).open, ['websocket'])
    // Nothing more of a stored one will come, and of three it may be enough.
    assert.deepEqual(judge(side(1, times(3, 900)), stored(times(3, 900)), LOOK).open, ['websocket'])
    assert.deepEqual(judge(side(1, times(3, 900)), stored(times(2, 900)), LOOK).open, [])
  })

  it('is nothing that is not judged', () => {
    const tails = (run: Run, i: number): Run => ({
      ...run,
      latency: { ...run.latency, p99Us: 10_000 * (1 + (i % 3)) },
    })
    const [before, after] = [side(0, times(8, 900), tails), side(1, times(8, 900))]
    assert.deepEqual(judge(after, before, PAIRS).open, [])
    const asked = { ...PAIRS, judge: ['latency.p99Us'] }
    assert.deepEqual(judge(after, before, asked).open, ['websocket'])
  })

  it('is each technique once', () => {
    const both = (which: 0 | 1): Result => {
      const { runs, ...rest } = side(which, times(2, 900))
      return { ...rest, runs: [...runs, ...side(which, times(2, 900), undefined, 'sse').runs] }
    }
    assert.deepEqual(judge(both(1), both(0), PAIRS).open, ['websocket', 'sse'])
  })
})

describe('what an earlier look was sure of', () => {
  const look = (after: readonly number[], earlier: Judged | null, level = 0.025): Judged =>
    judge(side(1, after), side(0, times(after.length, 1_000)), { ...PAIRS, level, earlier })

  it('remains, with its figures, whatever came after', () => {
    const sure = look(times(8, 1_500), null)
    assert.equal(find(sure, P50).verdict, 'regressed')
    const later = look([...times(8, 1_500), ...times(22, 1_000)], sure)
    assert.equal(find(later, P50).verdict, 'regressed')
    assert.equal(find(later, P50).message, find(sure, P50).message)
    assert.deepEqual(later.open, [])
    // By itself it could not be told.
    assert.notEqual(
      find(look([...times(8, 1_500), ...times(22, 1_000)], null), P50).verdict,
      'regressed',
    )
    const unchanged = look(times(8, 1_000), null)
    assert.equal(find(look(times(20, 2_000), unchanged), P50).verdict, 'unchanged')
  })

  it('is forgotten where it could not be told', () => {
    const few = look(times(3, 1_500), null)
    assert.equal(find(few, P50).verdict, 'cannot tell')
    assert.equal(find(look(times(8, 1_500), few), P50).verdict, 'regressed')
  })

  it('is kept through several looks', () => {
    const first = look(times(8, 1_500), null)
    const second = look([...times(8, 1_500), ...times(12, 1_000)], first)
    const third = look([...times(8, 1_500), ...times(22, 1_000)], second)
    assert.equal(find(third, P50).message, find(first, P50).message)
  })

  it('is not kept of counts, which all runs tell together', () => {
    const before = result()
    const earlier = judge(result(HEAVIER), before, COUNTS)
    assert.equal(find(earlier, 'Bytes per delivery').verdict, 'regressed')
    const later = judge(result(), before, { ...COUNTS, earlier })
    assert.equal(find(later, 'Bytes per delivery').verdict, 'unchanged')
  })
})

describe('a check of what is compared', () => {
  it('has both figures, the change with its interval, the pairs and the reason', () => {
    const judged = judge(side(1, times(8, 1_500)), side(0, times(8, 1_000)), PAIRS)
    const { message, outcome, hasInterval } = find(judged, P50)
    assert.equal(
      message,
      '1 ms → 1.51 ms (+50 %; +50 % to +50 %), 8 pairs: surely by more than 10 %; a change of 10 % would have been found',
    )
    assert.deepEqual([outcome, hasInterval], ['failed', true])
    assert.deepEqual(find(judged, CPU).outcome, 'passed')
    assert.match(find(judged, CPU).message, /, 8 pairs: surely within 10 %/)
    assert.equal(find(judged, CPU).hasInterval, true)
  })

  it('counts the runs of either side where they are no pairs, and not one alone', () => {
    const judged = judge(side(1, times(8, 1_500)), stored(times(6, 1_000)), LOOK)
    assert.match(find(judged, P50).message, /, 6 and 8 runs: surely by more than 10 %/)
    const once = judge(result(HEAVIER), result(), COUNTS)
    assert.equal(
      find(once, 'Bytes per delivery').message,
      '172 B → 344 B (+100 %): by more than 1 %',
    )
  })

  it('is an error where it cannot be told, and none where that is allowed', () => {
    const few = (allowInconclusive: boolean): Check =>
      find(
        judge(side(1, times(3, 900)), side(0, times(3, 900)), { ...PAIRS, allowInconclusive }),
        P50,
      )
    const { outcome, verdict, message } = few(false)
    assert.deepEqual([outcome, verdict], ['errored', 'cannot tell'])
    assert.match(message, /, 3 pairs: needs 6 pairs of runs and more, has 3$/)
    assert.deepEqual([few(true).outcome, few(true).verdict], ['skipped', 'cannot tell'])
  })

  it('is skipped where it is not judged, with the figures all the same', () => {
    const judged = judge(side(1, times(8, 1_500)), side(0, times(8, 1_000)), PAIRS)
    const tail = find(judged, 'Push latency p99')
    assert.deepEqual(
      [tail.outcome, tail.verdict, tail.hasInterval],
      ['skipped', 'not judged', undefined],
    )
    assert.match(tail.message, /^12\.9 ms → 12\.9 ms \(0 %; /)
  })

  it('of requests and bytes that speed decides over is skipped', () => {
    const { exchanges } = sampleRun('long-poll')
    // Two events by an answer.
    const shared = { ...exchanges, responses: 500, requests: 500, empty: 0, emptyRatio: 0 }
    const of = (run: Partial<Run>): Result => sampleResult({ runs: [sampleRun('long-poll', run)] })
    const judged = judge(of({ ...HEAVIER, exchanges: shared }), of({}), {
      ...LOOK,
      isPaired: true,
    })
    const bytes = find(judged, 'Bytes per delivery')
    assert.deepEqual([bytes.outcome, bytes.verdict], ['skipped', 'not judged'])
  })
})

describe('times', () => {
  const excuse = (before: Result, after: Result, look: Look): string | undefined =>
    judge(after, before, look).checks.find(({ name }) => name === 'times')?.message

  it('are not judged of one run a side, and that is said once for each technique', () => {
    const { checks } = judge(sampleResult(), sampleResult(), LOOK)
    const told = checks.filter(({ name }) => name === 'times')
    assert.deepEqual(
      told.map(({ transport }) => transport),
      ['Short polling', 'Long polling', 'Server-Sent Events', 'WebSocket'],
    )
    assert.match(told[0]?.message ?? '', /: one run a side tells nothing of them; --against /)
    assert.ok(checks.every(({ name }) => name !== P50))
  })

  it('are not judged of one run on another machine, which is told by its name', () => {
    const { environment } = sampleResult()
    const elsewhere = { ...result(), environment: { ...environment, cores: 64 } }
    const line = 'times are not judged: the baseline is of another machine (cores 64 and 2); '
    assert.equal(excuse(elsewhere, result(), LOOK)?.slice(0, line.length), line)
  })

  it('are not judged where nobody wants them, and that is said', () => {
    assert.equal(
      excuse(side(0, times(8, 1_000)), side(1, times(8, 2_000)), {
        ...PAIRS,
        deterministicOnly: true,
      }),
      'times are not judged: --only deterministic',
    )
  })

  it('are judged of several runs on any side, and of pairs, however few', () => {
    assert.equal(excuse(stored(times(5, 900)), side(1, times(1, 900)), LOOK), undefined)
    assert.equal(excuse(stored(times(1, 900)), side(1, times(5, 900)), LOOK), undefined)
    assert.equal(excuse(side(0, times(1, 900)), side(1, times(1, 900)), PAIRS), undefined)
  })

  it('are not excused of a technique that has no baseline', () => {
    const { checks } = judge(sampleResult(), result(), LOOK)
    const told = checks.filter(({ name }) => name === 'times')
    assert.deepEqual(
      told.map(({ transport }) => transport),
      ['WebSocket'],
    )
  })
})

describe('a threshold', () => {
  const kept = (p50s: readonly number[], threshold: string, look: Look): Check => {
    const measured = side(1, p50s)
    const scenario = { ...measured.scenario, thresholds: [threshold] }
    return find(judge({ ...measured, scenario }, side(0, p50s), look), threshold)
  }

  it('on a time is kept by most of many short runs, and missed by half of them', () => {
    const most = [1_000, 1_000, 1_000, 9_000, 9_000]
    const { outcome, verdict, message } = kept(most, 'p50<5ms', PAIRS)
    assert.deepEqual([outcome, verdict, message], ['passed', 'kept', 'p50<5ms kept in 3 of 5 runs'])
    const half = kept(most.slice(1), 'p50<5ms', PAIRS)
    assert.deepEqual([half.outcome, half.verdict], ['failed', 'missed'])
    const none = kept(times(4, 9_000), 'p50<5ms', PAIRS)
    assert.equal(none.verdict, 'missed')
    const all = kept(times(4, 1_000), 'p50<5ms', PAIRS)
    assert.match(all.message, /^p50<5ms: 1 ms/)
  })

  it('on a time is missed by one of the runs of a scenario', () => {
    const one = kept([1_000, 1_000, 1_000, 9_000, 1_000], 'p50<5ms', LOOK)
    assert.equal(one.verdict, 'missed')
  })

  it('on a count is missed by one run of a pair, too', () => {
    const measured = side(1, times(5, 900), (run, i) => (i === 3 ? { ...run, ...LOSSY } : run))
    const scenario = { ...measured.scenario, thresholds: ['lost==0'] }
    const judged = judge({ ...measured, scenario }, side(0, times(5, 900)), PAIRS)
    assert.deepEqual([find(judged, 'lost==0').outcome], ['failed'])
  })

  it('on a time is not asked where times do not matter, by name or by path', () => {
    const thresholds = ['p99<1ms', 'server.rssBytes<1KiB', 'lost==0', 'wire.bytesPerDelivery<1KiB']
    const { checks } = judge(result({}, ...thresholds), null, COUNTS)
    const asked = checks.filter(({ kind }) => kind === 'threshold').map(({ name }) => name)
    assert.deepEqual(asked, ['lost==0', 'wire.bytesPerDelivery<1KiB'])
    assert.deepEqual(thresholds.map(isTimed), [true, true, false, false])
  })
})

describe('a run that is late', () => {
  const late = (code: string, bounded: boolean): Partial<Run> => ({
    ...(bounded ? { latencyLowerBound: sampleLatency(2_000, 8_000) } : {}),
    validity: {
      verdict: 'invalid',
      reasons: [{ code, severity: 'invalid', message: code, value: 1, limit: 0 }],
    },
  })
  const validity = (run: Partial<Run>, look: Look, baseline: Result | null = result()): Check =>
    find(judge(result(run), baseline, look), 'validity')

  it('is no reason to believe nothing where its bounds are known and compared', () => {
    const one = validity(late('busy', true), LOOK)
    assert.deepEqual([one.outcome, one.verdict, one.lines], ['passed', 'late', undefined])
    assert.match(one.message, /; what is compared is judged at both bounds all the same$/)
  })

  it('is invalid where nothing is compared, without bounds, for another reason, or stopped', () => {
    assert.equal(validity(late('busy', true), LOOK, null).outcome, 'errored')
    assert.equal(validity(late('busy', false), LOOK).outcome, 'errored')
    assert.equal(validity(late('accounting', true), LOOK).outcome, 'errored')
    const stopped = { ...late('busy', true), interrupted: true, partial: true }
    assert.equal(validity(stopped, LOOK).outcome, 'errored')
  })

  it('does not matter where times do not', () => {
    for (const code of ['busy', 'host-busy', 'rate']) {
      assert.equal(validity(late(code, false), COUNTS).outcome, 'passed')
    }
    assert.equal(validity(late('accounting', false), COUNTS).outcome, 'errored')
  })
})

test('what the comparison warns of is a note', () => {
  const { environment } = sampleResult()
  const elsewhere = { ...result(), environment: { ...environment, node: '22.0.0' } }
  assert.deepEqual(judge(result(), elsewhere, COUNTS).notes.slice(0, 1), [
    'not the same software: node 22.0.0 and 20.20.2',
  ])
  assert.deepEqual(judge(result(), null, COUNTS).notes, [])
})

test('a late run that is to be the baseline is believed as one that is compared', () => {
  const reasons = [
    { code: 'busy', severity: 'invalid' as const, message: 'busy', value: 2, limit: 1 },
  ]
  const late = result({
    latencyLowerBound: sampleLatency(1_000, 8_000),
    validity: { verdict: 'invalid', reasons },
  })
  const verdictOf = (look: Look): string | undefined => judge(late, null, look).checks[0]?.verdict
  assert.equal(verdictOf(LOOK), 'invalid')
  assert.equal(verdictOf({ ...LOOK, isUpdating: true }), 'late')
})
