import CliTable, { type TableConstructorOptions } from 'cli-table3'
import { createColors } from 'picocolors'
import type { Result } from '../result/document.ts'
import type { CapacityGrid } from './capacity.ts'
import type { Comparison } from './comparison.ts'
import { hostNotesOf, notesOf, subtitleOf, titleOf, validityOf } from './headline.ts'
import { breakWords, glued, pageOf, printable, unglued, wrap } from './plain-text.ts'
import type { RenderOptions, Reporter } from './reporter.ts'
import type { TradeOff } from './trade-off.ts'
import { type View, viewOf } from './view.ts'
import { type Warning, warningsOf } from './warning.ts'

type Colors = ReturnType<typeof createColors>

const widestLabel = 22
const narrowestCell = 10
const widestCell = 40

/** For a terminal. What speaks against the figures stands above them. */
export const table: Reporter = {
  name: 'table',
  extension: 'txt',
  render(result: Result, options: RenderOptions = {}): string {
    const width = Math.max(40, options.width ?? 120)
    const colors = createColors(options.color ?? false)
    const paragraphs = (texts: readonly string[], paint = (line: string) => line): string[] =>
      texts.flatMap((text) => wrap(glued(printable(text)), width)).map(paint)

    const view = viewOf(result)
    const blocks = [
      [
        ...paragraphs([titleOf(result)], colors.bold),
        ...paragraphs([subtitleOf(result)], colors.dim),
        ...(result.runs.length > 0 ? paragraphs([validityOf(result)]) : []),
      ],
      warningsOf(result).flatMap((warning) => paragraphs([warning.text], paintOf(warning, colors))),
      gridsOf(view, width, colors),
      paragraphs(view.answer, view.kind === 'capacity' ? colors.bold : undefined),
      paragraphs(view.kind === 'capacity' ? hostNotesOf(result) : notesOf(result), colors.dim),
    ]
    return unglued(pageOf(blocks))
  },
}

function gridsOf(view: View, width: number, colors: Colors): string[] {
  switch (view.kind) {
    case 'run':
      return comparisonGrid(view.comparison, width, colors)
    case 'sweep':
      return tradeOffGrids(view.tradeOff, width, colors)
    case 'capacity':
      return [stepsGrid(view.steps, width, colors)]
  }
}

function paintOf({ severity }: Warning, colors: Colors): (line: string) => string {
  return severity === 'invalid' ? colors.red : colors.yellow
}

function comparisonGrid({ columns, rows }: Comparison, width: number, colors: Colors): string[] {
  if (columns.length === 0) return []
  const borders = columns.length + 2
  const rest = width - borders - (widestLabel + 2)
  const cell = Math.min(widestCell, Math.max(narrowestCell, Math.floor(rest / columns.length) - 2))
  const fit = (text: string): string => breakWords(glued(printable(text)), cell)
  const heads = columns.map(({ label, pick }) => fit(pick === null ? label : `${label} (${pick})`))
  const body = rows
    .filter(({ detail }) => !detail)
    .map(({ label, cells, best }) => [
      label,
      ...cells.map(fit).map((text, i) => (best.includes(i) ? colors.bold(text) : text)),
    ])
  const colWidths = [widestLabel + 2, ...columns.map(() => cell + 2)]
  return [drawnTable({ head: ['', ...heads.map(colors.bold)], colWidths }, body)]
}

/** A table of whole words. Colours are ours to give: cli-table3's own do not know NO_COLOR. */
export function drawnTable(
  options: Pick<TableConstructorOptions, 'head' | 'colWidths' | 'colAligns'>,
  rows: readonly (readonly string[])[],
): string {
  const style = { head: [], border: [], compact: true }
  const table = new CliTable({ ...options, wordWrap: true, style })
  table.push(...rows.map((row) => [...row]))
  return table.toString()
}

/** Technique and value, then as many figures as the width takes; the rest in a grid below. */
function tradeOffGrids({ head, rows }: TradeOff, width: number, colors: Colors): string[] {
  if (rows.length === 0) return []
  const widths = widthsOf(head, rows)
  const grids: string[] = []
  let next = 2
  while (next < head.length) {
    const shown = [0, 1]
    do {
      shown.push(next++)
    } while (
      next < head.length &&
      takenBy([...shown, next].map((column) => widths[column] ?? 0)) <= width
    )
    const options = {
      head: shown.map((column) => colors.bold(head[column] ?? '')),
      colWidths: shown.map((column) => widths[column] ?? 0),
      colAligns: shown.map((column) => (column === 0 ? 'left' : 'right') as 'left' | 'right'),
    }
    const body = rows.map((row) => shown.map((column) => printable(row[column] ?? '')))
    grids.push(drawnTable(options, body))
  }
  return grids
}

const narrowestWhy = 20

/** The last column takes what the others leave of the width. */
function stepsGrid({ head, rows }: CapacityGrid, width: number, colors: Colors): string {
  const whole = head.slice(0, -1)
  const wide = widthsOf(whole, rows)
  const fits = takenBy(wide) + narrowestWhy <= width
  const figures = fits ? whole : whole.map(wordsOf)
  const widths = fits ? wide : widthsOf(figures, rows)
  const taken = takenBy(widths)
  const longest = Math.max(...rows.map((row) => row.at(-1)?.length ?? 0))
  const why = Math.max(narrowestWhy, Math.min(longest + 2, width - taken))
  const options = {
    head: [...figures, head.at(-1) ?? ''].map(colors.bold),
    colWidths: [...widths, why],
    colAligns: figures.map(
      (_, i) => (i < figures.length - 1 ? 'right' : 'left') as 'left' | 'right',
    ),
  }
  const body = rows.map((row) => {
    const cells = row.map((text) => printable(text))
    return [...cells.slice(0, -1), breakWords(cells.at(-1) ?? '', why - 2)]
  })
  return drawnTable(options, body)
}

/** Wide enough for every cell, and for every word of a title. */
function widthsOf(titles: readonly string[], rows: CapacityGrid['rows']): readonly number[] {
  return titles.map((title, i) => {
    const cells = rows.map((row) => row[i] ?? '')
    return Math.max(...[...title.split(' '), ...cells].map(({ length }) => length)) + 2
  })
}

/** With their borders. */
function takenBy(widths: readonly number[]): number {
  return widths.reduce((sum, one) => sum + one + 1, 2)
}

/** `deliveriesPerSecond` as words, so that its column may be narrow. */
function wordsOf(metric: string): string {
  return metric.replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
}
