/// <reference lib="dom" />
import type uPlot from 'uplot'
import type { LineChart } from '../../chart/line-chart.ts'

/** A line in the script's chart: the sound part of a series, or its faint rest. */
export interface Stroke {
  readonly label: string
  readonly hue: number
  readonly faint: boolean
  readonly ys: (number | null)[]
}

/** Splits each series where few samples begin to decide. On a logarithmic axis zero has no place. */
export function strokesOf({ xs, series }: LineChart, log: boolean): Stroke[] {
  return series.flatMap(({ label, hue, ys, soundTo }) => {
    const shown = ys.map((y) => (y === null || (log && y <= 0) ? null : y))
    if (soundTo === undefined) return [{ label, hue, faint: false, ys: shown }]
    let last = 0
    for (const [i, x] of xs.entries()) if (x <= soundTo && shown[i] !== null) last = i
    return [
      { label, hue, faint: false, ys: shown.map((y, i) => (i <= last ? y : null)) },
      { label, hue, faint: true, ys: shown.map((y, i) => (i >= last ? y : null)) },
    ]
  })
}

/** How uPlot draws it. */
export function strokeOptions(
  { label, hue, faint }: Stroke,
  dots: boolean,
  hidden: ReadonlySet<string>,
  dashes: readonly (readonly number[])[],
): uPlot.Series {
  const dash = dashes[hue] ?? []
  return {
    label,
    stroke: () => colourOf(`--h${hue}`),
    width: faint ? 1.25 : 2,
    ...(dash.length > 0 ? { dash: [...dash] } : {}),
    alpha: faint ? 0.5 : 1,
    spanGaps: true,
    show: !hidden.has(label),
    points: { show: dots, size: 7, fill: () => colourOf(`--h${hue}`) },
  }
}

/** A custom property of the page as it is by day or by night. */
export function colourOf(property: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(property).trim()
}
