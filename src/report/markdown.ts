import type { Result } from '../result/document.ts'
import { capacityGrid, capacityLine } from './capacity.ts'
import { commandOf } from './command.ts'
import { compareTransports } from './comparison.ts'
import { environmentOf } from './environment.ts'
import { notesOf, subtitleOf, titleOf, validityOf } from './headline.ts'
import { escaped, grid, list } from './markdown-text.ts'
import { pageOf, printable } from './plain-text.ts'
import { formatCount, missing } from './quantity.ts'
import type { RenderOptions, Reporter } from './reporter.ts'
import { tradeOffOf } from './trade-off.ts'
import { verdictOf } from './verdict.ts'
import { warningsOf } from './warning.ts'

/** GitHub's Markdown, to keep beside the document and to paste into a discussion. */
export const markdown: Reporter = {
  name: 'markdown',
  extension: 'md',
  render(result: Result, { picture }: RenderOptions = {}): string {
    const { columns, rows } = compareTransports(result)
    const { sweep } = result
    const tradeOff = sweep === undefined ? null : tradeOffOf({ ...result, sweep })
    const { description } = result.scenario
    const { capacity } = result
    const heads = columns.map(({ label, pick }) => (pick === null ? label : `${label} (${pick})`))
    const blocks = [
      [`# ${escaped(result.scenario.name)}`],
      description === '' ? [] : [escaped(description)],
      [`${escaped(titleOf(result))}  `, escaped(subtitleOf(result))],
      result.runs.length > 0 ? [escaped(validityOf(result))] : [],
      warningsOf(result).map(({ text }) => `> **${escaped(text)}**\n>`),
      ...capacityBlocks(result),
      tradeOff !== null
        ? grid(tradeOff.head, tradeOff.rows)
        : columns.length > 0
          ? grid(['', ...heads], [...rows.map(({ label, cells }) => [label, ...cells])])
          : [],
      capacity === undefined ? list(verdictOf(result)) : [],
      list(notesOf(result)),
      picture === undefined ? [] : [`![${escaped(picture.title)}](${picture.file})`],
      ['## Environment'],
      grid(['', ''], environmentOf(result)),
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
function capacityBlocks(result: Result): string[][] {
  const { capacity, scenario } = result
  if (capacity === undefined) return []
  const { head, rows } = capacityGrid(capacity)
  const value = formatCount(scenario[capacity.search])
  return [
    [`**${escaped(capacityLine(result))}**`],
    grid(head, rows),
    [`## Figures at ${value} ${capacity.unit}`],
  ]
}
