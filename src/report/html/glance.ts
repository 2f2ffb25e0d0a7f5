import { type Bar, barChartSvg } from '../chart/bar-chart-svg.ts'
import type { Line } from '../chart/run-charts.ts'
import { checksOf } from '../check.ts'
import { headingOf } from '../figure.ts'
import { type Markup, markup } from '../markup.ts'
import { type Headline, maySayBest, type Place, type Standing, standingsOf } from '../standing.ts'
import { leftOutWord } from '../warning.ts'
import { capitalised } from '../wording.ts'
import { dataTable, figureCell, section, unbroken } from './parts.ts'
import type { Subject } from './subject.ts'

/** What a headline is called where techniques are ranked, and of what its figure is. */
const HEADLINES: Readonly<Record<Headline, readonly [title: string, of: string, figure: string]>> =
  {
    latency: ['Lowest latency', '', 'Push latency'],
    cpu: ['Cheapest in server CPU', 'per delivery', 'Server CPU per delivery'],
    bytes: ['Fewest bytes', 'per delivery', 'Bytes per delivery'],
    waste: ['Least waste', 'answers without an event', 'Answers without an event'],
  }

/** The headline figures: who is best in each and by how much it is known, or that nobody can tell. */
export function tiles({ view }: Subject): Markup | null {
  if (view.kind !== 'run' || !maySayBest(view.result)) return null
  const items = [...standingsOf(view.result)].map(([name, standing]) => tile(name, standing))
  return items.length === 0 ? null : markup`<ul class="tiles">${items}</ul>\n`
}

function tile(name: Headline, { figure, places, first, doubt }: Standing): Markup {
  const [best, of, alone] = HEADLINES[name]
  const next = places.find((place) => !first.includes(place))
  const isAlone = places.length === 1
  const title = isAlone ? alone : best
  const what = name === 'latency' ? headingOf(figure) : isAlone ? '' : of
  return markup`<li data-headline="${name}"><p class="tile-of">${title} <small>${what}</small></p>
${doubt === null ? null : markup`<p class="doubt${doubt === 'equal' ? ' equal' : ''}">${capitalised(doubt)}</p>`}
${first.map(told)}
${next === undefined ? null : markup`<p class="next">next: ${next.column.label}, ${unbroken(next.text)}</p>`}</li>
`
}

function told({ column: { label, runs }, text, interval }: Place): Markup {
  const suspect = runs.some(({ validity }) => validity.verdict === 'suspect')
  return markup`<p class="who">${label}${suspect ? markup` <small class="suspect">suspect</small>` : null} <strong>${figureCell(text)}</strong>${interval === null ? null : markup` <small>${unbroken(interval)}</small>`}</p>
`
}

/** All techniques side by side in what decides: latency, cost and waste. */
export function bars({ id, view, lines }: Subject): Markup | null {
  if (view.kind !== 'run' || lines.length < 2) return null
  const charts = [...standingsOf(view.result)].map(([name, { figure, places }], i) => {
    const [, , called] = HEADLINES[name]
    const title = name === 'latency' ? `${called} ${headingOf(figure)}` : called
    const own = lines.flatMap((line) => barOf(line, places) ?? [])
    return barChartSvg(title, own, `${id}-bars-${i + 1}`)
  })
  if (charts.length === 0) return null
  return section(
    `${id}-bars`,
    'Latency, cost and waste',
    markup`<figure class="figure" aria-labelledby="${id}-bars-c"><figcaption id="${id}-bars-c">The techniques side by side; less is better of each</figcaption>
<div class="static panels">${charts}</div></figure>
<p class="note">Bars begin at zero. A line through the end of one is where 95 of 100 runs like it would end, as far as that is known, and where its repetitions did.</p>`,
  )
}

function barOf(line: Line, places: readonly Place[]): Bar | null {
  const place = places.find(({ column }) => column.label === line.label)
  if (place === undefined) return null
  const { text, value, low, high, interval } = place
  const mark = leftOutWord(line)
  return {
    ...{ label: line.label, hue: line.hue, text, value, low, high, interval },
    ...(mark === null ? {} : { mark }),
  }
}

const SIGNS = { passed: '✓', failed: '×', errored: '?', skipped: '–' } as const
const STYLES = { passed: 'valid', failed: 'invalid', errored: 'suspect', skipped: 'none' } as const

/** Whether each threshold is kept, technique by technique; null where none was set. */
export function thresholds({ id, result, lines }: Subject): Markup | null {
  const { thresholds: asked } = result.scenario
  if (asked.length === 0 || lines.length === 0) return null
  const checks = checksOf(result).filter(({ kind }) => kind === 'threshold')
  const body = lines.map(({ label }) => {
    const own = checks.filter(({ transport }) => transport === label)
    return markup`<tr><th scope="row">${label}</th>${own.map(
      ({ name, outcome, verdict, message }) => {
        // `p99<200ms missed in 2 of 5 runs: …`, `p99<200ms: 81 ms`
        const rest = message.slice(name.length)
        const text = outcome === 'passed' ? `${verdict}${rest}` : rest.replace(/^:/, '').trim()
        return markup`<td class="${STYLES[outcome]}"><span aria-hidden="true">${SIGNS[outcome]}</span> ${unbroken(text)}</td>`
      },
    )}</tr>\n`
  })
  const failed = checks.filter(({ outcome }) => outcome !== 'passed').length
  const caption =
    failed === 0 ? 'All are kept' : `${checks.length - failed} of ${checks.length} are kept`
  return section(
    `${id}-thresholds`,
    'Thresholds',
    dataTable({
      label: 'Thresholds by technique',
      caption,
      head: ['Technique', ...asked],
      body,
    }),
  )
}
