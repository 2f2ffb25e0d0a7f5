/** Figures for people, each with its unit. A figure that is missing is a dash, never a zero. */

import type { Dimension } from '../figures/figure.ts'
import type { Bounds } from '../measure/bounds.ts'

/** Stands where there is no figure. */
export const missing = '–'

const separated = new Intl.NumberFormat('en-US')

/** `12.3`, `503`, `10,000`: three significant digits below 100, whole numbers from there on. */
export function formatCount(value: number | null): string {
  if (value === null) return missing
  const shown = rounded(value)
  return Math.abs(shown) < 1000 ? String(shown) : separated.format(shown)
}

/** Three significant digits below 100, whole numbers from there on. */
function rounded(value: number): number {
  return Math.abs(value) < 99.95 ? Number(value.toPrecision(3)) : Math.round(value)
}

/** `850 µs`, `12.3 ms`, `1.5 s`. @param us microseconds */
export function formatDuration(us: number | null): string {
  return scaled(us, 1000, 2, ['µs', 'ms', 's'])
}

/** Bounds that are nearer than this to each other are told as one figure. */
const NEAR_SHARE = 0.05

/** Whether bounds are worth telling apart: not where they would be the same figure, or nearly so. */
export function differVisibly(lower: number, upper: number): boolean {
  return upper - lower > NEAR_SHARE * upper && formatDuration(lower) !== formatDuration(upper)
}

/** Less of a unit than this is told in a smaller one. */
const LEAST_OF_A_UNIT = 0.1

/**
 * A latency with both its bounds: `4.1–4.4 ms`, in the unit of the upper one, `731 µs–2.9 s` where they
 * are far apart, or the upper one alone where they do not differ visibly.
 */
export function formatBounds(bounds: Bounds | null): string {
  if (bounds === null) return missing
  const { lowerUs, upperUs } = bounds
  const upper = formatDuration(upperUs)
  if (!differVisibly(lowerUs, upperUs)) return upper
  const [, unit = ''] = upper.split(' ')
  const lower = lowerUs / US[unit as keyof typeof US]
  const isFar = lower > 0 && lower < LEAST_OF_A_UNIT
  return `${isFar ? formatDuration(lowerUs) : formatCount(lower)}–${upper}`
}

const US = { µs: 1, ms: 1e3, s: 1e6 } as const

/** `172 B`, `13.9 KiB`, `1.2 GiB`. */
export function formatBytes(bytes: number | null): string {
  return scaled(bytes, 1024, 3, ['B', 'KiB', 'MiB', 'GiB'])
}

/** `99.0 %` of 0.99. What is not quite all or not quite nothing is never printed as 100 % or 0 %. */
export function formatPercent(ratio: number | null): string {
  if (ratio === null) return missing
  if (ratio === 0 || ratio === 1) return `${ratio * 100} %`
  for (let digits = 1; digits <= 4; digits++) {
    const text = (ratio * 100).toFixed(digits)
    if (Number(text) !== 0 && Number(text) !== 100) return `${text} %`
  }
  return ratio < 0.5 ? '< 0.0001 %' : ratio < 1 ? '> 99.9999 %' : '> 100 %'
}

const FORMATS: Readonly<Record<Dimension, (value: number | null) => string>> = {
  time: formatDuration,
  microseconds: formatDuration,
  milliseconds: (value) => formatDuration(value === null ? null : value * 1000),
  ratio: formatPercent,
  utilisation: formatPercent,
  bytes: formatBytes,
  rate: (value) => (value === null ? missing : `${formatCount(value)}/s`),
  count: formatCount,
  amount: formatCount,
  truth: formatCount,
}

/** A figure as reports show it, rounded: `81 ms`, `99.9 %`. */
export function formatAmount(dimension: Dimension, value: number | null): string {
  return FORMATS[dimension](value)
}

/** A value in the largest of its units in which it is 1 or more. */
function scaled(
  value: number | null,
  base: number,
  largest: number,
  units: readonly string[],
): string {
  if (value === null) return missing
  let step = 0
  let rest = value
  // Asked of the rounded value: 999.6 µs is 1 ms.
  while (step < largest && Math.abs(rounded(rest)) >= base) {
    rest /= base
    step++
  }
  return `${formatCount(rest)} ${units[step]}`
}

/** A figure that lies somewhere between two; of most both are the same. */
interface Span {
  readonly lower: number
  readonly upper: number
}

/** Whether two figures are too near for a choice: within a tenth of the smaller one, or within the slack. */
export function isTie(one: number, other: number, slack = 0): boolean {
  const nearer = Math.min(Math.abs(one), Math.abs(other))
  return Math.abs(one - other) <= Math.max(slack, nearer / 10)
}

/** The same of figures that are not known exactly: they differ where they do wherever each lies. */
export function mayTie(one: Span, other: Span, slack = 0): boolean {
  const [low, high] = one.upper <= other.upper ? [one, other] : [other, one]
  return high.lower <= low.upper || isTie(low.upper, high.lower, slack)
}

/** Latencies within a millisecond are equal, whatever their ratio. */
export const latencySlackUs = 1000
