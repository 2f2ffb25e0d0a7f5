import { studentTwoSided } from '../measure/student.ts'

/** A run's count of something, and of how many. */
interface Count {
  readonly count: number
  readonly chances: number
}

/** At which few runs are less sure of their spread than many: one side of 1 %. */
const LEVEL = 0.02
/** Of the normal distribution at that level. */
const NORMAL = 2.326

/**
 * By how much the counts of runs differ more than those of single, independent things would: their
 * variance over their mean, within each side, from Pearson's statistic (P. McCullagh and J. Nelder,
 * Generalized Linear Models, 2nd edition, 1989, sections 4.5 and 6.2), and raised for what so few runs
 * do not know of it. 1 where they differ no more; null where no side has two runs to tell by.
 */
export function dispersionOf(sides: readonly (readonly Count[])[]): number | null {
  const degrees = sides.reduce((sum, runs) => sum + Math.max(0, runs.length - 1), 0)
  if (degrees === 0) return null
  const found = sides.reduce((sum, runs) => sum + pearson(runs), 0) / degrees
  return found <= 1 ? 1 : found * (studentAt(degrees) / NORMAL) ** 2
}

function pearson(runs: readonly Count[]): number {
  const total = (key: keyof Count): number => runs.reduce((sum, run) => sum + run[key], 0)
  const share = total('count') / Math.max(1, total('chances'))
  return runs.reduce((sum, { count, chances }) => {
    const expected = share * chances
    return expected === 0 ? sum : sum + (count - expected) ** 2 / expected
  }, 0)
}

/** The distance that Student's t exceeds at the level, found by halving. */
function studentAt(degrees: number): number {
  let [low, high] = [0, 100]
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2
    if (studentTwoSided(middle, degrees) > LEVEL) low = middle
    else high = middle
  }
  return high
}
