/// <reference lib="dom" />
import type uPlot from 'uplot'
import type { LineChart } from '../../chart/line-chart.ts'

/** A line in the script's chart: the sound part of a series, its faint rest, or what is left out of it. */
export interface Stroke {
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

/** How uPlot draws it. */
export function strokeOptions(
  { label, hue, drawn }: Stroke,
  dots: boolean,
  hidden: ReadonlySet<string>,
  dashes: readonly (readonly number[])[],
): uPlot.Series {
  const dash = dashes[hue] ?? []
  const faint = drawn === 'faint'
  const colour = (): string => colourOf(`--h${hue}`)
  const show = !hidden.has(label)
  if (drawn === 'hollow') {
    const points = {
      show: true,
      size: 7,
      width: 1.75,
      stroke: colour,
      fill: () => colourOf('--paper'),
    }
    return { label, stroke: colour, show, paths: () => null, points }
  }
  return {
    label,
    stroke: colour,
    width: faint ? 1.25 : 2,
    ...(dash.length > 0 ? { dash: [...dash] } : {}),
    alpha: faint ? 0.5 : 1,
    spanGaps: drawn !== 'broken',
    show,
    points: { show: dots, size: 7, fill: colour },
  }
}

/** A custom property of the page as it is by day or by night. */
export function colourOf(property: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(property).trim()
}
