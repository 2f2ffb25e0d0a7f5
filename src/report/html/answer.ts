import { capacityGrid, capacityLine } from '../capacity.ts'
import { notesOf } from '../headline.ts'
import { type Markup, markup } from '../markup.ts'
import { verdictOf } from '../verdict.ts'
import { unbroken } from './cell.ts'
import type { Subject } from './subject.ts'

/** What a person can act on, from measured figures only. */
export function answer({ result }: Subject): Markup {
  const { capacity } = result
  const lines = capacity === undefined ? verdictOf(result) : [capacityLine(result)]
  return markup`<div class="answer">${lines.map((line) => markup`<p>${unbroken(line)}</p>`)}</div>
${capacity === undefined ? null : steps(capacityGrid(capacity))}`
}

/** How the table is to be read, and what the machine had to do beside. */
export function notes({ result }: Subject): Markup {
  return markup`${notesOf(result).map((note) => markup`<p class="note">${note}</p>`)}`
}

function steps({ head, rows }: ReturnType<typeof capacityGrid>): Markup {
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="Steps of the search"><table class="plain"><caption><span>Steps of the search, in their order</span></caption>
<thead><tr>${head.map((text) => markup`<th scope="col">${text}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => markup`<tr>${cells.map((cell) => markup`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`
}
