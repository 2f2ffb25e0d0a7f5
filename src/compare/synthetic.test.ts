/** The statistics on figures with known answers; docs/comparing.md has more of them, by the bench. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Random } from '../measure/random.ts'
import { compareResults } from './compare.ts'
import { judgeStatistical } from './statistical.ts'
import {
  drawSamples,
  noises,
  noisyResult,
  type Spreads,
  shareOf,
  type Trial,
} from './synthetic.conformance.ts'

const changed =
  (trial: Trial) =>
  (random: Random): boolean => {
    const [finding] = judgeStatistical([drawSamples(trial, random)], 0.1, () => random)
    return finding?.verdict === 'regressed' || finding?.verdict === 'improved'
  }

describe('1,000 comparisons of the same thing', () => {
  for (const [name, noise] of Object.entries(noises)) {
    for (const spread of [0.1, 0.3]) {
      it(`give at most 5 % false alarms: ${name}, a spread of ${spread}`, () => {
        const share = shareOf(1_000, 11, changed({ noise, spread, repetitions: 10, factor: 1 }))
        assert.ok(share <= 0.05, `${share}`)
      })
    }
  }
})

describe('1,000 comparisons with something slower by 20 %', () => {
  const noise = noises['log-normal']
  assert.ok(noise !== undefined)

  it('find it in at least 90 % at 10 repetitions and a spread of 10 %', () => {
    const trial = { noise, spread: 0.1, repetitions: 10, factor: 1.2 }
    const share = shareOf(1_000, 12, changed(trial))
    assert.ok(share >= 0.9, `${share}`)
  })

  it('find it as well where a steady machine measures its echo', () => {
    const machine = { factor: 1, echoes: 10, echoSpread: 0.1 }
    const trial = { noise, spread: 0.1, repetitions: 10, factor: 1.2, machine }
    const share = shareOf(1_000, 12, changed(trial))
    assert.ok(share >= 0.9, `${share}`)
  })

  it('blame it in few, where it was the machine and its echo tells', () => {
    const slower = { noise, spread: 0.06, repetitions: 5, factor: 1 }
    const machine = { factor: 1.25, echoes: 10, echoSpread: 0.05 }
    const blind = shareOf(1_000, 15, changed({ ...slower, factor: machine.factor }))
    const share = shareOf(1_000, 15, changed({ ...slower, machine }))
    assert.ok(blind > 0.9 && share <= 0.05, `${blind} without an echo, ${share} with it`)
  })

  it('never call it unchanged when the runs differ by half', () => {
    const trial = { noise, spread: 0.5, repetitions: 10, factor: 1.2 }
    const share = shareOf(200, 13, (random) => {
      const [finding] = judgeStatistical([drawSamples(trial, random)], 0.1, () => random)
      return finding?.verdict === 'unchanged'
    })
    assert.equal(share, 0)
  })
})

describe('whole comparisons', () => {
  const noise = noises['log-normal']
  assert.ok(noise !== undefined)
  const spreads: Spreads = { median: 0.12, tail: 0.3, cpu: 0.13, memory: 0.02 }

  it('raise a false alarm in at most 5 % of 100, among all their metrics', () => {
    const share = shareOf(100, 14, (random) => {
      const sides = { repetitions: 5, spreads, noise }
      const { judgements } = compareResults(
        [noisyResult(random, sides)],
        [noisyResult(random, sides)],
      )
      return judgements.some(({ verdict }) => verdict === 'regressed' || verdict === 'improved')
    })
    assert.ok(share <= 0.05, `${share}`)
  })

  it('find one transport of four that takes twice as long, at 5 repetitions', () => {
    const share = shareOf(20, 15, (random) => {
      const sides = { repetitions: 5, spreads, noise }
      const { judgements, verdict } = compareResults(
        [noisyResult(random, sides)],
        [noisyResult(random, { ...sides, change: { transport: 'sse', factor: 2 } })],
      )
      const regressed = judgements.filter((judgement) => judgement.verdict === 'regressed')
      return verdict === 'regressed' && regressed.some(({ transport }) => transport === 'sse')
    })
    assert.ok(share >= 0.9, `${share}`)
  })
})
