/**
 * Least squares in which no coefficient is below zero, of a few columns: the best of the unconstrained
 * solutions over the columns that are used (C. Lawson and R. Hanson, Solving Least Squares Problems, 1974,
 * chapter 23: the solution is one of these).
 */

/** The sine of the angle to all others below which columns are the same but for noise. */
const LEAST_ANGLE = 0.05

/**
 * Coefficients, all above zero, by which the columns come nearest to a target, each row by its weight; null
 * where the columns cannot be told apart, or one of them would be of no use.
 * @param rows of as many figures as there are coefficients
 */
export function positiveFit(
  rows: readonly (readonly number[])[],
  target: readonly number[],
  weights: readonly number[],
): readonly number[] | null {
  const [first = []] = rows
  if (first.length > rows.length) return null
  // Gram–Schmidt: each column without what the ones before it have of it.
  const basis: Float64Array[] = []
  const upper: number[][] = []
  for (let column = 0; column < first.length; column++) {
    const own = Float64Array.from(rows, (row, i) => (row[column] ?? 0) * (weights[i] ?? 0))
    const length = Math.sqrt(dot(own, own))
    const parts = basis.map((direction) => {
      const part = dot(direction, own)
      for (let i = 0; i < own.length; i++) own[i] = (own[i] ?? 0) - part * (direction[i] ?? 0)
      return part
    })
    const rest = Math.sqrt(dot(own, own))
    if (rest === 0 || rest < LEAST_ANGLE * length) return null
    basis.push(own.map((value) => value / rest))
    upper.push([...parts, rest])
  }
  const wanted = Float64Array.from(target, (value, i) => value * (weights[i] ?? 0))
  const coefficients = basis.map((direction) => dot(direction, wanted))
  for (let column = coefficients.length - 1; column >= 0; column--) {
    let value = coefficients[column] ?? 0
    for (let later = column + 1; later < coefficients.length; later++) {
      value -= (upper[later]?.[column] ?? 0) * (coefficients[later] ?? 0)
    }
    value /= upper[column]?.[column] ?? 1
    if (!(value > 0)) return null
    coefficients[column] = value
  }
  return coefficients
}

function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0
  for (let i = 0; i < one.length; i++) sum += (one[i] ?? 0) * (other[i] ?? 0)
  return sum
}
