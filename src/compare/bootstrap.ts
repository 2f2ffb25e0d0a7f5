import type { Random } from '../measure/random.ts'

const RESAMPLES = 2_000
const CONFIDENCE = 0.95

/** What sets a candidate's median apart from a baseline's. */
export type Change = (baseline: number, candidate: number) => number

/** 0.1: 10 % more. Only where no baseline can be 0. */
export const relativeChange: Change = (baseline, candidate) => candidate / baseline - 1
/** In the figures' unit. */
export const absoluteChange: Change = (baseline, candidate) => candidate - baseline

/**
 * The 95 % interval of the change of two samples' medians, by the percentile bootstrap with 2,000
 * resamples of each (B. Efron, Bootstrap Methods: Another Look at the Jackknife, Annals of Statistics
 * 7, 1979).
 * @param baseline as the candidate, not empty
 */
export function bootstrapInterval(
  baseline: readonly number[],
  candidate: readonly number[],
  change: Change,
  random: Random,
): readonly [number, number] {
  const changes = new Float64Array(RESAMPLES)
  const drawBaseline = medianDraws(baseline, random)
  const drawCandidate = medianDraws(candidate, random)
  for (let i = 0; i < RESAMPLES; i++) {
    const from = drawBaseline()
    changes[i] = change(from, drawCandidate())
  }
  changes.sort()
  const outside = Math.floor((RESAMPLES * (1 - CONFIDENCE)) / 2)
  return [changes[outside] as number, changes[RESAMPLES - 1 - outside] as number]
}

/** Gives the median of one resample after the other. */
function medianDraws(values: readonly number[], random: Random): () => number {
  const sorted = Float64Array.from(values).sort()
  // How often each value is drawn: in order already, so that nothing has to be sorted.
  const times = new Uint32Array(sorted.length)
  const upper = sorted.length >> 1
  const lower = (sorted.length - 1) >> 1
  return () => {
    times.fill(0)
    for (let i = 0; i < times.length; i++) {
      const index = Math.floor(random() * times.length)
      times[index] = (times[index] as number) + 1
    }
    let passed = 0
    let low = Number.NaN
    for (let index = 0; ; index++) {
      const value = sorted[index] as number
      passed += times[index] as number
      if (Number.isNaN(low) && passed > lower) low = value
      if (passed > upper) return (low + value) / 2
    }
  }
}
