import { markOf } from '../chart/mark.ts'
import { timelineCharts } from '../chart/timeline-charts.ts'
import { type Markup, markup } from '../markup.ts'
import { chartFigure, legend } from './figure.ts'
import { section } from './section.ts'
import type { Subject } from './subject.ts'

/** What happened in each second of the window. */
export function timeline({ id, lines, mostPoints }: Subject): Markup | null {
  const { charts, secondsPerPoint } = timelineCharts(lines, mostPoints)
  if (charts.length === 0) return null
  const group = `${id}-timeline`
  const figures = charts.map((chart, i) =>
    chartFigure(chart, { id: `${group}-${i + 1}`, group, size: 'half' }),
  )
  const each =
    secondsPerPoint === 1
      ? 'One point at the end of each second; the last second may be a part of one.'
      : `One point at the end of each ${secondsPerPoint} seconds: the mean of rates, connections and CPU, the greatest of the latencies.`
  const median = lines.some(({ runs }) => runs.length > 1)
    ? ' Of several repetitions the one in the table is shown.'
    : ''
  return section(
    group,
    'Over time',
    markup`${legend(
      group,
      lines.map(({ label, hue, run }) => ({ label, hue, ...markOf([run]) })),
    )}
<div class="grid-of-figures">${figures}</div>
<p class="note">${each}${median} p99 needs 100 events in the second.</p>`,
  )
}
