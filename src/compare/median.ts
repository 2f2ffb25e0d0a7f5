/** The middle of some figures, of an even number of them the mean of the two in the middle. */
export function median(values: ArrayLike<number>): number {
  return medianOfSorted(Float64Array.from(values).sort())
}

/** NaN where there are none. @param sorted ascending */
export function medianOfSorted(sorted: Float64Array): number {
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}
