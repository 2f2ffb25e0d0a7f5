import type { Result } from '../result/document.ts'
import { printable } from '../text.ts'
import type { LineChart } from './chart/line-chart.ts'
import { lineChartSvg } from './chart/line-chart-svg.ts'
import { pictureRules } from './chart/palette.ts'
import { percentileChart } from './chart/run-charts.ts'
import { sweepCharts } from './chart/sweep-charts.ts'
import { commandOf } from './command.ts'
import { headOf } from './comparison.ts'
import { environmentOf, notesOf, subtitleOf, titleOf, validityOf } from './headline.ts'
import { subjectsOf } from './html/subject.ts'
import { markup, verbatim } from './markup.ts'
import { escaped, grid, list, pageOf } from './plain-text.ts'
import { formatCount, missing } from './quantity.ts'
import type { RenderOptions, Reporter } from './reporter.ts'
import { type CapacityView, viewOf } from './view.ts'
import { warningsOf } from './warning.ts'

/** GitHub's Markdown, to keep beside the document and to paste into a discussion. */
export const markdown: Reporter = {
  name: 'markdown',
  extension: 'md',
  render(result: Result, { picture }: RenderOptions = {}): string {
    const view = viewOf(result)
    const { columns, rows } = view.comparison
    const tradeOff = view.kind === 'sweep' ? view.tradeOff : null
    const { description } = result.scenario
    const head = ['', ...columns.map(headOf)]
    const body = rows.map(({ label, cells }) => [label, ...cells])
    const blocks = [
      [`# ${escaped(result.scenario.name)}`],
      description === '' ? [] : [escaped(description)],
      [`${escaped(titleOf(result))}  `, escaped(subtitleOf(result))],
      result.runs.length > 0 ? [escaped(validityOf(result))] : [],
      warningsOf(result).map(({ text }) => `> **${escaped(text)}**\n>`),
      ...(view.kind === 'capacity' ? capacityBlocks(view) : [list(view.answer)]),
      tradeOff !== null ? grid(tradeOff) : columns.length > 0 ? grid({ head, rows: body }) : [],
      list(notesOf(result)),
      picture === undefined ? [] : [`![${escaped(picture.title)}](${picture.file})`],
      ['## Environment'],
      grid({ head: ['', ''], rows: environmentOf(result) }),
      ['## Reproduce'],
      ['```sh', printable(commandOf(result)).replaceAll('`', ''), '```'],
      ['## Definitions'],
      list(tradeOff?.definitions ?? rows.map(({ label, definition }) => `${label}: ${definition}`)),
      [
        `A figure that was not measured, or that a technique does not have, is shown as ${missing}.`,
      ],
    ]
    return pageOf(blocks)
  },
}

/** The answer, how it was found, and what the table after it shows. */
function capacityBlocks({ result, answer, steps }: CapacityView): string[][] {
  const { capacity, scenario } = result
  const value = formatCount(scenario[capacity.search])
  return [
    answer.map((line) => `**${escaped(line)}**`),
    grid(steps),
    [`## Figures at ${value} ${capacity.unit}`],
  ]
}

/** The picture of a result: percentile curves, or of a sweep the latency over its values; null without a sample. */
export function pictureChart(result: Result): LineChart | null {
  const [subject] = subjectsOf([{ result, name: null }])
  if (subject === undefined) return null
  return result.sweep === undefined
    ? percentileChart(subject.lines, 'Push latency by percentile')
    : (sweepCharts(result, subject.hues)[0] ?? null)
}

export function pictureFile(chart: LineChart): string {
  const before = markup`<style>${verbatim(pictureRules)}</style><rect class="paper" width="100%" height="100%"/>`
  return `${lineChartSvg(chart, { id: 'rtbench', width: 760, height: 400, legend: true, before })}\n`
}
