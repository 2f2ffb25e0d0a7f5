import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Run } from '../result/document.ts'
import { type SampleTransport, sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { compareResults, type Judgement, type Verdict } from './compare.ts'

/** Judges a metric by one run on either side. */
function judge(
  metric: string,
  before: Run,
  after: Run,
  changes: Partial<ReturnType<typeof sampleResult>['scenario']> = {},
): Judgement | undefined {
  const scenario = { ...sampleResult().scenario, ...changes }
  const { judgements } = compareResults(
    [sampleResult({ scenario, runs: [before] })],
    [sampleResult({ scenario, runs: [{ ...after, startedAt: '2026-11-23T10:00:00.000Z' }] })],
  )
  return judgements.find((one) => one.metric === metric)
}

const counts = ['lost', 'duplicates', 'outOfOrder', 'misrouted', 'gapSignals'] as const
const withCount = (key: (typeof counts)[number], count: number): Run => {
  const run = sampleRun('sse')
  return { ...run, delivery: { ...run.delivery, [key]: count } }
}

type Count = (typeof counts)[number]

/** One run a side after the other, which count so many of something, of so many chances each. */
function faultsOf(
  key: Count,
  before: readonly number[],
  after: readonly number[],
  chances = 1_000,
): Judgement {
  const sides = [before, after].map((side, which) =>
    side.map((count, i): Run => {
      const repetition = 1 + i + which * before.length
      const run = withCount(key, count)
      const startedAt = new Date(1.7e12 + repetition * 60_000).toISOString()
      const delivery = { ...run.delivery, expected: chances }
      return { ...run, repetition, startedAt, delivery }
    }),
  )
  const [baseline, candidate] = sides.map((runs) => sampleResult({ runs }))
  assert.ok(baseline !== undefined && candidate !== undefined)
  const { judgements } = compareResults([baseline], [candidate])
  return judgements.find(({ metric }) => metric === `delivery.${key}`) ?? assert.fail()
}

/** Of two runs a side, by halves, so that they do not come in bursts. */
function evenly(key: Count, before: number, after: number, chances = 1_000): Judgement {
  const halves = (count: number): number[] => [Math.ceil(count / 2), Math.floor(count / 2)]
  return faultsOf(key, halves(before), halves(after), chances / 2)
}

describe('a fault', () => {
  for (const key of counts) {
    it(`of which there is none on either side is unchanged: ${key}`, () => {
      for (const one of [faultsOf(key, [0], [0]), faultsOf(key, [0, 0, 0], [0])]) {
        assert.deepEqual([one.verdict, one.reason], ['unchanged', 'none'])
        assert.deepEqual([one.pValue, one.moreRunsTell, one.isJudged], [null, false, true])
      }
    })

    it(`that comes up first cannot be told from chance: ${key}`, () => {
      const one = faultsOf(key, [0], [1])
      assert.equal(one.verdict, 'inconclusive')
      assert.equal(
        one.reason,
        '1 of 1,000, and none in the baseline: that may be chance; more repetitions would tell',
      )
      assert.deepEqual([one.moreRunsTell, one.kind], [true, 'deterministic'])
    })

    it(`that comes up first, and so often that it is no chance, is a regression: ${key}`, () => {
      assert.equal(evenly(key, 0, 6).verdict, 'inconclusive')
      const one = evenly(key, 0, 7)
      assert.equal(one.verdict, 'regressed')
      assert.equal(one.reason, '7 of 1,000, and none in the baseline')
      // 2 × 0.5⁷, and no other fault beside it.
      assert.ok(Math.abs((one.pValue ?? 0) - 2 / 128) < 1e-9)
      assert.equal(one.adjustedPValue, one.pValue)
    })
  }

  it('of one run a side may be a single burst, however large', () => {
    for (const [before, after] of [
      [0, 7],
      [1, 900],
      [900, 1],
    ] as const) {
      const one = faultsOf('lost', [before], [after])
      assert.equal(one.verdict, 'inconclusive')
      assert.match(
        one.reason,
        /: that may be a single burst, as one run a side does not tell; more repetitions would tell$/,
      )
      assert.ok(one.moreRunsTell && (one.adjustedPValue ?? 1) < 0.02)
    }
    // Two on one side tell by themselves.
    assert.equal(faultsOf('lost', [0], [40, 44]).verdict, 'regressed')
  })

  it('is unchanged where surely no more than one in a thousand is new', () => {
    const verdictOf = (before: number, after: number, thousands: number): Verdict =>
      evenly('lost', before, after, thousands * 1_000).verdict
    // The upper limit of none is 4.6 by 1 %, of one 6.6, of two 8.4, of three 10.0.
    assert.equal(verdictOf(0, 1, 6), 'inconclusive')
    assert.equal(verdictOf(0, 1, 7), 'unchanged')
    assert.equal(verdictOf(0, 2, 8), 'inconclusive')
    assert.equal(verdictOf(0, 2, 9), 'unchanged')
    assert.equal(verdictOf(0, 3, 10), 'inconclusive')
    assert.equal(verdictOf(0, 3, 11), 'unchanged')
    assert.equal(verdictOf(1, 0, 4), 'inconclusive')
    assert.equal(verdictOf(1, 0, 5), 'unchanged')
    // What was there before is no news.
    assert.equal(verdictOf(20, 20, 10), 'inconclusive')
    assert.equal(verdictOf(20, 20, 100), 'unchanged')
    // No chance is no chance, however rare it is.
    assert.equal(verdictOf(0, 7, 1_000), 'regressed')
    assert.equal(
      evenly('lost', 0, 1, 10_000).reason,
      '1 of 10,000, and none in the baseline: surely no more than one in 1,000 is new',
    )
  })

  it('that was there is held against chance', () => {
    const verdictOf = (before: number, after: number): Verdict =>
      evenly('lost', before, after).verdict
    assert.equal(verdictOf(20, 25), 'inconclusive')
    assert.equal(verdictOf(20, 20), 'inconclusive')
    assert.equal(verdictOf(20, 80), 'regressed')
    assert.equal(verdictOf(80, 20), 'improved')
    assert.equal(verdictOf(1, 0), 'inconclusive')
    // The last that chance may do and the first that it may not.
    for (const [before, last] of [
      [0, 6],
      [1, 9],
      [2, 11],
      [5, 16],
      [10, 24],
      [20, 38],
      [100, 136],
    ] as const) {
      assert.equal(verdictOf(before, last), 'inconclusive', `${before} and ${last}`)
      assert.equal(verdictOf(before, last + 1), 'regressed', `${before} and ${last + 1}`)
      assert.equal(verdictOf(last, before), 'inconclusive', `${last} and ${before}`)
      assert.equal(verdictOf(last + 1, before), 'improved', `${last + 1} and ${before}`)
    }
  })

  const lossesOf = (before: readonly number[], after: readonly number[]): Judgement =>
    faultsOf('lost', before, after)

  it('is held against how often it could have happened', () => {
    assert.equal(lossesOf([1, 0], [5, 5]).verdict, 'regressed')
    assert.equal(lossesOf([1], [2, 2, 2, 2, 2]).verdict, 'inconclusive')
    assert.equal(lossesOf([10], [10]).verdict, 'inconclusive')
    assert.equal(lossesOf([10], [2, 2, 2, 2, 2]).verdict, 'improved')
  })

  it('that comes in bursts counts by the burst', () => {
    const bursts = lossesOf([50, 0, 0, 0, 0], [0, 90, 0, 0, 0])
    assert.equal(bursts.verdict, 'inconclusive')
    assert.equal(
      bursts.reason,
      '50 of 5,000, now 90 of 5,000: that may be chance, as they come in bursts; more repetitions would tell',
    )
    // What one run lost hides nothing that is more.
    assert.equal(lossesOf([0, 0, 1], [0, 0, 300]).verdict, 'inconclusive')
    assert.equal(lossesOf([0, 30, 0], [35, 0, 0])?.verdict, 'inconclusive')
    // As many that come by themselves are no chance.
    assert.equal(lossesOf([10, 9, 11, 10, 10], [18, 17, 19, 18, 18])?.verdict, 'regressed')
    // A burst in each run is no chance, either.
    assert.equal(lossesOf([0, 1, 0, 2, 0], [80, 90, 70, 95, 85])?.verdict, 'regressed')
  })

  it('is held against chance together with the others', () => {
    const side = (hour: number, lost: number, duplicates: number) =>
      sampleResult({
        runs: [0, 1].map((i) => {
          const run = sampleRun('sse', { repetition: i + 1 })
          const delivery = { ...run.delivery, lost: lost / 2, duplicates: duplicates / 2 }
          return { ...run, startedAt: `2026-11-22T1${hour}:0${i}:00.000Z`, delivery }
        }),
      })
    const verdictsOf = (duplicates: number): readonly (Verdict | undefined)[] => {
      const { judgements } = compareResults([side(0, 2, duplicates)], [side(1, 12, duplicates)])
      return ['delivery.lost', 'delivery.duplicates'].map(
        (name) => judgements.find(({ metric }) => metric === name)?.verdict,
      )
    }
    // By itself 12 is too many for 2; beside another count it is not.
    assert.deepEqual(verdictsOf(0), ['regressed', 'unchanged'])
    assert.deepEqual(verdictsOf(6), ['inconclusive', 'inconclusive'])
  })

  it('is a client that does not connect', () => {
    const run = sampleRun('sse')
    const failing = (failed: number): Run => ({
      ...run,
      clients: { ...run.clients, connected: 1_000 - failed, failed },
    })
    assert.equal(judge('clients.failed', run, run)?.verdict, 'unchanged')
    assert.equal(judge('clients.failed', run, failing(1))?.verdict, 'inconclusive')
    const side = (hour: number, failed: number) =>
      sampleResult({
        runs: [0, 1].map((i) => ({
          ...failing(failed),
          repetition: i + 1,
          startedAt: `2026-11-22T1${hour}:0${i}:00.000Z`,
        })),
      })
    const { judgements } = compareResults([side(0, 0)], [side(1, 4)])
    assert.equal(judgements.find(({ metric }) => metric === 'clients.failed')?.verdict, 'regressed')
  })
})

/** A run by a seed, with these bytes by a delivery. */
function withBytes(transport: SampleTransport, scale: number, seed = 1): Run {
  const run = sampleRun(transport)
  const bytesPerDelivery = (run.wire.bytesPerDelivery ?? 0) * scale
  // One in twenty of a poller's events comes in an answer with another one.
  const polled = { ...run.exchanges, empty: 9_050, emptyRatio: 0.905 }
  const exchanges = transport === 'short-poll' ? polled : run.exchanges
  return { ...run, seed, exchanges, wire: { ...run.wire, bytesPerDelivery } }
}

describe('bytes per delivery', () => {
  const verdictOf = (transport: SampleTransport, scale: number, seed?: number) =>
    judge('wire.bytesPerDelivery', withBytes(transport, 1), withBytes(transport, scale, seed))
      ?.verdict

  it('are judged to one percent, and by other seeds to what their events pay for silence', () => {
    for (const transport of ['sse', 'websocket'] as const) {
      assert.equal(verdictOf(transport, 1.008), 'unchanged')
      assert.equal(verdictOf(transport, 1.012), 'regressed')
      assert.equal(verdictOf(transport, 0.98), 'improved')
      // An event a client, more or less: 2 % of the bytes are heartbeats.
      assert.equal(verdictOf(transport, 1.012, 2), 'unchanged')
      assert.equal(verdictOf(transport, 1.014, 2), 'regressed')
    }
  })

  it('of a poller depend on how many events there were to pay its empty answers', () => {
    assert.equal(verdictOf('short-poll', 1.1, 2), 'unchanged')
    assert.equal(verdictOf('short-poll', 1.2, 2), 'regressed')
    assert.equal(verdictOf('short-poll', 1.1, 1), 'regressed')
  })
})

/** A poller at one second that was answered emptily this often. */
function withEmpty(ratio: number): Run {
  const run = sampleRun('short-poll')
  const empty = Math.round(run.exchanges.responses * ratio)
  return { ...run, exchanges: { ...run.exchanges, empty, emptyRatio: ratio } }
}

describe('the empty ratio of a poller', () => {
  const theory = Math.exp(-0.1)
  const judgeEmpty = (before: number, after: number, changes = {}): Judgement | undefined =>
    judge('exchanges.emptyRatio', withEmpty(before), withEmpty(after), changes)

  it('is held against theory', () => {
    assert.equal(judgeEmpty(theory, theory + 0.007)?.verdict, 'unchanged')
    assert.match(judgeEmpty(theory, theory)?.reason ?? '', /theory says 90.5 %/)
    assert.equal(judgeEmpty(theory, theory + 0.05)?.verdict, 'regressed')
    assert.equal(judgeEmpty(theory, theory - 0.05)?.verdict, 'regressed')
    assert.equal(judgeEmpty(theory + 0.05, theory)?.verdict, 'improved')
  })

  it('has another theory by constant arrivals', () => {
    assert.equal(judgeEmpty(0.9, 0.9, { arrivals: 'constant' })?.verdict, 'unchanged')
    assert.match(judgeEmpty(0.9, 0.9, { arrivals: 'constant' })?.reason ?? '', /says 90 %/)
  })

  it('is compared with the baseline where theory fits neither', () => {
    assert.equal(judgeEmpty(0.99, 0.99)?.verdict, 'unchanged')
    assert.equal(judgeEmpty(0.97, 0.99)?.verdict, 'regressed')
  })

  it('and its requests are judged over repetitions when it asks again at once', () => {
    const one = judgeEmpty(0.5, 0.9, { intervalMs: 0 })
    const found = [one?.kind, one?.verdict, one?.isJudged]
    assert.deepEqual(found, ['noisy', 'inconclusive', false])
  })
})

describe('requests', () => {
  const asked = (transport: SampleTransport, scale: number): Run => {
    const run = sampleRun(transport)
    const { requestsPerClientPerDay: perDay } = run.exchanges
    const requestsPerClientPerDay = perDay === null ? null : perDay * scale
    return { ...run, exchanges: { ...run.exchanges, requestsPerClientPerDay } }
  }
  const judgeAsked = (transport: SampleTransport, scale: number): Judgement | undefined =>
    judge('exchanges.requestsPerClientPerDay', asked(transport, 1), asked(transport, scale))

  it('of a poller are its schedule', () => {
    assert.equal(judgeAsked('short-poll', 1.01)?.verdict, 'unchanged')
    assert.equal(judgeAsked('short-poll', 1.05)?.verdict, 'regressed')
  })

  it('are none of who does not ask', () => {
    assert.equal(judgeAsked('sse', 1), undefined)
  })

  it('are judged over repetitions where an answer brings several events', () => {
    const crowded = (run: Run): Run => ({
      ...run,
      latency: { ...run.latency, count: 5_000 },
    })
    const one = judge(
      'exchanges.requestsPerClientPerDay',
      crowded(asked('long-poll', 1)),
      crowded(asked('long-poll', 1.3)),
    )
    assert.deepEqual([one?.kind, one?.verdict], ['noisy', 'inconclusive'])
  })
})
