import CliTable, { type TableConstructorOptions } from 'cli-table3'
import { createColors } from 'picocolors'
import type { Result } from '../result/document.ts'
import { type Comparison, headOf } from './comparison.ts'
import { hostNotesOf, notesOf, subtitleOf, titleOf, validityOf } from './headline.ts'
import { breakWords, type Grid, glued, pageOf, printable, unglued, wrap } from './plain-text.ts'
import type { RenderOptions, Reporter } from './reporter.ts'
import type { TradeOff } from './trade-off.ts'
import { type View, viewOf } from './view.ts'
import { warningsOf } from './warning.ts'

const widestLabel = 22
const narrowestCell = 10
const widestCell = 40

/** How a report is written to a terminal. */
export type TerminalForm = ReturnType<typeof terminalForm>

export function terminalForm(options: RenderOptions) {
  const width = Math.max(40, options.width ?? 120)
  return {
    width,
    colors: createColors(options.color ?? false),
    /** Text of a cell of so many columns. */
    fit: (text: string, columns: number): string => breakWords(glued(printable(text)), columns),
    paragraphs: (texts: readonly string[], paint = (line: string) => line): string[] =>
      texts.flatMap((text) => wrap(glued(printable(text)), width)).map(paint),
  }
}

/** For a terminal. What speaks against the figures stands above them. */
export const table: Reporter = {
  name: 'table',
  extension: 'txt',
  render(result: Result, options: RenderOptions = {}): string {
    const form = terminalForm(options)
    const { colors, paragraphs } = form
    const view = viewOf(result)
    const blocks = [
      [
        ...paragraphs([titleOf(result)], colors.bold),
        ...paragraphs([subtitleOf(result)], colors.dim),
        ...(result.runs.length > 0 ? paragraphs([validityOf(result)]) : []),
      ],
      warningsOf(result).flatMap(({ text, severity }) =>
        paragraphs([text], severity === 'invalid' ? colors.red : colors.yellow),
      ),
      gridsOf(view, form),
      paragraphs(view.answer, view.kind === 'capacity' ? colors.bold : undefined),
      paragraphs(view.kind === 'capacity' ? hostNotesOf(result) : notesOf(result), colors.dim),
    ]
    return unglued(pageOf(blocks))
  },
}

function gridsOf(view: View, form: TerminalForm): string[] {
  switch (view.kind) {
    case 'run':
      return comparisonGrid(view.comparison, form)
    case 'sweep':
      return tradeOffGrids(view.tradeOff, form)
    case 'capacity':
      return [stepsGrid(view.steps, form)]
  }
}

function comparisonGrid({ columns, rows }: Comparison, form: TerminalForm): string[] {
  if (columns.length === 0) return []
  const { width, colors, fit } = form
  const borders = columns.length + 2
  const rest = width - borders - (widestLabel + 2)
  const cell = Math.min(widestCell, Math.max(narrowestCell, Math.floor(rest / columns.length) - 2))
  const body = rows
    .filter(({ detail }) => !detail)
    .map(({ label, cells, best }) => [
      label,
      ...cells
        .map((text) => fit(text, cell))
        .map((text, i) => (best.includes(i) ? colors.bold(text) : text)),
    ])
  const head = ['', ...columns.map((column) => colors.bold(fit(headOf(column), cell)))]
  return [drawnTable({ head, colWidths: [widestLabel + 2, ...columns.map(() => cell + 2)] }, body)]
}

/** A table of whole words. Colours are ours to give: cli-table3's own do not know NO_COLOR. */
export function drawnTable(
  options: Pick<TableConstructorOptions, 'head' | 'colWidths'> & {
    readonly colAligns?: ('left' | 'right')[]
  },
  rows: readonly (readonly string[])[],
): string {
  const style = { head: [], border: [], compact: true }
  const table = new CliTable({ ...options, wordWrap: true, style })
  table.push(...rows.map((row) => [...row]))
  return table.toString()
}

/** Technique and value, then as many figures as the width takes; the rest in a grid below. */
function tradeOffGrids({ head, rows }: TradeOff, { width, colors }: TerminalForm): string[] {
  if (rows.length === 0) return []
  const widths = widthsOf(head, rows)
  const grids: string[] = []
  let next = 2
  while (next < head.length) {
    const shown = [0, 1]
    const pick = <Cell>(cells: readonly Cell[]) => cells.filter((_, i) => shown.includes(i))
    do shown.push(next++)
    while (next < head.length && takenBy([...pick(widths), widths[next] ?? 0]) <= width)
    const options = {
      head: pick(head).map(colors.bold),
      colWidths: pick(widths),
      colAligns: shown.map((column) => (column === 0 ? 'left' : 'right')),
    }
    grids.push(
      drawnTable(
        options,
        rows.map((row) => pick(row).map(printable)),
      ),
    )
  }
  return grids
}

const narrowestWhy = 20

/** The last column takes what the others leave of the width. */
function stepsGrid({ head, rows }: Grid, { width, colors }: TerminalForm): string {
  const whole = head.slice(0, -1)
  const wide = widthsOf(whole, rows)
  const fits = takenBy(wide) + narrowestWhy <= width
  const figures = fits ? whole : whole.map(wordsOf)
  const widths = fits ? wide : widthsOf(figures, rows)
  const longest = Math.max(...rows.map((row) => row.at(-1)?.length ?? 0))
  const why = Math.max(narrowestWhy, Math.min(longest + 2, width - takenBy(widths)))
  const options = {
    head: [...figures, head.at(-1) ?? ''].map(colors.bold),
    colWidths: [...widths, why],
    colAligns: figures.map((_, i) => (i < figures.length - 1 ? 'right' : 'left')),
  }
  const body = rows.map((row) => {
    const cells = row.map(printable)
    return [...cells.slice(0, -1), breakWords(cells.at(-1) ?? '', why - 2)]
  })
  return drawnTable(options, body)
}

/** Wide enough for every cell, and for every word of a title. */
function widthsOf(titles: readonly string[], rows: Grid['rows']): readonly number[] {
  return titles.map((title, i) => {
    const cells = rows.map((row) => row[i] ?? '')
    return Math.max(...[...title.split(' '), ...cells].map(({ length }) => length)) + 2
  })
}

/** With their borders. */
export function takenBy(widths: readonly number[]): number {
  return widths.reduce((sum, one) => sum + one + 1, 2)
}

/** `deliveriesPerSecond` as words, so that its column may be narrow. */
function wordsOf(metric: string): string {
  return metric.replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
}
