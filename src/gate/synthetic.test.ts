/** A whole gate on pairs with known answers: it looks several times, and errs no more often for it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { noises } from '../compare/synthetic.conformance.ts'
import { seededRandom } from '../measure/random.ts'
import type { Verdict } from '../result/judgement.ts'
import { type GateTrial, gateOn } from './synthetic.conformance.ts'

const TRIALS = 120
/** As two-second runs in turn spread, and as many of them as five minutes are enough for. */
const normal = noises['log-normal'] ?? assert.fail()
const USUAL: GateTrial = { noise: normal, spread: 0.12, pairs: 36, factor: 1 }

interface Found {
  /** Of all trials, by what is said of the push latency. */
  readonly share: Readonly<Record<Verdict, number>>
  /** The same of everything that is judged. */
  readonly anyChanged: number
  /** Measured, as a mean. */
  readonly pairs: number
}

async function found(trial: GateTrial, trials = TRIALS): Promise<Found> {
  const random = seededRandom(31, 0)
  const share = { regressed: 0, improved: 0, unchanged: 0, inconclusive: 0 }
  let [pairs, anyChanged] = [0, 0]
  for (let done = 0; done < trials; done++) {
    const { judged, candidate } = await gateOn(trial, random)
    const verdicts = new Map(
      judged?.judgements
        .filter(({ isJudged }) => isJudged)
        .map(({ metric, verdict }) => [metric, verdict]),
    )
    share[verdicts.get('latency.p50Us') ?? assert.fail()] += 1 / trials
    pairs += (candidate?.runs.length ?? 0) / trials
    const all = [...verdicts.values()]
    if (all.includes('regressed') || all.includes('improved')) anyChanged += 1 / trials
  }
  return { share, anyChanged, pairs }
}

describe(`${TRIALS} gates on the same thing`, () => {
  for (const [name, noise] of Object.entries(noises)) {
    it(`raise at most 5 % false alarms, among all that they judge: ${name}`, async () => {
      const { anyChanged, share } = await found({ ...USUAL, noise })
      assert.ok(anyChanged <= 0.05, `${anyChanged}`)
      assert.ok(share.unchanged >= 0.75, `${share.unchanged} unchanged`)
    })
  }

  it('raise at most 5 % false alarms where pairs are few, or far from each other', async () => {
    for (const trial of [{ pairs: 12 }, { spread: 0.3 }]) {
      const { anyChanged } = await found({ ...USUAL, ...trial })
      assert.ok(anyChanged <= 0.05, `${JSON.stringify(trial)}: ${anyChanged}`)
    }
  })

  it('mostly end before the time is spent', async () => {
    const { pairs } = await found({ ...USUAL, spread: 0.08 })
    assert.ok(pairs < 0.7 * USUAL.pairs, `${pairs}`)
  })
})

describe(`${TRIALS} gates on something that is slower`, () => {
  it('by half of the threshold call it a regression in at most 5 %', async () => {
    const { share } = await found({ ...USUAL, factor: Math.sqrt(1.1) })
    assert.ok(share.regressed <= 0.05, `${share.regressed}`)
  })

  it('by 12 % call it unchanged in at most 5 %', async () => {
    for (const spread of [0.05, 0.12]) {
      const { share } = await found({ ...USUAL, spread, factor: 1.12 })
      assert.ok(share.unchanged <= 0.05, `${share.unchanged} at ${spread}`)
    }
  })

  it('by 20 % find it in at least 90 %, and in nearly all', async () => {
    for (const noise of Object.values(noises)) {
      const { share } = await found({ ...USUAL, noise, factor: 1.2 }, 50)
      assert.ok(share.regressed >= 0.95, `${share.regressed}`)
    }
  })

  it('by 20 % find it in most where the time is enough for a third of the pairs', async () => {
    const { share } = await found({ ...USUAL, pairs: 12, factor: 1.2 })
    assert.ok(share.regressed >= 0.75, `${share.regressed}`)
  })

  it('twice as slow are done by the second look', async () => {
    const { share, pairs } = await found({ ...USUAL, spread: 0.05, factor: 2 })
    assert.ok(share.regressed > 0.999, `${share.regressed}`)
    assert.ok(pairs <= 17, `${pairs}`)
  })

  it('by one figure leave the other as it is', async () => {
    const { share, anyChanged } = await found({ ...USUAL, spread: 0.05, cpuFactor: 1.3 }, 50)
    assert.ok(share.unchanged > 0.999 && anyChanged > 0.999, `${share.unchanged} ${anyChanged}`)
  })
})
