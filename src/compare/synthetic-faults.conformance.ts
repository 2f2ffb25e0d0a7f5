/** Counts of faults with known answers: what their statistics are tried on, by the tests and the bench. */

import type { Random } from '../measure/random.ts'
import type { Verdict } from '../result/judgement.ts'
import { sampleRun } from '../result/sample.conformance.ts'
import { judgeFaults } from './fault.ts'
import { type FaultMetric, METRICS } from './metric.ts'
import type { CountedRun } from './side.ts'

export interface FaultTrial {
  readonly repetitions: number
  /** Of 10,000 deliveries of a run, as a mean. */
  readonly lost: number
  /** How many are lost together, as a mean; 1: each by itself. */
  readonly burst: number
  /** 2: the candidate loses twice as often. */
  readonly factor: number
}

const [LOST] = METRICS.filter((metric): metric is FaultMetric => metric.name === 'delivery.lost')

/** What is said of one draw; null where the baseline happened to lose nothing, which is another question. */
export function drawVerdict(trial: FaultTrial, random: Random): Verdict | null {
  const sides = [1, trial.factor].map((factor) => drawSide(trial, factor, random))
  const [baseline = [], candidate = []] = sides
  if (LOST === undefined || baseline.every(({ run }) => run.delivery.lost === 0)) return null
  const [finding] = judgeFaults([{ metric: LOST, baseline, candidate }])
  return finding?.verdict ?? null
}

function drawSide(
  { repetitions, lost, burst }: FaultTrial,
  factor: number,
  random: Random,
): readonly CountedRun[] {
  return Array.from({ length: repetitions }, (_, i) => {
    const run = sampleRun('sse', { repetition: i + 1 })
    const drawn = drawLost((lost * factor) / burst, burst, random)
    return {
      run: { ...run, delivery: { ...run.delivery, expected: 10_000, lost: drawn } },
      seed: i,
    }
  })
}

/** Bursts come independently; their sizes are exponential. */
function drawLost(bursts: number, size: number, random: Random): number {
  let lost = 0
  for (let at = waited(random); at < bursts; at += waited(random)) {
    lost += size === 1 ? 1 : Math.ceil(waited(random) * size)
  }
  return Math.min(10_000, lost)
}

function waited(random: Random): number {
  return -Math.log(1 - random())
}
