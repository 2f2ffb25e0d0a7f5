import { studentTwoSided } from '../measure/student.ts'

/**
 * Two-sided p-value of the t-test of two samples whose spreads may differ (B. L. Welch, The
 * Generalization of "Student's" Problem when Several Different Population Variances are Involved,
 * Biometrika 34, 1947). Fewer than two values in a sample tell nothing: p is 1.
 */
export function welch(first: readonly number[], second: readonly number[]): number {
  if (first.length < 2 || second.length < 2) return 1
  const difference = mean(first) - mean(second)
  const firstError = varianceOfMean(first)
  const secondError = varianceOfMean(second)
  const error = firstError + secondError
  if (error === 0) return difference === 0 ? 1 : 0
  const degrees =
    error ** 2 / (firstError ** 2 / (first.length - 1) + secondError ** 2 / (second.length - 1))
  return studentTwoSided(difference / Math.sqrt(error), degrees)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function varianceOfMean(values: readonly number[]): number {
  const middle = mean(values)
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0)
  return squares / (values.length - 1) / values.length
}
