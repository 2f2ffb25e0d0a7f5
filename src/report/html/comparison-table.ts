import type { Run } from '../../result/document.ts'
import { type Comparison, compareTransports } from '../comparison.ts'
import { type Markup, markup } from '../markup.ts'
import { missing } from '../quantity.ts'
import { figureCell } from './cell.ts'
import { prose } from './prose.ts'
import type { Line, Subject } from './subject.ts'
import { swatch } from './swatch.ts'

type Row = Comparison['rows'][number]

/** More than these are wider than the page. */
const MANY_COLUMNS = 4

/** All rows of the comparison, each label with its definition, the best of a row marked. */
export function comparisonTable({ result, lines, id }: Subject): Markup | null {
  if (lines.length === 0) return null
  const { rows } = compareTransports(result)
  const hasBest = rows.some(({ best }) => best.length > 0)
  const legend = hasBest ? ', the best figure of a row marked' : ''
  const size = lines.length > MANY_COLUMNS ? ' many' : ''
  return markup`<div class="scroll${size}" tabindex="0" role="region" aria-labelledby="${id}-table">
<table class="comparison">
<caption id="${id}-table"><span>Comparison of the techniques${legend}<span class="on-screen">. Hover, tap or focus a row’s name for its definition</span>.</span></caption>
<thead><tr><td></td>${lines.map(columnHead)}</tr></thead>
${chaptersOf(rows).map((chapter) => body(chapter, lines, id))}
</table>
</div>`
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

interface Chapter {
  readonly name: string
  readonly rows: Row[]
}

function chaptersOf(rows: readonly Row[]): readonly Chapter[] {
  const chapters: Chapter[] = []
  for (const row of rows) {
    const last = chapters.at(-1)
    if (last?.name === row.chapter) last.rows.push(row)
    else chapters.push({ name: row.chapter, rows: [row] })
  }
  return chapters
}

function body({ name, rows }: Chapter, lines: readonly Line[], id: string): Markup {
  const verdicts = lines.map(({ run }) => run.validity.verdict)
  const heading = markup`<tr class="chapter"><th scope="rowgroup" colspan="${lines.length + 1}"><span>${name}</span></th></tr>\n`
  return markup`<tbody>${heading}${rows.map((row) => tableRow(row, id, verdicts))}</tbody>\n`
}

function tableRow(
  { label, definition, cells, best }: Row,
  id: string,
  verdicts: readonly string[],
): Markup {
  const tip = `${id}-row-${label.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`
  return markup`<tr><th scope="row"><span class="term"><button type="button" aria-describedby="${tip}">${label}</button><span role="tooltip" id="${tip}">${prose(definition)}</span></span></th>${cells.map((text, i) => (label === 'Validity' ? markup`<td class="${verdicts[i]}">${text}</td>` : cell(text, best.includes(i))))}</tr>\n`
}

function cell(text: string, isBest: boolean): Markup {
  if (text === missing) return markup`<td class="none">${text}</td>`
  if (!isBest) return markup`<td>${figureCell(text)}</td>`
  return markup`<td class="best"><strong>${figureCell(text)}</strong></td>`
}
