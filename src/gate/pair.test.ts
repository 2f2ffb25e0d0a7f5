import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { RtbenchError } from '../error.ts'
import type { Result, Run } from '../result/document.ts'
import { type SampleTransport, sampleLatency, sampleRun } from '../result/sample.conformance.ts'
import type { Measured } from './measurer.ts'
import { namedBySide, plannedRound } from './pair.ts'
import { gateBy, type SyntheticGate, type Turn } from './synthetic.conformance.ts'

test('both sides take turns, A B B A, and the transports, too', () => {
  const turns = [0, 1, 2].flatMap((round) => plannedRound(['sse', 'websocket'], round))
  assert.deepEqual(
    turns.map(({ transport, repetition, side }) => `${side[0]} ${transport} ${repetition}`),
    [
      'b sse 1',
      'c sse 1',
      'b websocket 1',
      'c websocket 1',
      'c websocket 2',
      'b websocket 2',
      'c sse 2',
      'b sse 2',
      'b sse 3',
      'c sse 3',
      'b websocket 3',
      'c websocket 3',
    ],
  )
})

/** By the transport and the side, how much of the sample's times a run takes. */
type Factors = (turn: Turn) => number

/** A run as it is measured, that differs a little from the next. */
function runOf(turn: Turn, factor: number): Run {
  const { transport, seed, startedAt } = turn
  const run = sampleRun(transport as SampleTransport, { seed, startedAt })
  const by = factor * (1 + ((seed * 7) % 5) / 500)
  const { latency, server } = run
  return {
    ...run,
    latency: { ...latency, p50Us: (latency.p50Us ?? 0) * by },
    server: server === null ? null : { ...server, cpuUsPerDelivery: 30 * by },
  }
}

interface Told {
  readonly turns: readonly Turn[]
  readonly notes: readonly string[]
  readonly kept: readonly Result[]
  readonly measured: Measured
}

/** A gate of one second a run; as much time as ten rounds of two transports take. */
async function told(
  measure: SyntheticGate['measure'],
  changes: Partial<SyntheticGate> = {},
): Promise<Told> {
  const turns: Turn[] = []
  const notes: string[] = []
  const kept: Result[] = []
  const { setting, ...rest } = changes
  const measured = await gateBy({
    transports: ['sse', 'websocket'],
    scenario: {},
    judging: {},
    runMs: 1_000,
    ...rest,
    setting: {
      budgetMs: 40_000,
      progress: { update() {}, note: (line) => notes.push(line) },
      keep: async (result) => void kept.push(result),
      ...setting,
    },
    measure: (turn) => {
      turns.push(turn)
      return measure(turn)
    },
  })
  return { turns, notes, kept, measured }
}

const by =
  (factors: Factors): SyntheticGate['measure'] =>
  (turn) =>
    runOf(turn, factors(turn))

/** A factor of a half to two, another one for each pair. */
const wild = (seed: number): number => 4 ** (((seed * 0.618) % 1) - 0.5)

const same = by(() => 1)
const slower = (factor: number): SyntheticGate['measure'] =>
  by(({ side }) => (side === 'candidate' ? factor : 1))

function verdictsOf({ judged }: Measured): readonly string[] {
  const all = judged?.judgements.filter(({ isJudged, kind }) => isJudged && kind === 'noisy') ?? []
  return all.map(({ transport, metric, verdict }) => `${transport} ${metric} ${verdict}`)
}

const countOf = (turns: readonly Turn[], transport: string): number =>
  turns.filter((turn) => turn.transport === transport).length

const INVALID = (code: string): Partial<Run> => ({
  validity: {
    verdict: 'invalid',
    reasons: [{ code, severity: 'invalid', message: code, value: 1, limit: 0 }],
  },
})

describe('runs in turn', () => {
  it('are of one schedule each pair, and of another one the next', async () => {
    const { turns, measured } = await told(same, { setting: { mostPairs: 3 } })
    assert.deepEqual(
      turns.map(({ side, transport, seed }) => `${side[0]} ${transport} ${seed}`).slice(0, 8),
      [
        'b sse 1',
        'c sse 1',
        'b websocket 1',
        'c websocket 1',
        'c websocket 2',
        'b websocket 2',
        'c sse 2',
        'b sse 2',
      ],
    )
    assert.equal(turns.length, 12)
    const { candidate, baseline, against, failure } = measured
    assert.deepEqual([against, failure], ['main', null])
    for (const side of [candidate, baseline]) {
      assert.equal(side?.scenario.repeat, 3)
      assert.deepEqual(
        side.runs.map(({ repetition, seed }) => [repetition, seed]),
        [1, 1, 2, 2, 3, 3].map((pair) => [pair, pair]),
      )
    }
  })

  it('end when all is told, and at a look', async () => {
    const { turns, notes, measured } = await told(same)
    // The looks are due after 25, 45 and 70 % of ten pairs; eight are the least that the second one needs.
    assert.deepEqual(verdictsOf(measured), [
      'sse latency.p50Us unchanged',
      'sse server.totalCpuUsPerDelivery unchanged',
      'websocket latency.p50Us unchanged',
      'websocket server.totalCpuUsPerDelivery unchanged',
    ])
    assert.equal(turns.length, 40)
    assert.match(notes[0] ?? '', /: sse #1 of .*; 0s of 40s spent$/)
    assert.match(notes[1] ?? '', /: sse #1 of .*; 1s of 40s spent$/)
    const looks = notes.filter((line) => / pairs; /.test(line))
    assert.deepEqual(
      looks.map((line) => line.replace(/^.*: /, '')),
      [
        '3 pairs; sse, websocket still open',
        '5 pairs; sse, websocket still open',
        '7 pairs; sse, websocket still open',
        '10 pairs; all is told',
      ],
    )
    const longer = await told(same, { setting: { budgetMs: 160_000 } })
    assert.equal(longer.turns.length, 40, 'the first look of forty pairs')
    assert.deepEqual(longer.measured.judged?.open, [])
  })

  it('go on with what is open alone', async () => {
    const noisy = by(({ transport, side, seed }) =>
      transport === 'sse' && side === 'candidate' ? wild(seed) : 1,
    )
    const { turns, measured } = await told(noisy, { setting: { budgetMs: 160_000 } })
    assert.equal(countOf(turns, 'websocket'), 20)
    assert.ok(countOf(turns, 'sse') > 60, `${countOf(turns, 'sse')}`)
    assert.deepEqual(measured.judged?.open, ['sse'])
    // What was told of the other one is told at the end, too.
    assert.equal(
      verdictsOf(measured).filter((one) => /^websocket .* unchanged$/.test(one)).length,
      2,
    )
    const last = turns.slice(-4)
    assert.ok(last.every(({ transport }) => transport === 'sse'))
  })

  it('find what is slower, and what is faster', async () => {
    for (const [factor, verdict] of [
      [1.5, 'regressed'],
      [0.6, 'improved'],
    ] as const) {
      const { measured } = await told(slower(factor))
      assert.ok(verdictsOf(measured).every((one) => one.endsWith(verdict)))
      assert.equal(verdictsOf(measured).length, 4)
    }
  })

  it('take no more time than there is, the last of them included', async () => {
    const noisy = by(({ side, seed }) => (side === 'candidate' ? wild(seed) : 1))
    for (const budgetMs of [3_000, 4_000, 7_999, 8_000, 30_000]) {
      const { turns } = await told(noisy, { setting: { budgetMs } })
      assert.equal(turns.length, Math.max(4, Math.floor(budgetMs / 4_000) * 4), `${budgetMs}`)
    }
  })

  it('are as many as were asked for at most', async () => {
    const noisy = by(({ side, seed }) => (side === 'candidate' ? wild(seed) : 1))
    const { turns, measured } = await told(noisy, { setting: { mostPairs: 1 } })
    assert.equal(turns.length, 4)
    assert.deepEqual(measured.judged?.open, ['sse', 'websocket'])
    const endless = { mostPairs: 12, budgetMs: Number.POSITIVE_INFINITY }
    const many = await told(noisy, { setting: endless })
    assert.equal(many.turns.length, 48)
  })

  it('are one where only what no machine decides is judged', async () => {
    const { turns, measured } = await told(slower(3), {
      judging: { deterministicOnly: true },
      setting: { mostPairs: 1 },
    })
    assert.equal(turns.length, 4)
    assert.deepEqual([measured.judged?.open, verdictsOf(measured)], [[], []])
  })

  it('are kept after each of them', async () => {
    const { kept, turns } = await told(same, { setting: { mostPairs: 2 } })
    assert.equal(kept.length, turns.length)
    assert.deepEqual(
      kept.map(({ runs }) => runs.length),
      [1, 1, 2, 2, 3, 3, 4, 4],
    )
  })
})

describe('a pair of which a run does not count', () => {
  const spoilt =
    (which: (turn: Turn) => boolean, how: Partial<Run>): SyntheticGate['measure'] =>
    (turn) => ({ ...runOf(turn, 1), ...(which(turn) ? how : {}) })

  it('is left out with its partner, and another one is measured; that is told by side', async () => {
    const isBad = ({ side, seed, transport }: Turn): boolean =>
      side === 'baseline' && transport === 'sse' && seed <= 2
    const { measured } = await told(spoilt(isBad, INVALID('host-busy')))
    const p50 = measured.judged?.judgements.find(
      ({ transport, metric }) => transport === 'sse' && metric === 'latency.p50Us',
    )
    assert.deepEqual([p50?.verdict, p50?.repetitions], ['unchanged', [8, 8]])
    assert.equal(
      measured.judged?.notes[0],
      'sse: 2 pairs left out and measured anew, for runs that do not count: 2 of main, 0 of the working folder',
    )
    // They are in the results all the same.
    assert.equal(measured.baseline?.runs.length, 20)
  })

  it('is unfair to one side where that loses far more of them: what flatters it cannot be told', async () => {
    const bad = { ...INVALID('busy'), latencyLowerBound: sampleLatency(3_000, 12_000) }
    const gateOf = async (
      side: Turn['side'],
      factor: number,
      how: Partial<Run> = INVALID('host-busy'),
    ): Promise<readonly string[]> => {
      const { measured } = await told(
        (turn) => ({
          ...runOf(turn, turn.side === 'candidate' ? factor : 1),
          ...(turn.side === side && turn.seed % 2 === 0 ? how : {}),
        }),
        { transports: ['sse'], setting: { budgetMs: 80_000 } },
      )
      const unfair = measured.judged?.judgements.filter(({ reason }) =>
        /^runs of .* far /.test(reason),
      )
      assert.ok(unfair?.every(({ reason }) => /\d+ of \d+, of /.test(reason)))
      return verdictsOf(measured).map((one) => one.replace(/^.* /, ''))
    }
    assert.deepEqual(await gateOf('candidate', 1), ['inconclusive', 'inconclusive'])
    assert.deepEqual(await gateOf('candidate', 0.6), ['inconclusive', 'inconclusive'])
    assert.deepEqual(await gateOf('candidate', 1.5), ['regressed', 'regressed'])
    assert.deepEqual(await gateOf('baseline', 1.5), ['inconclusive', 'inconclusive'])
    assert.deepEqual(await gateOf('baseline', 0.6), ['improved', 'improved'])
    // Of late ones the latency alone is left out.
    assert.deepEqual((await gateOf('candidate', 1, bad))[1], 'unchanged')
  })

  it('counts once, whichever of its runs does not', async () => {
    const isBad = ({ seed, transport }: Turn): boolean => transport === 'sse' && seed === 2
    const { measured } = await told(spoilt(isBad, { partial: true }))
    assert.match(measured.judged?.notes[0] ?? '', /^sse: 1 pair left out .*: 1 of main, 1 of the w/)
  })

  it('is judged all the same where it is only late, and both of its bounds are known', async () => {
    const late = { ...INVALID('busy'), latencyLowerBound: sampleLatency(3_000, 12_000) }
    const { measured } = await told(spoilt(({ seed }) => seed === 2, late))
    assert.doesNotMatch(measured.judged?.notes.join() ?? '', /left out/)
    const without = await told(spoilt(({ seed }) => seed === 2, INVALID('busy')))
    assert.match(without.measured.judged?.notes.join() ?? '', /left out/)
  })

  it('leaves nothing to be judged where none counts', async () => {
    const all = await told(spoilt(({ side }) => side === 'baseline', { partial: true }))
    assert.equal(all.measured.judged, null)
    assert.equal(all.turns.length, 40)
    assert.equal(all.measured.baseline?.runs.length, 20)
  })

  it('is judged where times do not matter and it was only late', async () => {
    const judging = { deterministicOnly: true }
    const setting = { mostPairs: 1 }
    const slow = await told(
      spoilt(() => true, INVALID('host-busy')),
      { judging, setting },
    )
    assert.deepEqual(slow.measured.judged?.open, [])
    assert.ok((slow.measured.judged?.judgements.length ?? 0) > 10)
    const wrong = await told(
      spoilt(() => true, INVALID('accounting')),
      { judging, setting },
    )
    assert.equal(wrong.measured.judged, null)
  })
})

describe('what ends runs in turn early', () => {
  const failAt =
    (count: number, fail: (turn: Turn) => Run | { readonly failure: Error }) =>
    (): SyntheticGate['measure'] => {
      let done = 0
      return (turn) => (++done < count ? runOf(turn, 1) : fail(turn))
    }

  it('is a run that cannot be measured, told by its side, and all before it is judged', async () => {
    const throwing = failAt(7, () => {
      throw new Error('no server')
    })
    const { turns, measured } = await told(throwing())
    assert.equal(turns.length, 7)
    const { failure, candidate, judged } = measured
    assert.ok(failure instanceof RtbenchError && failure.code === 'cannot-run')
    assert.equal(failure.message, 'the working folder: no server')
    assert.deepEqual(
      candidate?.missing.map(({ transport, repetition, reason }) => [
        transport,
        repetition,
        reason,
      ]),
      [['sse', 2, 'the working folder: no server']],
    )
    assert.deepEqual(judged?.open, ['sse', 'websocket'])
  })

  it('is a failure beside which something was measured', async () => {
    const failing = failAt(6, () => ({ failure: new Error('it ended') }))
    const { turns, measured } = await told(failing())
    assert.equal(turns.length, 6)
    assert.equal(measured.failure?.message, 'main: it ended')
    const first = failAt(1, () => ({ failure: new Error('it ended') }))
    const { measured: nothing } = await told(first())
    assert.deepEqual([nothing.candidate, nothing.baseline, nothing.judged], [null, null, null])
  })

  it('is an interruption, which is no failure, and all before it is judged', async () => {
    const stop = new AbortController()
    const { turns, measured } = await told(
      (turn) => {
        if (turn.seed === 2) stop.abort()
        return runOf(turn, 1)
      },
      { setting: { signal: stop.signal } },
    )
    assert.equal(turns.length, 5)
    assert.equal(measured.failure, null)
    assert.ok(measured.judged !== null)
    const refused = new AbortController()
    const { measured: none } = await told(
      () => {
        refused.abort()
        throw new Error('stopped')
      },
      { setting: { signal: refused.signal } },
    )
    assert.deepEqual([none.failure, none.candidate, none.judged], [null, null, null])
  })
})

test('a side is stored by the names of its scenario and of its commit', async () => {
  const { measured } = await told(same, { setting: { mostPairs: 1 }, scenario: { name: 'chat' } })
  const { candidate } = measured
  assert.ok(candidate !== null)
  const nameBy = (ref: string | null): string => namedBySide(candidate, ref).scenario.name
  assert.equal(nameBy(null), 'chat.working')
  assert.equal(nameBy('main'), 'chat.main')
  assert.equal(nameBy('origin/a b'), `chat.${nameBy('origin/a b').slice(5)}`)
  assert.doesNotMatch(nameBy('origin/a b'), /[/ ]/)
  assert.ok(nameBy('x'.repeat(99)).length <= 35)
  assert.equal(nameBy('///').startsWith('chat.'), true)
})
