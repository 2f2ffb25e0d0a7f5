import { shownRuns } from '../../result/repetitions.ts'
import { markOf } from '../chart/mark.ts'
import { percentileChart } from '../chart/percentile-chart.ts'
import { type Markup, markup } from '../markup.ts'
import { chartFigure, legend } from './figure.ts'
import { section } from './section.ts'
import type { Subject } from './subject.ts'

/** The percentile curves of all transports on one chart. */
export function curves({ id, lines }: Subject): Markup | null {
  const chart = percentileChart(lines, 'Time from the intended publish to the receipt')
  if (chart === null) return null
  const group = `${id}-curves`
  const merged = lines.some(({ runs }) => runs.length > 1)
    ? ' Repetitions are added up, sample by sample, so a curve may differ from the table, which shows one of them.'
    : ''
  const without = lines.some(({ runs }) => shownRuns(runs).length < runs.length)
    ? ' Invalid repetitions are not among them.'
    : ''
  const shaded = lines.some(({ run }) => run.latencyLowerBound !== undefined)
    ? ' A line is what was observed; the shade below it ends where it would be had the instrument been on time.'
    : ''
  return section(
    group,
    'Latency by percentile',
    markup`${legend(
      group,
      lines.map(({ label, hue, runs }) => ({ label, hue, ...markOf(runs) })),
    )}
${chartFigure(chart, { id: `${group}-chart`, group, size: 'wide' })}
<p class="note">Each step to the right is ten times rarer: p99 is the 99th of 100 deliveries, p99.9 the 999th of 1,000. Where a line is faint, fewer than ten events lie beyond.${shaded}${merged}${without}</p>`,
  )
}
