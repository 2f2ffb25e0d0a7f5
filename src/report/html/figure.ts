import type { LineChart } from '../chart/line-chart.ts'
import { descriptionOf, lineChartSvg } from '../chart/line-chart-svg.ts'
import { dataScript, type Markup, markup } from '../markup.ts'
import { swatch } from './swatch.ts'

const SIZES = {
  wide: { width: 900, height: 400 },
  half: { width: 400, height: 230 },
} as const

/**
 * A chart: as a picture for a reader without script and for paper, and as data from which the
 * page's script draws one that answers.
 * @param group of the charts whose lines are shown and hidden together
 */
export function chartFigure(
  chart: LineChart,
  { id, group, size }: { id: string; group: string; size: keyof typeof SIZES },
): Markup {
  return markup`<figure class="figure ${size}" data-group="${group}" aria-labelledby="${id}-c">
<figcaption id="${id}-c">${chart.title}</figcaption>
<div class="static">${lineChartSvg(chart, { id, ...SIZES[size] })}</div>
<script type="application/json" class="data">${dataScript({ ...chart, description: descriptionOf(chart) })}</script>
</figure>
`
}

/** Names the lines of a group of charts; the script makes switches of them. */
export function legend(
  group: string,
  lines: readonly { readonly label: string; readonly hue: number; readonly mark?: string }[],
): Markup {
  const items = lines.map(
    ({ label, hue, mark }) =>
      markup`<li data-line="${label}">${swatch(hue)}<span>${label}</span>${mark === undefined ? null : markup` <small class="invalid">${mark}</small>`}</li>`,
  )
  return markup`<ul class="legend" data-group="${group}">${items}</ul>\n`
}
