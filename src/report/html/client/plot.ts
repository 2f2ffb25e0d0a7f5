/// <reference lib="dom" />
/** How uPlot draws a chart on the page: its lines, its axes, its bands and its markers. */
import type uPlot from 'uplot'
import {
  extentOf,
  type LineChart,
  type Quantity,
  xTitleOf,
  yTitleOf,
} from '../../chart/line-chart.ts'
import { domainOf, spaced, tickGap, ticksOf, tickText } from '../../chart/ticks.ts'
import { snapped } from './readout.ts'

/** What decides how a chart looks, beside its figures. */
interface View {
  readonly width: number
  readonly height: number
  readonly log: boolean
  /** Labels of the lines that are not shown. */
  readonly hidden: ReadonlySet<string>
  /** Charts of one group show the same moment. */
  readonly group: string
}

export function chartOptions(
  chart: LineChart,
  strokes: readonly Stroke[],
  view: View,
): uPlot.Options {
  const extent = extentOf(chart.series) ?? { min: 0, max: 0 }
  const scale = view.log ? 'log' : 'linear'
  const [fromY, toY] = domainOf(extent.min, extent.max, scale, chart.y.quantity)
  const [fromX, toX] = [chart.x.from ?? chart.xs[0] ?? 0, chart.xs[chart.xs.length - 1] ?? 0]
  const alone = fromX === toX
  const range: [number, number] = alone ? [fromX - 0.5, toX + 0.5] : [fromX, toX]
  return {
    width: view.width,
    height: view.height,
    legend: { show: false },
    scales: {
      x: {
        time: false,
        range: () => range,
        ...(chart.x.scale === 'log' ? { distr: 3 as const } : {}),
      },
      y: { range: () => [fromY, toY], ...(view.log ? { distr: 3 as const } : {}) },
    },
    axes: [
      axisOptions(chart.x.quantity, fromX, toX, chart.x.scale, 28, xTitleOf(chart.x)),
      axisOptions(chart.y.quantity, fromY, toY, scale, 60, yTitleOf(scale)),
    ],
    series: [{}, ...strokes.map((one) => strokeOptions(one, chart.dots === true, view.hidden))],
    cursor: {
      drag: { x: false, y: false },
      // The line stands where the figures are, not between them. Off the chart it stays off.
      move: (plot, left, top) => [
        left < 0
          ? left
          : snapped(
              chart.xs.map((x) => plot.valToPos(x, 'x')),
              left,
            ),
        top,
      ],
      points: { size: 7 },
      sync: { key: view.group },
      y: false,
    },
    hooks: {
      drawAxes: [(plot) => drawBands(plot, chart, view.hidden)],
      draw: [(plot) => drawMarkers(plot, chart)],
    },
  }
}

/** Lines and figures of an axis. */
function axisOptions(
  quantity: Quantity,
  from: number,
  to: number,
  scale: 'linear' | 'log',
  size: number,
  title: string,
): uPlot.Axis {
  const ticks = ticksOf(from, to, scale, quantity)
  return {
    font: '12px system-ui, sans-serif',
    stroke: () => colourOf('--quiet'),
    // The room of a title is kept without one: charts below each other have their axes in line.
    size: title === '' ? size + 18 : size,
    gap: 6,
    ...(title === '' ? {} : { label: title, labelSize: 18, labelGap: 2 }),
    labelFont: '12px system-ui, sans-serif',
    grid: { stroke: () => colourOf('--rule'), width: 1 },
    ticks: { show: false },
    splits: (plot, axis) =>
      axis === 0
        ? spaced(ticks, (tick) => plot.valToPos(tick, 'x'), tickGap(quantity))
        : [...ticks],
    filter: (_, splits) => splits,
    values: (_, splits) => splits.map((value) => tickText(value, quantity)),
  }
}

/** A labelled place on the x axis. */
function drawMarkers(plot: uPlot, { markers = [] }: LineChart): void {
  const { ctx, bbox } = plot
  const ratio = devicePixelRatio
  for (const [i, { x, label }] of markers.entries()) {
    const at = plot.valToPos(x, 'x', true)
    ctx.save()
    ctx.strokeStyle = colourOf('--ink')
    ctx.fillStyle = colourOf('--ink')
    ctx.font = `${12 * ratio}px system-ui, sans-serif`
    ctx.setLineDash([2 * ratio, 3 * ratio])
    ctx.beginPath()
    ctx.moveTo(at, bbox.top)
    ctx.lineTo(at, bbox.top + bbox.height)
    ctx.stroke()
    const atEnd = bbox.left + bbox.width - at < 90 * ratio
    ctx.textAlign = atEnd ? 'right' : 'left'
    ctx.fillText(label, at + (atEnd ? -6 : 6) * ratio, bbox.top + (12 + 16 * i) * ratio)
    ctx.restore()
  }
}

/** Between both bounds of each line that is shown. */
function drawBands(plot: uPlot, { xs, series }: LineChart, hidden: ReadonlySet<string>): void {
  const { ctx } = plot
  for (const { label, hue, ys, lows } of series) {
    if (lows === undefined || hidden.has(label)) continue
    const known = xs.flatMap((x, i) => {
      const [y, low] = [ys[i] ?? null, lows[i] ?? null]
      return y === null || low === null ? [] : [{ x, y, low }]
    })
    ctx.save()
    ctx.globalAlpha = 0.16
    ctx.fillStyle = colourOf(`--h${hue}`)
    ctx.beginPath()
    for (const { x, y } of known)
      ctx.lineTo(plot.valToPos(x, 'x', true), plot.valToPos(y, 'y', true))
    for (const { x, low } of known.reverse()) {
      ctx.lineTo(plot.valToPos(x, 'x', true), plot.valToPos(low, 'y', true))
    }
    ctx.closePath()
    ctx.fill()
    ctx.restore()
  }
}

/** A line in the script's chart: the sound part of a series, its faint rest, or what is left out of it. */
interface Stroke {
  readonly label: string
  readonly hue: number
  readonly drawn: 'line' | 'broken' | 'faint' | 'hollow'
  /** A null breaks a line where something is left out of it; elsewhere it is passed over. */
  readonly ys: (number | null | undefined)[]
}

/** Splits each series where few samples begin to decide. On a logarithmic axis zero has no place. */
export function strokesOf({ xs, series }: LineChart, log: boolean): Stroke[] {
  return series.flatMap(({ label, hue, ys, soundTo, leftOut }): Stroke[] => {
    const all = ys.map((y) => (y === null || (log && y <= 0) ? null : y))
    const shown = all.map((y, i) => ((leftOut?.[i] ?? null) === null ? y : null))
    if (soundTo === undefined) {
      if (leftOut === undefined) return [{ label, hue, drawn: 'line', ys: shown }]
      const broken = shown.map((y, i) => (leftOut[i] === null ? (y ?? undefined) : null))
      const rest = all.map((y, i) => (leftOut[i] === null ? null : y))
      return [
        { label, hue, drawn: 'broken', ys: broken },
        { label, hue, drawn: 'hollow', ys: rest },
      ]
    }
    let last = 0
    for (const [i, x] of xs.entries()) if (x <= soundTo && shown[i] !== null) last = i
    return [
      { label, hue, drawn: 'line', ys: shown.map((y, i) => (i <= last ? y : null)) },
      { label, hue, drawn: 'faint', ys: shown.map((y, i) => (i >= last ? y : null)) },
    ]
  })
}

function strokeOptions(
  { label, hue, drawn }: Stroke,
  dots: boolean,
  hidden: ReadonlySet<string>,
): uPlot.Series {
  const faint = drawn === 'faint'
  const hollow = drawn === 'hollow'
  const colour = (): string => colourOf(`--h${hue}`)
  return {
    label,
    stroke: colour,
    width: faint ? 1.25 : 2,
    dash: dashOf(hue),
    alpha: faint ? 0.5 : 1,
    spanGaps: drawn !== 'broken',
    show: !hidden.has(label),
    ...(hollow ? { paths: () => null } : {}),
    points: hollow
      ? { show: true, size: 7, width: 1.75, stroke: colour, fill: () => colourOf('--paper') }
      : { show: dots, size: 7, fill: colour },
  }
}

/** Of the page's own rules, as its pictures have it. */
function dashOf(hue: number): number[] {
  const line = document.createElement('i')
  line.className = `line h${hue}`
  document.body.append(line)
  const dashes = getComputedStyle(line).strokeDasharray.match(/[\d.]+/g) ?? []
  line.remove()
  return dashes.map(Number)
}

/** A custom property of the page as it is by day or by night. */
function colourOf(property: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(property).trim()
}
