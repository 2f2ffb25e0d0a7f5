import { grouped } from '../../grouped.ts'
import type { Run } from '../../result/document.ts'
import type { Line } from '../chart/run-charts.ts'
import { sweepCharts } from '../chart/sweep-charts.ts'
import type { Comparison } from '../comparison.ts'
import { notesOf } from '../headline.ts'
import { type Markup, markup } from '../markup.ts'
import type { Grid } from '../plain-text.ts'
import { missing } from '../quantity.ts'
import { sweptColumns, sweptOf } from '../swept.ts'
import type { TradeOff } from '../trade-off.ts'
import { leftOutWord } from '../warning.ts'
import { pointNoun } from '../wording.ts'
import {
  chartFigure,
  dataTable,
  figureCell,
  legend,
  prose,
  section,
  swatch,
  unbroken,
} from './parts.ts'
import type { Subject } from './subject.ts'

type Row = Comparison['rows'][number]

/** More than these are wider than the page. */
const MANY_COLUMNS = 4
/** Fewer fit a phone. */
const THREE_COLUMNS = 3
/** As many fit a sheet of A4; more are several tables there. */
const PAPER_COLUMNS = 5

/** The table of all figures, how it is to be read, and what each of its rows means. */
export function comparison(subject: Subject): Markup {
  const { id, result, lines } = subject
  const notes = notesOf(result).map((note) => markup`<p class="note">${note}</p>`)
  return section(
    `${id}-comparison`,
    'Comparison',
    lines.length === 0
      ? markup`${notes}`
      : markup`${table(subject)}
${notes}
${definitions(subject)}`,
  )
}

/** All rows of the comparison, each label with its definition, the best of a row marked. */
function table({ view, lines, id }: Subject): Markup {
  const { rows } = view.comparison
  const hasBest = rows.some(({ best }) => best.length > 0)
  const legend = hasBest ? ', the best figure of a row marked' : ''
  const size = lines.length > MANY_COLUMNS ? ' many' : lines.length < THREE_COLUMNS ? ' few' : ''
  return markup`<div class="scroll${size}" tabindex="0" role="region" aria-labelledby="${id}-table">
<table class="comparison">
<caption id="${id}-table"><span>Comparison of the techniques${legend}<span class="on-screen">. Hover, tap or focus a row’s name for its definition</span>.</span>${lines.length < THREE_COLUMNS ? null : markup` <span class="more-right">More to the right →</span>`}</caption>
<thead><tr><td></td>${lines.map(columnHead)}</tr></thead>
${chapters(rows, lines.length, (row) => tableRow(row, lines, id))}
</table>
</div>${onPaper(rows, lines)}`
}

/** What is too wide for a sheet, as tables of as many columns each as divide it evenly; nothing where it fits. */
function onPaper(rows: readonly Row[], lines: readonly Line[]): readonly Markup[] | null {
  const sheets = Math.ceil(lines.length / PAPER_COLUMNS)
  if (sheets < 2) return null
  return Array.from({ length: sheets }, (_, sheet) => {
    const [from, to] = [sheet, sheet + 1].map((i) => Math.ceil((i * lines.length) / sheets))
    const own = lines.slice(from, to)
    const cellsOf = (row: Row): readonly Markup[] => cellsIn(row, lines).slice(from, to)
    return markup`<table class="comparison on-paper">
<caption>Comparison of the techniques, part ${sheet + 1} of ${sheets}</caption>
<thead><tr><td></td>${own.map(columnHead)}</tr></thead>
${chapters(rows, own.length, (row) => markup`<tr><th scope="row">${row.label}</th>${cellsOf(row)}</tr>\n`)}
</table>`
  })
}

function columnHead({ label, hue, run, runs, pick }: Line): Markup {
  const repeated = pick === null ? null : markup`<small>${pick}</small>`
  return markup`<th scope="col">${swatch(hue)}${label}${repeated}${doubt(run, runs)}</th>`
}

/** Whoever reads a column from above is to know that its figures show the instrument. */
function doubt({ validity }: Run, runs: readonly Run[]): Markup | null {
  const invalid = runs.filter((run) => run.validity.verdict === 'invalid').length
  if (invalid === 0) return null
  const others = validity.verdict === 'invalid' ? '' : `${invalid} of them `
  return markup`<small class="invalid">${others}invalid</small>`
}

function chapters(
  rows: readonly Row[],
  columns: number,
  rowOf: (row: Row) => Markup,
): readonly Markup[] {
  return [...grouped(rows, ({ chapter }) => chapter)].map(([name, own]) => {
    const heading = markup`<tr class="chapter"><th scope="rowgroup" colspan="${columns + 1}"><span>${name}</span></th></tr>\n`
    return markup`<tbody>${heading}${own.map(rowOf)}</tbody>\n`
  })
}

function tableRow(row: Row, lines: readonly Line[], id: string): Markup {
  const { label, definition } = row
  const tip = `${id}-row-${label.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`
  return markup`<tr><th scope="row"><span class="term"><button type="button" aria-describedby="${tip}">${label}</button><span role="tooltip" id="${tip}">${prose(definition)}</span></span></th>${cellsIn(row, lines)}</tr>\n`
}

function cellsIn({ label, cells, best }: Row, lines: readonly Line[]): readonly Markup[] {
  return cells.map((text, i) =>
    label === 'Validity'
      ? markup`<td class="${lines[i]?.run.validity.verdict ?? ''}">${text}</td>`
      : cell(text, best.includes(i)),
  )
}

function cell(text: string, isBest: boolean): Markup {
  if (text === missing) return markup`<td class="none">${text}</td>`
  if (!isBest) return markup`<td>${figureCell(text)}</td>`
  return markup`<td class="best"><strong>${figureCell(text)}</strong></td>`
}

/** What the rows mean: unfolded below the table, and on paper always. */
function definitions({ view, defined }: Subject): Markup | null {
  const rows = view.comparison.rows.filter(({ label }) => !defined.has(label))
  if (rows.length === 0) return null
  const items = rows.map(
    ({ label, definition }) => markup`<div><dt>${label}</dt><dd>${prose(definition)}</dd></div>`,
  )
  return markup`<details class="what"><summary>What each row means</summary></details>
<div class="definitions"><h4>Definitions</h4>
<dl>${items}</dl>
<p class="note">A figure that was not measured, or that a technique does not have, is shown as ${missing}.</p></div>`
}

/** The trade-off that a sweep measured: as charts and as a table. */
export function tradeOff({ id, view, hues }: Subject): Markup | null {
  if (view.kind !== 'sweep') return null
  const { result } = view
  const { sweep } = result
  const group = `${id}-sweep`
  const all = sweptOf(sweptColumns(result))
  const key = all.map((one) => ({ ...one, hue: hues.get(one.transport) ?? 0 }))
  const leftOut = all.some(({ columns }) => columns.some((column) => leftOutWord(column) !== null))
    ? ' A hollow dot was left out of the sentences above and of what crosses: lines end before it.'
    : ''
  const figures = sweepCharts(result, hues).map((chart, i) =>
    chartFigure(chart, { id: `${group}-${i + 1}`, group, size: 'half' }),
  )
  return section(
    group,
    `The trade-off over the ${pointNoun(sweep)}`,
    markup`${legend(group, key)}
<div class="grid-of-figures">${figures}</div>
<p class="note">Lines that are level were measured once: the ${pointNoun(sweep)} does not concern them. Where two costs cross, a dotted line says at which value, interpolated between measured ones.${leftOut}</p>
${tradeOffTable(view.tradeOff)}`,
  )
}

const VERDICTS: readonly string[] = ['valid', 'suspect', 'invalid']

function tradeOffTable({ head, rows, definitions }: TradeOff): Markup {
  const body = rows.map(
    ([label = '', ...cells]) =>
      markup`<tr><th scope="row">${label}</th>${cells.map((text) => (VERDICTS.includes(text) ? markup`<td class="${text}">${text}</td>` : markup`<td>${figureCell(text)}</td>`))}</tr>\n`,
  )
  const caption = 'Figures of each value'
  return markup`${dataTable({ label: caption, caption, style: 'plain figures', head, body })}
${definitions.map((text) => markup`<p class="note">${prose(text)}</p>`)}`
}

/** What a person can act on, from measured figures only. */
export function answer({ view }: Subject): Markup {
  return markup`<div class="answer">${view.answer.map((line) => markup`<p>${unbroken(line)}</p>`)}</div>
${view.kind === 'capacity' ? steps(view.steps) : null}`
}

function steps({ head, rows }: Grid): Markup {
  const body = rows.map((row) => markup`<tr>${row.map((text) => markup`<td>${text}</td>`)}</tr>`)
  const caption = 'Steps of the search, in their order'
  return dataTable({ label: 'Steps of the search', caption, head, body })
}
