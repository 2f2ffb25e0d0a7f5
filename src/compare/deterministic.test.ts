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

describe('a fault', () => {
  for (const key of counts) {
    it(`that comes up first is a regression: ${key}`, () => {
      const one = judge(`delivery.${key}`, withCount(key, 0), withCount(key, 1))
      assert.equal(one?.verdict, 'regressed')
      assert.equal(one?.reason, '1 of 1000, and none in the baseline')
      assert.equal(
        judge(`delivery.${key}`, withCount(key, 0), withCount(key, 0))?.verdict,
        'unchanged',
      )
    })
  }

  it('that was there is held against chance', () => {
    const verdictOf = (before: number, after: number): Verdict | undefined =>
      judge('delivery.lost', withCount('lost', before), withCount('lost', after))?.verdict
    assert.equal(verdictOf(20, 25), 'unchanged')
    assert.equal(verdictOf(20, 80), 'regressed')
    assert.equal(verdictOf(80, 20), 'improved')
    assert.equal(verdictOf(1, 0), 'unchanged')
    // The last that chance may do and the first that it may not, as docs/comparing.md tells them.
    for (const [before, last] of [
      [1, 9],
      [2, 11],
      [5, 16],
      [10, 24],
      [20, 38],
      [100, 136],
    ] as const) {
      assert.equal(verdictOf(before, last), 'unchanged', `${before} and ${last}`)
      assert.equal(verdictOf(before, last + 1), 'regressed', `${before} and ${last + 1}`)
    }
    assert.equal(verdictOf(6, 0), 'unchanged')
    assert.equal(verdictOf(7, 0), 'improved')
  })

  const lossy = (lost: number, repetition: number): Run => ({
    ...withCount('lost', lost),
    repetition,
    startedAt: `2026-11-22T10:49:${10 + repetition}.120Z`,
  })
  /** Of the losses of each side's runs. */
  const lossesOf = (before: readonly number[], after: readonly number[]): Judgement | undefined => {
    const [baseline = [], candidate = []] = [before, after].map((side, which) =>
      side.map((lost, i) => lossy(lost, 1 + i + which * before.length)),
    )
    const { judgements } = compareResults(
      [sampleResult({ runs: baseline })],
      [sampleResult({ runs: candidate })],
    )
    return judgements.find(({ metric }) => metric === 'delivery.lost')
  }

  it('is held against how often it could have happened', () => {
    assert.equal(lossesOf([1], [10])?.verdict, 'regressed')
    assert.equal(lossesOf([1], [2, 2, 2, 2, 2])?.verdict, 'unchanged')
    assert.equal(lossesOf([10], [10])?.verdict, 'unchanged')
    assert.equal(lossesOf([10], [2, 2, 2, 2, 2])?.verdict, 'improved')
  })

  it('that comes in bursts counts by the burst', () => {
    const bursts = lossesOf([50, 0, 0, 0, 0], [0, 90, 0, 0, 0])
    assert.equal(bursts?.verdict, 'inconclusive')
    assert.equal(
      bursts?.reason,
      'inconclusive: 50 of 5000, now 90 of 5000, in bursts; more repetitions would tell',
    )
    // What one run lost hides nothing that is more.
    assert.equal(lossesOf([0, 0, 1], [0, 0, 300])?.verdict, 'inconclusive')
    assert.equal(lossesOf([0, 30, 0], [35, 0, 0])?.verdict, 'unchanged')
    // As many that come by themselves are no chance.
    assert.equal(lossesOf([10, 9, 11, 10, 10], [18, 17, 19, 18, 18])?.verdict, 'regressed')
    // A burst in each run is no chance, either.
    assert.equal(lossesOf([0, 1, 0, 2, 0], [80, 90, 70, 95, 85])?.verdict, 'regressed')
  })

  it('is held against chance together with the others', () => {
    const runOf = (lost: number, duplicates: number): Run => {
      const run = sampleRun('sse')
      return { ...run, delivery: { ...run.delivery, lost, duplicates } }
    }
    const verdictsOf = (before: Run, after: Run): readonly (Verdict | undefined)[] =>
      ['delivery.lost', 'delivery.duplicates'].map((name) => judge(name, before, after)?.verdict)
    // By itself 10 would be too many for 1; beside another count it is not.
    assert.deepEqual(verdictsOf(runOf(1, 0), runOf(10, 0)), ['regressed', 'unchanged'])
    assert.deepEqual(verdictsOf(runOf(1, 5), runOf(10, 5)), ['unchanged', 'unchanged'])
  })

  it('is a client that does not connect', () => {
    const run = sampleRun('sse')
    const after = { ...run, clients: { ...run.clients, connected: 999, failed: 1 } }
    assert.equal(judge('clients.failed', run, after)?.verdict, 'regressed')
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
    assert.deepEqual([one?.kind, one?.verdict], ['noisy', 'inconclusive'])
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
