/** The middle of some figures; of an even number of them, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** A ratio of two things measured in turn, held against its bar. */
export interface Ratio {
  readonly name: string
  readonly of: readonly number[]
  readonly to: readonly number[]
  readonly unit: string
  readonly bar: number
  /** The bar is the least, not the most. */
  readonly atLeast?: boolean
}

/** `sse CPU per delivery  8.9 µs / 8.1 µs = 1.10 (1.05–1.12), at most 1.30: holds` */
export function describeRatio({ name, of, to, unit, bar, atLeast = false }: Ratio): string {
  const ratios = of.map((value, round) => value / (to[round] ?? Number.NaN))
  const middle = median(ratios)
  const range = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`
  const holds = (atLeast ? middle >= bar : middle <= bar) ? 'holds' : 'MISSED'
  return `${name.padEnd(28)} ${figure(median(of))} / ${figure(median(to))} ${unit} = ${middle.toFixed(2)} (${range}), ${atLeast ? 'at least' : 'at most'} ${bar.toFixed(2)}: ${holds}`
}

function figure(value: number): string {
  return value.toFixed(value < 100 ? 2 : 0)
}
