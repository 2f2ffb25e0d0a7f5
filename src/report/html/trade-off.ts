import { sweepCharts, sweptOf } from '../chart/sweep-charts.ts'
import { leftOutWord } from '../fault.ts'
import { type Markup, markup } from '../markup.ts'
import { pointNoun } from '../point.ts'
import { type TradeOff, tradeOffOf } from '../trade-off.ts'
import { answer } from './answer.ts'
import { figureCell } from './cell.ts'
import { chartFigure, legend } from './figure.ts'
import { prose } from './prose.ts'
import { section } from './section.ts'
import type { Subject } from './subject.ts'

/** The trade-off that a sweep measured: in sentences, as charts and as a table. */
export function tradeOff(subject: Subject): Markup | null {
  const { id, result, hues } = subject
  const { sweep } = result
  if (sweep === undefined) return null
  const swept = { ...result, sweep }
  const group = `${id}-sweep`
  const hueOf = (transport: string): number => hues.get(transport) ?? 0
  const all = sweptOf(swept)
  const key = all.map((one) => ({ ...one, hue: hueOf(one.transport) }))
  const leftOut = all.some(({ columns }) => columns.some((column) => leftOutWord(column) !== null))
    ? ' A hollow dot was left out of the sentences above and of what crosses: lines end before it.'
    : ''
  const figures = sweepCharts(swept, hueOf).map((chart, i) =>
    chartFigure(chart, { id: `${group}-${i + 1}`, group, size: 'half' }),
  )
  return section(
    group,
    `The trade-off over the ${pointNoun(sweep)}`,
    markup`${answer(subject)}
${legend(group, key)}
<div class="grid-of-figures">${figures}</div>
<p class="note">Lines that are level were measured once: the ${pointNoun(sweep)} does not concern them. Where two costs cross, a dotted line says at which value, interpolated between measured ones.${leftOut}</p>
${table(tradeOffOf(swept))}`,
  )
}

/** What a cell may say of validity. */
const VERDICTS: readonly string[] = ['valid', 'suspect', 'invalid']

function table({ head, rows, definitions }: TradeOff): Markup {
  const body = rows.map(
    ([label = '', ...cells]) =>
      markup`<tr><th scope="row">${label}</th>${cells.map((text) => (VERDICTS.includes(text) ? markup`<td class="${text}">${text}</td>` : markup`<td>${figureCell(text)}</td>`))}</tr>\n`,
  )
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="Figures of each value"><table class="plain figures"><caption><span>Figures of each value</span></caption>
<thead><tr>${head.map((text) => markup`<th scope="col">${text}</th>`)}</tr></thead>
<tbody>${body}</tbody></table></div>
${definitions.map((text) => markup`<p class="note">${prose(text)}</p>`)}`
}
