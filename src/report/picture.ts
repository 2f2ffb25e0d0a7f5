import type { Result } from '../result/document.ts'
import { pictureRules } from './chart/chart-rules.ts'
import type { LineChart } from './chart/line-chart.ts'
import { lineChartSvg } from './chart/line-chart-svg.ts'
import { percentileChart } from './chart/percentile-chart.ts'
import { sweepCharts } from './chart/sweep-charts.ts'
import { subjectsOf } from './html/subject.ts'
import { markup, verbatim } from './markup.ts'

/**
 * What the picture beside a result's Markdown shows: percentile curves, or of a sweep the latency
 * over its values; null without a sample.
 */
export function pictureChart(result: Result): LineChart | null {
  const { sweep } = result
  const [subject] = subjectsOf([{ result, name: null }])
  if (sweep !== undefined) {
    const hueOf = (transport: string): number => subject?.hues.get(transport) ?? 0
    const [latency] = sweepCharts({ ...result, sweep }, hueOf)
    return latency ?? null
  }
  return percentileChart(subject?.lines ?? [], 'Push latency by percentile')
}

/** The picture as an SVG file of its own. */
export function pictureFile(chart: LineChart): string {
  const before = markup`<style>${verbatim(pictureRules)}</style><rect class="paper" width="100%" height="100%"/>`
  return `${lineChartSvg(chart, { id: 'rtbench', width: 760, height: 400, legend: true, before })}\n`
}
