import { figuresWith } from '../../figures/catalogue.ts'
import { SAMPLED } from '../../result/evidence.ts'
import { scenarioAt } from '../../scenario/sweep.ts'
import { hueAt } from '../chart/palette.ts'
import { percentileChart } from '../chart/run-charts.ts'
import { figureText, headingOf } from '../figure.ts'
import { type Markup, markup } from '../markup.ts'
import { formatCount } from '../quantity.ts'
import { intervalText } from '../row.ts'
import { chartFigure, figureCell, legend, swatch } from './parts.ts'
import type { Line, Subject } from './subject.ts'

/** The columns of the table. */
const FIGURES = figuresWith('overview')

/** The same line of several results. */
interface Match {
  readonly label: string
  readonly entries: readonly {
    readonly subject: Subject
    readonly line: Line
    readonly hue: number
  }[]
}

/** The same techniques beside each other over several results. */
export function overview(subjects: readonly Subject[]): Markup {
  const matches = matchesOf(subjects)
  return markup`<section id="overview" aria-labelledby="overview-h"><h2 id="overview-h">${subjects.length} results side by side</h2>
<p class="note">Compare figures of one machine and one scenario only: each result below tells its own.</p>
<nav aria-label="Results"><ol class="results">${subjects.map(entry)}</ol></nav>
${legend(
  'overview',
  subjects.map(({ name }, i) => ({ label: name, hue: hueAt(i) })),
)}
${matches.map((match, i) => together(match, `overview-${i + 1}`))}
</section>
`
}

function entry({ id, name, result }: Subject): Markup {
  const { scenario, environment } = result
  return markup`<li><a href="#${id}">${name}</a> <small>${environment.startedAt.replace('T', ' ').replace(/\..*$/, '')} UTC · ${formatCount(scenario.clients)} clients · ${scenario.transports.join(', ')}</small></li>`
}

function matchesOf(subjects: readonly Subject[]): readonly Match[] {
  const labels = new Set(subjects.flatMap(({ lines }) => lines.map(({ label }) => label)))
  return [...labels].map((label) => ({
    label,
    entries: subjects.flatMap((subject, i) => {
      const line = subject.lines.find((one) => one.label === label)
      return line === undefined ? [] : [{ subject, line, hue: hueAt(i) }]
    }),
  }))
}

function together({ label, entries }: Match, id: string): Markup {
  const chart = percentileChart(
    entries.map(({ subject, line, hue }) => ({ label: subject.name, hue, runs: line.runs })),
    `${label}: push latency by percentile`,
  )
  const rows = entries.map(({ subject, line, hue }) => row(subject, line, hue))
  return markup`<section class="pair" aria-labelledby="${id}-h"><h3 id="${id}-h">${label}</h3>
<div class="scroll" tabindex="0" role="region" aria-label="${label} in each result"><table class="plain figures"><caption class="visually-hidden">${label} in each result</caption>
<thead><tr><td></td>${FIGURES.map((figure) => markup`<th scope="col">${headingOf(figure)}</th>`)}<th scope="col">Validity</th></tr></thead>
<tbody>${rows}</tbody></table></div>
${chart === null ? null : chartFigure(chart, { id: `${id}-chart`, group: 'overview', size: 'half' })}
</section>
`
}

function row({ id, name, result }: Subject, { run }: Line, hue: number): Markup {
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
