/** What an axis counts, in the result document's base units. */
export type Quantity =
  | 'count'
  | 'microseconds'
  | 'milliseconds'
  | 'seconds'
  | 'bytes'
  | 'share'
  /** Seconds since 1970. */
  | 'moment'
  /** log10(1 / (1 − p)): 2 is the 99th percentile. */
  | 'nines'

export interface Axis {
  /** What it shows, without a unit: the ticks have theirs. */
  readonly label: string
  readonly quantity: Quantity
  readonly scale: 'linear' | 'log'
  /** Where it begins, if before the first figure. */
  readonly from?: number
}

/** A line; a null is a gap in what was measured. */
export interface Series {
  readonly label: string
  /** Its place among the colours and the dashes: the same for a transport in every chart. */
  readonly hue: number
  /** As many as the chart has `xs`. */
  readonly ys: readonly (number | null)[]
  /** The other bound of each figure; what lies between is shaded. As many as `ys`. */
  readonly lows?: readonly (number | null)[]
  /** Beyond this `x` few samples decide; the line is faint there. */
  readonly soundTo?: number
  /** In a word why none of it counts. */
  readonly mark?: string
  /** In a word why a figure does not count: it is a hollow dot, and breaks the line. As many as `ys`. */
  readonly leftOut?: readonly (string | null)[]
}

/** A labelled place on the x axis. */
export interface Marker {
  readonly x: number
  readonly label: string
}

/** A chart as data: for the page's script, and to be drawn as SVG. */
export interface LineChart {
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  /** Ascending. */
  readonly xs: readonly number[]
  readonly series: readonly Series[]
  readonly markers?: readonly Marker[]
  /** A point is drawn where each figure was measured. */
  readonly dots?: true
}

/** A figure of a line. */
export interface Point {
  readonly x: number
  readonly y: number | null
  /** Its other bound. */
  readonly low?: number
  /** In a word why it does not count. */
  readonly leftOut?: string | null
}

/** Gathers lines with points of their own over one list of `xs`. */
export function joined(
  lines: readonly (Omit<Series, 'ys' | 'lows' | 'leftOut'> & {
    readonly points: readonly Point[]
  })[],
): Pick<LineChart, 'xs' | 'series'> {
  const all = new Set(lines.flatMap(({ points }) => points.map(({ x }) => x)))
  const xs = [...all].sort((one, other) => one - other)
  const series = lines.map(({ points, ...line }) => {
    const byX = new Map(points.map((point) => [point.x, point]))
    const ys = xs.map((x) => byX.get(x)?.y ?? null)
    const lows = points.some(({ low }) => low !== undefined)
      ? { lows: xs.map((x) => byX.get(x)?.low ?? null) }
      : {}
    if (points.every(({ leftOut }) => leftOut == null)) return { ...line, ys, ...lows }
    return { ...line, ys, ...lows, leftOut: xs.map((x) => byX.get(x)?.leftOut ?? null) }
  })
  return { xs, series }
}

/** A line's name, and why it does not count. */
export function nameOf({ label, mark }: Pick<Series, 'label' | 'mark'>): string {
  return mark === undefined ? label : `${label} (${mark})`
}

/** What stands below the x axis. */
export function xTitleOf({ label, scale }: Axis): string {
  return scale === 'log' ? `${label} (logarithmic)` : label
}

/** What stands along the y axis: the chart's own title has its name. */
export function yTitleOf(scale: Axis['scale']): string {
  return scale === 'log' ? 'logarithmic' : ''
}

/** Least and greatest figure of all lines, or of one, with their other bounds; null without any. */
export function extentOf(
  series: readonly Pick<Series, 'ys' | 'lows'>[],
): { readonly min: number; readonly max: number } | null {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (const { ys, lows = [] } of series) {
    for (const y of [...ys, ...lows]) {
      if (y === null) continue
      if (y < min) min = y
      if (y > max) max = y
    }
  }
  return min <= max ? { min, max } : null
}

/** Where the greatest is this many times the least, a linear axis hides the least. */
const DECADES_APART = 20

/** The scale that shows all figures. */
export function scaleFor(figures: readonly (number | null)[]): Axis['scale'] {
  const extent = extentOf([{ ys: figures.filter((figure) => (figure ?? 0) > 0) }])
  return extent !== null && extent.max / extent.min >= DECADES_APART ? 'log' : 'linear'
}
