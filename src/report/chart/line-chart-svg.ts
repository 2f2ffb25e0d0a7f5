import { type Markup, markup } from '../markup.ts'
import { extentOf, type LineChart, nameOf, type Series, xTitleOf, yTitleOf } from './line-chart.ts'
import { domainOf, figureText, spaced, tickGap, ticksOf, tickText } from './ticks.ts'

interface Size {
  readonly width: number
  readonly height: number
}

/** Where a chart's figures lie in its picture. */
type Frame = ReturnType<typeof frameOf>

/** The same whatever is written along the axes, so that charts below each other have theirs in line. */
const MARGIN = { left: 72, right: 16, top: 12, bottom: 40 }
const LEGEND_HEIGHT = 24

/** Lays out the axes so that every figure is within them; `x` and `y` place one. */
function frameOf({ x, y, xs, series }: LineChart, size: Size, legend: boolean) {
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
    xTicks: spaced(ticksOf(fromX, toX, x.scale, x.quantity), placeX, tickGap(x.quantity)),
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
function namePlaces(
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

export interface Drawing extends Size {
  /** Of the picture, unlike that of any other on its page. */
  readonly id: string
  /** Names the lines within the picture, for one that stands alone. */
  readonly legend?: boolean
  /** What stands first in it, such as its styles. */
  readonly before?: Markup
}

/** A chart as a picture that needs no script; its colours and dashes are classes: `h0`, `h1`… */
export function lineChartSvg(chart: LineChart, drawing: Drawing): Markup {
  const { id, width, height, legend = false, before } = drawing
  const frame = frameOf(chart, drawing, legend)
  const box = `0 0 ${width} ${height}`
  return markup`<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="${box}" width="${width}" height="${height}" role="img" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">${chart.title}</title><desc id="${id}-d">${descriptionOf(chart)}</desc>${before}${axes(chart, frame, drawing)}${markers(chart, frame)}${chart.series.map((series) => band(chart, series, frame))}${chart.series.map((series) => line(chart, series, frame))}${legend ? names(chart, frame) : null}</svg>`
}

/** What a person who does not see the chart hears of it. */
export function descriptionOf({ x, y, series }: LineChart): string {
  const lines = series.map((one) => {
    const extent = extentOf([one])
    const name = nameOf(one)
    if (extent === null) return `${name}: no figures`
    const [min, max] = [extent.min, extent.max].map((value) => figureText(value, y.quantity))
    const words = new Set(one.leftOut?.filter((word) => word !== null))
    const some = words.size > 0 && one.mark === undefined ? `, some ${[...words].join(', ')}` : ''
    return min === max ? `${name}: ${min}${some}` : `${name}: ${min} to ${max}${some}`
  })
  return `${y.label} over ${x.label.toLowerCase()}. ${lines.join('; ')}.`
}

function axes({ x, y }: LineChart, frame: Frame, { width, height }: Size): Markup {
  const { left, right, top, bottom } = frame
  const horizontal = frame.yTicks.map((tick) => {
    const at = place(frame.y(tick))
    return markup`<path class="grid" d="M${left} ${at}H${right}"/><text class="tick" x="${left - 8}" y="${at}" dy=".32em" text-anchor="end">${tickText(tick, y.quantity)}</text>`
  })
  const vertical = frame.xTicks.map((tick) => {
    const at = place(frame.x(tick))
    return markup`<path class="grid" d="M${at} ${top}V${bottom}"/><text class="tick" x="${at}" y="${bottom + 16}" text-anchor="middle">${tickText(tick, x.quantity)}</text>`
  })
  const middle = place((left + Math.min(right, width)) / 2)
  return markup`${vertical}${horizontal}<path class="base" d="M${left} ${bottom}H${right}"/><text class="axis" x="${middle}" y="${height - 6}" text-anchor="middle">${xTitleOf(x)}</text>${yTitle(yTitleOf(y.scale), (top + bottom) / 2)}`
}

function yTitle(title: string, middle: number): Markup | null {
  if (title === '') return null
  return markup`<text class="axis" transform="translate(10 ${place(middle)}) rotate(-90)" text-anchor="middle">${title}</text>`
}

function markers({ markers = [] }: LineChart, { x, top, bottom, right }: Frame): Markup[] {
  return markers.map(({ x: value, label }, i) => {
    const at = place(x(value))
    const rest = right - at
    const [anchor, dx] = rest > 90 ? ['start', 6] : ['end', -6]
    return markup`<path class="marker" d="M${at} ${top}V${bottom}"/><text class="mark" x="${at}" dx="${dx}" y="${top + 12 + 16 * i}" text-anchor="${anchor}">${label}</text>`
  })
}

function band({ xs }: LineChart, { ys, lows, hue }: Series, frame: Frame): Markup | null {
  if (lows === undefined) return null
  const at = (x: number, y: number): string => `${place(frame.x(x))} ${place(frame.y(y))}`
  const upper: string[] = []
  const lower: string[] = []
  for (const [i, x] of xs.entries()) {
    const [y, low] = [ys[i] ?? null, lows[i] ?? null]
    if (y === null || low === null) continue
    upper.push(at(x, y))
    lower.unshift(at(x, low))
  }
  if (upper.length < 2) return null
  return markup`<path class="band h${hue}" d="M${[...upper, ...lower].join('L')}Z"/>`
}

function line(
  { xs, dots }: LineChart,
  { ys, hue, soundTo, leftOut }: Series,
  frame: Frame,
): Markup {
  const all = xs.flatMap((x, i) => {
    const y = ys[i]
    return y === null || y === undefined
      ? []
      : [{ x, at: `${place(frame.x(x))} ${place(frame.y(y))}`, counts: leftOut?.[i] == null }]
  })
  const points = all.filter(({ counts }) => counts)
  const sound = soundTo === undefined ? all : all.filter(({ x }) => x <= soundTo)
  const faint = all.slice(Math.max(0, sound.length - 1))
  return markup`${sound.length > 1 ? markup`<path class="line h${hue}" d="${pathOf(sound)}"/>` : null}${soundTo !== undefined && faint.length > 1 ? markup`<path class="line faint h${hue}" d="${pathOf(faint)}"/>` : null}${dots || points.length === 1 ? points.map(({ at }) => dot(at, `dot h${hue}`)) : null}${all.filter(({ counts }) => !counts).map(({ at }) => dot(at, `dot hollow h${hue}`))}`
}

/** From each point to the next; what does not count breaks it. */
function pathOf(points: readonly { readonly at: string; readonly counts: boolean }[]): string {
  let path = ''
  let move = 'M'
  for (const { at, counts } of points) {
    if (counts) path += move + at
    move = counts ? 'L' : 'M'
  }
  return path
}

function dot(at: string, name: string): Markup {
  const [x, y] = at.split(' ')
  return markup`<circle class="${name}" cx="${x}" cy="${y}" r="3.5"/>`
}

function names({ series }: LineChart, { left, right }: Frame): Markup[] {
  const places = namePlaces(series, left, right)
  return series.map((one, i) => {
    const { x, row } = places[i] ?? { x: left, row: 0 }
    const y = 14 + LEGEND_HEIGHT * row
    return markup`<path class="line h${one.hue}" d="M${x} ${y}h24"/><text class="name" x="${x + 30}" y="${y}" dy=".32em">${nameOf(one)}</text>`
  })
}

/** As exact as a picture needs. */
function place(value: number): number {
  return Math.round(value * 10) / 10
}
