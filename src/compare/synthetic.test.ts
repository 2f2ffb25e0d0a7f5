/** The statistics on figures with known answers; docs/comparing.md has more of them, by the bench. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Random } from '../measure/random.ts'
import { compareResults, type ResultComparison, type Verdict } from './compare.ts'
import { judgeStatistical, LEVEL, type Statistical } from './statistical.ts'
import {
  drawPairs,
  drawSamples,
  type Noise,
  noises,
  noisyResult,
  type PairTrial,
  type Spreads,
  shareOf,
  type Trial,
} from './synthetic.conformance.ts'

const THRESHOLD = 0.1
/** Of the logarithm. */
const HALF = Math.sqrt(1 + THRESHOLD)

const EITHER = ['regressed', 'improved'] as const

/** How often one of these is said, of 1,000 comparisons. */
function shareSaying(verdicts: readonly Verdict[], draw: (random: Random) => Statistical): number {
  return shareOf(1_000, 11, (random) => {
    const judging = { thresholdShare: THRESHOLD, level: LEVEL }
    return verdicts.includes(judgeStatistical(draw(random), judging).verdict)
  })
}

/** The same of 10 runs a side, and of 20 pairs of runs. */
const KINDS = {
  '10 runs a side': (noise: Noise, spread: number, factor: number) => {
    const trial: Trial = { noise, spread, repetitions: 10, factor }
    return (random: Random) => drawSamples(trial, random)
  },
  '20 pairs': (noise: Noise, spread: number, factor: number) => {
    const trial: PairTrial = { noise, spread, pairs: 20, factor }
    return (random: Random) => drawPairs(trial, random)
  },
} as const

const normal = noises['log-normal'] ?? assert.fail()

for (const [kind, drawn] of Object.entries(KINDS)) {
  for (const [name, noise] of Object.entries(noises)) {
    describe(`1,000 comparisons of ${kind}, ${name}`, () => {
      for (const spread of [0.05, 0.1, 0.3]) {
        const share = (verdicts: readonly Verdict[], factor: number): number =>
          shareSaying(verdicts, drawn(noise, spread, factor))

        it(`give at most 5 % false alarms of the same thing, at a spread of ${spread}`, () => {
          const found = share(EITHER, 1)
          assert.ok(found <= 0.05, `${found}`)
        })

        it(`call half of the threshold a change in at most 5 %, at a spread of ${spread}`, () => {
          const found = [share(['regressed'], HALF), share(['improved'], 1 / HALF)]
          assert.ok(Math.max(...found) <= 0.05, `${found}`)
        })

        it(`call 12 % unchanged in at most 5 %, at a spread of ${spread}`, () => {
          const found = [share(['unchanged'], 1.12), share(['unchanged'], 1 / 1.12)]
          assert.ok(Math.max(...found) <= 0.05, `${found}`)
        })
      }
    })
  }
}

describe('1,000 comparisons with something slower by 20 %', () => {
  for (const [kind, spread, least] of [
    ['10 runs a side', 0.05, 0.98],
    ['10 runs a side', 0.08, 0.85],
    ['10 runs a side', 0.1, 0.7],
    ['20 pairs', 0.1, 0.98],
    ['20 pairs', 0.15, 0.85],
    ['20 pairs', 0.3, 0.35],
  ] as const) {
    it(`find it in at least ${least} of ${kind}, at a spread of ${spread}`, () => {
      const found = shareSaying(['regressed'], KINDS[kind](normal, spread, 1.2))
      assert.ok(found >= least, `${found}`)
    })
  }

  it('never call it unchanged when the runs differ by half', () => {
    assert.equal(shareSaying(['unchanged'], KINDS['10 runs a side'](normal, 0.5, 1.2)), 0)
    assert.equal(shareSaying(['unchanged'], KINDS['20 pairs'](normal, 0.5, 1.2)), 0)
  })
})

describe('1,000 comparisons of the same thing', () => {
  for (const [kind, spread, least] of [
    ['10 runs a side', 0.05, 0.9],
    ['20 pairs', 0.05, 0.98],
    ['20 pairs', 0.1, 0.9],
  ] as const) {
    it(`call it unchanged in at least ${least} of ${kind}, at a spread of ${spread}`, () => {
      const found = shareSaying(['unchanged'], KINDS[kind](normal, spread, 1))
      assert.ok(found >= least, `${found}`)
    })
  }
})

describe('a change that is told to be detectable', () => {
  for (const [kind, spread] of [
    ['10 runs a side', 0.1],
    ['10 runs a side', 0.2],
    ['20 pairs', 0.12],
    ['20 pairs', 0.3],
  ] as const) {
    it(`is found in about 4 of 5 comparisons of ${kind}, at a spread of ${spread}`, () => {
      const told: number[] = []
      shareOf(200, 3, (random) => {
        const judging = { thresholdShare: THRESHOLD, level: LEVEL }
        const { detectable } = judgeStatistical(KINDS[kind](normal, spread, 1)(random), judging)
        told.push(detectable ?? Number.NaN)
        return true
      })
      const mean = told.reduce((sum, one) => sum + one, 0) / told.length
      const found = shareSaying(['regressed'], KINDS[kind](normal, spread, 1 + mean))
      assert.ok(found >= 0.7 && found <= 0.9, `${found} of ${mean}`)
    })
  }
})

describe('1,000 comparisons by an echo', () => {
  const alarms = (trial: Trial): number =>
    shareSaying(EITHER, (random) => drawSamples(trial, random))

  it('find a change of 40 % where the machine kept its pace', () => {
    const machine = { factor: 1, echoSpread: 0.1 }
    const found = alarms({ noise: normal, spread: 0.1, repetitions: 10, factor: 1.4, machine })
    assert.ok(found >= 0.9, `${found}`)
  })

  it('blame it in few, where it was the machine and its echo tells', () => {
    const slower = { noise: normal, spread: 0.06, repetitions: 5, factor: 1 }
    const machine = { factor: 1.25, echoSpread: 0.05 }
    const blind = alarms({ ...slower, factor: machine.factor })
    const found = alarms({ ...slower, machine })
    assert.ok(blind > 0.9 && found <= 0.05, `${blind} without an echo, ${found} with it`)
  })
})

describe('whole comparisons', () => {
  const spreads: Spreads = { median: 0.12, tail: 0.3, cpu: 0.13, memory: 0.02 }
  const judged = ({ judgements }: ResultComparison): ResultComparison['judgements'] =>
    judgements.filter(({ isJudged }) => isJudged)

  it('raise a false alarm in at most 5 % of 200, among all that they judge', () => {
    const share = shareOf(200, 14, (random) => {
      const sides = { repetitions: 5, spreads, noise: normal }
      const compared = compareResults([noisyResult(random, sides)], [noisyResult(random, sides)])
      return judged(compared).some(
        ({ verdict }) => verdict === 'regressed' || verdict === 'improved',
      )
    })
    assert.ok(share <= 0.05, `${share}`)
  })

  it('find one transport of four that takes twice as long, at 5 repetitions', () => {
    const share = shareOf(20, 15, (random) => {
      const sides = { repetitions: 5, spreads, noise: normal }
      const compared = compareResults(
        [noisyResult(random, sides)],
        [noisyResult(random, { ...sides, change: { transport: 'sse', factor: 2 } })],
      )
      const regressed = judged(compared).filter(({ verdict }) => verdict === 'regressed')
      return (
        compared.verdict === 'regressed' && regressed.some(({ transport }) => transport === 'sse')
      )
    })
    assert.ok(share >= 0.9, `${share}`)
  })
})
