/**
 * Corrects p-values for their number, so that the chance of even one false alarm among all of them
 * stays below the level at which they are read, however they depend on each other (S. Holm, A Simple
 * Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 6, 1979).
 * @returns adjusted p-values in the order of the given ones
 */
export function holm(pValues: readonly number[]): readonly number[] {
  const order = pValues.map((_, index) => index)
  order.sort((one, other) => (pValues[one] as number) - (pValues[other] as number))
  const adjusted = new Array<number>(pValues.length)
  let largest = 0
  for (const [rank, index] of order.entries()) {
    const corrected = (pValues[index] as number) * (pValues.length - rank)
    largest = Math.min(1, Math.max(largest, corrected))
    adjusted[index] = largest
  }
  return adjusted
}
