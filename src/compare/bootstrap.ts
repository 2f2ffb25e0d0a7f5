import type { Random } from '../measure/random.ts'
import { medianOfSorted } from './median.ts'

const RESAMPLES = 2_000
const CONFIDENCE = 0.95

/**
 * The 95 % interval of the relative difference of two samples' medians, candidate to baseline
 * (0.1: 10 % more), by the percentile bootstrap with 2,000 resamples of each (B. Efron, Bootstrap
 * Methods: Another Look at the Jackknife, Annals of Statistics 7, 1979). Null where a sample is
 * empty or a baseline's median may be 0 or less, to which nothing is relative.
 */
export function bootstrapInterval(
  baseline: readonly number[],
  candidate: readonly number[],
  random: Random,
): readonly [number, number] | null {
  if (candidate.length === 0 || !baseline.every((value) => value > 0)) return null
  if (baseline.length === 0) return null
  const changes = new Float64Array(RESAMPLES)
  const drawnBaseline = new Float64Array(baseline.length)
  const drawnCandidate = new Float64Array(candidate.length)
  for (let i = 0; i < RESAMPLES; i++) {
    const of = medianOfDraw(baseline, drawnBaseline, random)
    changes[i] = medianOfDraw(candidate, drawnCandidate, random) / of - 1
  }
  changes.sort()
  const outside = Math.floor((RESAMPLES * (1 - CONFIDENCE)) / 2)
  return [changes[outside] as number, changes[RESAMPLES - 1 - outside] as number]
}

function medianOfDraw(values: readonly number[], drawn: Float64Array, random: Random): number {
  for (let i = 0; i < drawn.length; i++) {
    drawn[i] = values[Math.floor(random() * values.length)] as number
  }
  return medianOfSorted(drawn.sort())
}
