import { assertSameScenario, mismatchOf } from '../../compare/comparable.ts'
import { amountOf, figureOf } from '../../figures/catalogue.ts'
import { grouped } from '../../grouped.ts'
import { joined, type LineChart, type Quantity, scaleFor } from '../chart/line-chart.ts'
import { type Markup, markup } from '../markup.ts'
import { leftOutWord } from '../warning.ts'
import { listed } from '../wording.ts'
import { chartFigure, legend } from './parts.ts'
import type { Subject } from './subject.ts'

const TRACES: readonly (readonly [path: string, quantity: Quantity])[] = [
  ['latency.p50Us', 'microseconds'],
  ['latency.p99Us', 'microseconds'],
  ['server.cpuUsPerDelivery', 'microseconds'],
  ['wire.bytesPerDelivery', 'bytes'],
  ['exchanges.emptyRatio', 'share'],
]

/** How figures went over time, of each scenario that was measured several times. */
export function trends(subjects: readonly Subject[]): readonly Markup[] {
  return seriesOf(subjects).map((series, i) => trend(series, `trend-${i + 1}`))
}

/** Results of one scenario, begun at different times. */
function seriesOf(subjects: readonly Subject[]): readonly (readonly Subject[])[] {
  const groups: Subject[][] = []
  for (const subject of subjects.filter(({ view }) => view.kind === 'run')) {
    const group = groups.find(([first]) => first !== undefined && areAlike(first, subject))
    if (group === undefined) groups.push([subject])
    else group.push(subject)
  }
  return groups.filter((group) => new Set(group.map(startOf)).size > 1)
}

function areAlike({ result }: Subject, other: Subject): boolean {
  try {
    assertSameScenario([result, other.result])
    return true
  } catch {
    return false
  }
}

/** Seconds since 1970. */
function startOf({ result }: Subject): number {
  return Math.round(Date.parse(result.environment.startedAt) / 1000)
}

function trend(series: readonly Subject[], group: string): Markup {
  const points = series.flatMap((subject) =>
    subject.lines.map((line) => ({ line, x: startOf(subject) })),
  )
  const techniques = [...grouped(points, ({ line }) => line.label).values()]
  const charts = TRACES.flatMap(([path, quantity]): LineChart[] => {
    const figure = figureOf(path)
    const lines = techniques.flatMap((own) => {
      const { label, hue } = own[0].line
      const told = own.map(({ line, x }) => ({
        x,
        y: amountOf(line.run, figure),
        leftOut: leftOutWord(line),
      }))
      return told.some(({ y }) => y !== null) ? [{ label, hue, points: told }] : []
    })
    if (lines.length === 0) return []
    const { xs, series } = joined(lines)
    const scale = scaleFor(series.flatMap(({ ys }) => ys))
    const title = figure.label ?? path
    const x = { label: 'Begun', quantity: 'moment', scale: 'linear' } as const
    return [{ title, x, y: { label: title, quantity, scale }, xs, series, dots: true }]
  })
  const { machine } = mismatchOf(series.map(({ result }) => result))
  const care =
    machine.length === 0 ? '' : ` Not all are of one machine: they differ in ${listed(machine)}.`
  return markup`<section id="${group}" aria-labelledby="${group}-h"><h3 id="${group}-h">Trend of ${series.length} results of one scenario</h3>
${legend(
  group,
  techniques.map(([{ line }]) => ({ label: line.label, hue: line.hue })),
)}
<div class="grid-of-figures">${charts.map((chart, i) => chartFigure(chart, { id: `${group}-${i + 1}`, group, size: 'half' }))}</div>
<p class="note">One point a result and technique, at the time when the result was begun. A hollow dot does not count.${care}</p>
</section>
`
}
