import CliTable, { type TableConstructorOptions } from 'cli-table3'
import { createColors } from 'picocolors'
import { grouped } from '../grouped.ts'
import type { Result } from '../result/document.ts'
import { printable } from '../text.ts'
import { type Comparison, headOf } from './comparison.ts'
import { briefTitleOf, hostNotesOf, notesOf, subtitleOf, titleOf, validityOf } from './headline.ts'
import { breakWords, type Grid, glued, pageOf, unglued, wrap } from './plain-text.ts'
import type { RenderOptions, Reporter } from './reporter.ts'
import type { TradeOff } from './trade-off.ts'
import { type View, viewOf } from './view.ts'
import { briefWarningsOf, warningsOf } from './warning.ts'

const narrowestLabel = 16
const widestLabel = 22
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

/** For a terminal: the answer first, and what speaks against the figures above them. */
export const table: Reporter = {
  name: 'table',
  extension: 'txt',
  render(result: Result, options: RenderOptions = {}): string {
    const form = terminalForm(options)
    const { colors, paragraphs } = form
    const view = viewOf(result)
    const isBrief = view.kind === 'run' && !options.full
    const warnings = (isBrief ? briefWarningsOf : warningsOf)(result).flatMap(
      ({ text, severity }) =>
        paragraphs([text], severity === 'invalid' ? colors.red : colors.yellow),
    )
    const blocks = isBrief
      ? firstScreen(view, warnings, form)
      : wholeReport(view, warnings, form, options.full ?? false)
    return unglued(pageOf(blocks))
  },
}

type Blocks = readonly (readonly string[])[]

/** No more than a terminal shows at once: of a result of four techniques 38 lines of 80 columns. */
function firstScreen(
  { result, comparison, answer }: Extract<View, { readonly kind: 'run' }>,
  warnings: readonly string[],
  form: TerminalForm,
): Blocks {
  const { colors, paragraphs } = form
  const { runs } = result
  const rows = comparison.rows.flatMap((row) =>
    row.first === null ? [] : [{ ...row, chapter: '', cells: row.first }],
  )
  const shared = runs.some(({ host }) => host.sharedWithServer)
  const host = shared ? 'Generator and server share this host. ' : ''
  return [
    [
      ...paragraphs(answer.slice(0, 1), colors.bold),
      ...paragraphs([briefTitleOf(result)], colors.dim),
    ],
    warnings,
    [
      ...comparisonGrids({ ...comparison, rows }, form),
      ...paragraphs([...notesOf(result, { brief: true })], colors.dim),
      ...paragraphs([`${host}All rows: --full; terms: rtbench explain.`], colors.dim),
    ],
  ]
}

function wholeReport(
  view: View,
  warnings: readonly string[],
  form: TerminalForm,
  full: boolean,
): Blocks {
  const { colors, paragraphs } = form
  const { result, comparison } = view
  const rows = full ? [comparisonGrids(comparison, form)] : []
  return [
    paragraphs(view.answer, view.kind === 'sweep' ? undefined : colors.bold),
    [
      ...paragraphs([titleOf(result)], colors.bold),
      ...paragraphs([subtitleOf(result)], colors.dim),
      ...(result.runs.length > 0 ? paragraphs([validityOf(result)]) : []),
    ],
    warnings,
    ...(view.kind === 'sweep' ? [tradeOffGrids(view.tradeOff, form)] : []),
    ...(view.kind === 'capacity' ? [[stepsGrid(view.steps, form)]] : []),
    ...rows,
    paragraphs(view.kind === 'capacity' ? hostNotesOf(result) : notesOf(result), colors.dim),
  ]
}

/**
 * A table of each chapter, or of each technique where those do not fit beside each other: figures keep their
 * units as long as that is possible, and words stay whole.
 */
function comparisonGrids({ columns, rows }: Comparison, form: TerminalForm): string[] {
  if (columns.length === 0) return []
  const each = columns.map((column, index) => ({
    head: printable(headOf(column)),
    rows: rows.map(({ cells, best, ...row }) => ({
      ...row,
      text: printable(cells[index] ?? ''),
      isBest: best.includes(index),
    })),
  }))
  const drawn = (keep: (text: string) => string): string[] | null => {
    const widths = columnWidths(
      each.map(({ head, rows }) => [head, ...rows.map(({ text }) => keep(text))]),
      form,
    )
    return widths && chapterTables(each, widths, keep, form)
  }
  const apart = each.flatMap((one) => {
    const texts = [one.head, ...one.rows.map(({ text }) => text)]
    return chapterTables([one], columnWidths([texts], form) ?? [], glued, form)
  })
  return [(drawn(glued) ?? drawn((text) => text) ?? apart).join('\n\n')]
}

interface GridColumn {
  readonly head: string
  readonly rows: readonly (Pick<Comparison['rows'][number], 'label' | 'chapter'> & {
    readonly text: string
    readonly isBest: boolean
  })[]
}

function chapterTables(
  columns: readonly GridColumn[],
  colWidths: readonly number[],
  keep: (text: string) => string,
  { colors: { bold } }: TerminalForm,
): string[] {
  const fit = (text: string, i: number): string => breakWords(text, colWidths[i + 1] ?? 1)
  const [first] = columns
  const places = (first?.rows ?? []).map((row, place) => ({ ...row, place }))
  return [...grouped(places, ({ chapter }) => chapter)].map(([chapter, rows]) => {
    const head = [chapter, ...columns.map(({ head }, i) => bold(fit(head, i)))]
    const body = rows.map(({ label, place }) => [
      label,
      ...columns.map(({ rows }, i) => {
        const { text = '', isBest = false } = rows[place] ?? {}
        return isBest ? bold(fit(keep(text), i)) : fit(keep(text), i)
      }),
    ])
    return drawnTable({ head, colWidths: [...colWidths], ...OPEN }, body).replace(/ +$/gm, '')
  })
}

/**
 * Widths of the label and of columns with these texts, as even as whole words allow; null where they do
 * not. A single column takes what there is.
 */
function columnWidths(
  columns: readonly (readonly string[])[],
  { width }: TerminalForm,
): readonly number[] | null {
  const label = Math.min(widestLabel, Math.max(narrowestLabel, Math.floor(width / 5)))
  const room = width - label - gap.length * columns.length
  const longest = (texts: readonly string[]): number =>
    Math.max(...texts.map(({ length }) => length))
  const [only = [], ...others] = columns
  if (others.length === 0) return [label, Math.min(room, longest(only))]
  const widths = columns.map((texts) => longest(texts.flatMap((text) => text.split(' '))))
  let spare = room - widths.reduce((sum, one) => sum + one, 0)
  if (spare < 0) return null
  for (; spare > 0; spare--) {
    const narrowest = Math.min(...widths)
    if (narrowest >= widestCell) break
    widths[widths.indexOf(narrowest)] = narrowest + 1
  }
  return [label, ...widths]
}

const gap = '  '
/** Without lines between columns, whose room the words need. */
const OPEN = {
  chars: {
    ...{ top: '', 'top-left': '', 'top-mid': '', 'top-right': '' },
    ...{ bottom: '', 'bottom-left': '', 'bottom-mid': '', 'bottom-right': '' },
    ...{ left: '', middle: gap, right: '' },
    ...{ 'left-mid': '', 'mid-mid': '──', 'right-mid': '' },
  },
  style: { 'padding-left': 0, 'padding-right': 0 },
}

/** A table of whole words. Colours are ours to give: cli-table3's own do not know NO_COLOR. */
export function drawnTable(
  options: Pick<TableConstructorOptions, 'head' | 'colWidths' | 'chars' | 'style'> & {
    readonly colAligns?: ('left' | 'right')[]
  },
  rows: readonly (readonly string[])[],
): string {
  const style = { head: [], border: [], compact: true, ...options.style }
  const table = new CliTable({ ...options, wordWrap: true, style })
  table.push(...rows.map((row) => [...row]))
  return table.toString()
}

/** Technique and value, then the figures. */
function tradeOffGrids({ head, rows }: TradeOff, { width, colors }: TerminalForm): string[] {
  if (rows.length === 0) return []
  return drawnBelow({ head, rows }, { width, bold: colors.bold, repeated: 2, texts: [0] })
}

/**
 * A grid whose first columns are of every table: as many of the others as the width takes, and the rest in
 * tables below.
 * @param form.texts the columns of words, which begin at the left
 */
export function drawnBelow(
  { head, rows }: Grid,
  form: {
    readonly width: number
    readonly bold: (text: string) => string
    readonly repeated: number
    readonly texts: readonly number[]
  },
): string[] {
  const widths = widthsOf(head, rows)
  const tables: string[] = []
  for (let next = form.repeated; next < head.length; ) {
    const shown = Array.from({ length: form.repeated }, (_, column) => column)
    const pick = <Cell>(cells: readonly Cell[]) => cells.filter((_, i) => shown.includes(i))
    do shown.push(next++)
    while (next < head.length && takenBy([...pick(widths), widths[next] ?? 0]) <= form.width)
    const options = {
      head: pick(head).map(form.bold),
      colWidths: pick(widths),
      colAligns: shown.map((column) => (form.texts.includes(column) ? 'left' : 'right')),
    }
    tables.push(
      drawnTable(
        options,
        rows.map((row) => pick(row).map(printable)),
      ),
    )
  }
  return tables
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
