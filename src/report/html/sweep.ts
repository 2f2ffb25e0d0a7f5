import { sweepCharts } from '../chart/sweep-charts.ts'
import { columnsOf } from '../comparison.ts'
import { type Markup, markup } from '../markup.ts'
import { formatBytes, formatCount, formatDuration, formatPercent } from '../quantity.ts'
import { figureCell } from './cell.ts'
import { chartFigure, legend } from './figure.ts'
import { pointLabel } from './point-label.ts'
import { section } from './section.ts'
import type { Subject } from './subject.ts'

/** The trade-off that a sweep measured, as charts and as a table. */
export function sweep({ id, result, hues }: Subject): Markup | null {
  if (result.sweep === undefined) return null
  const group = `${id}-sweep`
  const hueOf = (transport: string): number => hues.get(transport) ?? 0
  const charts = sweepCharts(result.runs, result.sweep, hueOf)
  const names = new Map(result.runs.map(({ transport, technique }) => [transport, technique.label]))
  const key = [...names].map(([transport, label]) => ({ label, hue: hueOf(transport) }))
  const figures = charts.map((chart, i) =>
    chartFigure(chart, { id: `${group}-${i + 1}`, group, size: 'half' }),
  )
  return section(
    group,
    `The trade-off over ${result.sweep.key}`,
    markup`${legend(group, key)}
<div class="grid-of-figures">${figures}</div>
${table(result, result.sweep)}`,
  )
}

function table({ runs }: Subject['result'], of: NonNullable<Subject['result']['sweep']>): Markup {
  const rows = columnsOf({ runs }).map(({ label, point, run }) => {
    const { latency, exchanges, wire, server } = run
    const cells = [
      formatDuration(latency.p50Us),
      formatDuration(latency.p99Us),
      formatPercent(exchanges.emptyRatio),
      formatCount(exchanges.requestsPerClientPerDay),
      formatBytes(wire.bytesPerDelivery),
      formatDuration(server?.cpuUsPerDelivery ?? null),
    ]
    const at = point === null ? `any ${of.key}` : pointLabel(of, point)
    return markup`<tr><th scope="row">${label}</th><td>${at}</td>${cells.map((text) => markup`<td>${figureCell(text)}</td>`)}</tr>\n`
  })
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="Figures of each value"><table class="plain figures"><caption>Figures of each value</caption>
<thead><tr><th scope="col">Technique</th><th scope="col">At</th><th scope="col">p50</th><th scope="col">p99</th><th scope="col">Empty responses</th><th scope="col">Requests per client and day</th><th scope="col">Bytes per delivery</th><th scope="col">Server CPU per delivery</th></tr></thead>
<tbody>${rows}</tbody></table></div>`
}
