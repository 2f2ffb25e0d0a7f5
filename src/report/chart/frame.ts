import { extentOf, type LineChart, nameOf, type Series } from './line-chart.ts'
import { domainOf, spaced, ticksOf } from './ticks.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

/** Where a chart's figures lie in its picture. */
export interface Frame {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
  readonly xTicks: readonly number[]
  readonly yTicks: readonly number[]
  /** From figures to places. */
  x(value: number): number
  y(value: number): number
}

/** The same whatever is written along the axes, so that charts below each other have theirs in line. */
const MARGIN = { left: 72, right: 16, top: 12, bottom: 40 }
export const LEGEND_HEIGHT = 24

/** Lays out the axes so that every figure is within them. */
export function frameOf({ x, y, xs, series }: LineChart, size: Size, legend: boolean): Frame {
  const left = MARGIN.left
  const right = size.width - MARGIN.right
  const rows = (namePlaces(series, left, right).at(-1)?.row ?? 0) + 1
  const top = MARGIN.top + (legend ? LEGEND_HEIGHT * rows : 0)
  const bottom = size.height - MARGIN.bottom
  const extent = extentOf(series) ?? { min: 0, max: 0 }
  const [fromY, toY] = domainOf(extent.min, extent.max, y.scale, y.quantity)
  const [fromX, toX] = widened(x.from ?? xs[0] ?? 0, xs.at(-1) ?? 0)
  const placeX = placing(fromX, toX, x.scale, left, right)
  return {
    left,
    right,
    top,
    bottom,
    xTicks: spaced(ticksOf(fromX, toX, x.scale, x.quantity), placeX, 44),
    yTicks: ticksOf(fromY, toY, y.scale, y.quantity),
    x: placeX,
    y: placing(fromY, toY, y.scale, bottom, top),
  }
}

/** One figure alone has room on both its sides. */
function widened(from: number, to: number): [number, number] {
  if (from < to) return [from, to]
  return from > 0 ? [from * 0.9, to * 1.1] : [from - 0.5, to + 0.5]
}

function placing(
  from: number,
  to: number,
  scale: 'linear' | 'log',
  first: number,
  last: number,
): (value: number) => number {
  const of = (value: number): number =>
    scale === 'log' ? Math.log10(Math.max(value, from)) : value
  const start = of(from)
  const range = of(to) - start
  return (value) => first + ((of(value) - start) / range) * (last - first)
}

/** Where a legend's names begin, in as many rows as they need. */
export function namePlaces(
  series: readonly Series[],
  left: number,
  right: number,
): readonly { readonly x: number; readonly row: number }[] {
  let [x, row] = [left, 0]
  return series.map((one) => {
    const width = 46 + nameOf(one).length * 7
    if (x > left && x + width > right) [x, row] = [left, row + 1]
    const at = { x, row }
    x += width
    return at
  })
}
