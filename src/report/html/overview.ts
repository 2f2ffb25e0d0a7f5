import { figuresWith } from '../../figures/catalogue.ts'
import { grouped } from '../../grouped.ts'
import { SAMPLED } from '../../result/evidence.ts'
import { scenarioAt } from '../../scenario/sweep.ts'
import { HUES } from '../chart/palette.ts'
import { type Line, percentileChart } from '../chart/run-charts.ts'
import { figureText, headingOf } from '../figure.ts'
import { type Markup, markup } from '../markup.ts'
import { formatCount } from '../quantity.ts'
import { intervalText } from '../row.ts'
import { chartFigure, figureCell, legend, swatch } from './parts.ts'
import type { Subject } from './subject.ts'
import { trends } from './trend.ts'

const FIGURES = figuresWith('overview')

/** A line, and the result that it is of. */
interface Entry {
  readonly subject: Subject
  readonly line: Line
  readonly hue: number
}

/** The same techniques beside each other over several results. */
export function overview(subjects: readonly Subject[]): Markup {
  const entries = subjects.flatMap((subject, i) =>
    subject.lines.map((line): Entry => ({ subject, line, hue: i % HUES.length })),
  )
  const matches = [...grouped(entries, ({ line }) => line.label)]
  return markup`<section id="overview" aria-labelledby="overview-h"><h2 id="overview-h">${subjects.length} results side by side</h2>
<p class="note">Compare figures of one machine and one scenario only: each result below tells its own.</p>
<nav aria-label="Results"><ol class="results">${subjects.map(link)}</ol></nav>
${legend(
  'overview',
  subjects.map(({ name }, i) => ({ label: name, hue: i % HUES.length })),
)}
${trends(subjects)}
${matches.map(([label, same], i) => together(label, same, `overview-${i + 1}`))}
</section>
`
}

function link({ id, name, result }: Subject): Markup {
  const { scenario, environment } = result
  return markup`<li><a href="#${id}">${name}</a> <small>${environment.startedAt.replace('T', ' ').replace(/\..*$/, '')} UTC · ${formatCount(scenario.clients)} clients · ${scenario.transports.join(', ')}</small></li>`
}

function together(label: string, entries: readonly Entry[], id: string): Markup {
  const chart = percentileChart(
    entries.map(({ subject, line, hue }) => ({ label: subject.name, hue, runs: line.runs })),
    `${label}: push latency by percentile`,
  )
  return markup`<section class="pair" aria-labelledby="${id}-h"><h3 id="${id}-h">${label}</h3>
<div class="scroll" tabindex="0" role="region" aria-label="${label} in each result"><table class="plain figures"><caption class="visually-hidden">${label} in each result</caption>
<thead><tr><td></td>${FIGURES.map((figure) => markup`<th scope="col">${headingOf(figure)}</th>`)}<th scope="col">Validity</th></tr></thead>
<tbody>${entries.map(row)}</tbody></table></div>
${chart === null ? null : chartFigure(chart, { id: `${id}-chart`, group: 'overview', size: 'wide' })}
</section>
`
}

function row({ subject: { id, name, result }, line: { run }, hue }: Entry): Markup {
  const scenario = scenarioAt(result.scenario, result.sweep, run.point)
  const { verdict } = run.validity
  const cells = FIGURES.map((figure) => {
    const sampled = SAMPLED.find((key) => figure.path === `latency.${key}Us`)
    const interval = sampled === undefined ? null : intervalText(run, sampled)
    const small = interval === null ? null : markup` <small>${interval}</small>`
    return markup`<td>${figureCell(figureText(figure, run, scenario))}${small}</td>`
  })
  return markup`<tr><th scope="row">${swatch(hue)}<a href="#${id}">${name}</a></th>${cells}<td class="${verdict}">${verdict}</td></tr>\n`
}
