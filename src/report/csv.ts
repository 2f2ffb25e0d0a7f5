import { FIGURES as ALL_FIGURES, readFigure } from '../figures/catalogue.ts'
import type { Run } from '../result/document.ts'
import { inert, printable } from './plain-text.ts'
import type { NamedResult, Reporter } from './reporter.ts'

type Cell = string | number | boolean | null

/** What names a run, before its figures. */
const NAMES = [
  'result',
  'scenario',
  'startedAt',
  'transport',
  'repetition',
  'point',
  'engine',
  'seed',
  'validity.verdict',
] as const

/** Some of the names are figures of the run, too. */
const FIGURES = ALL_FIGURES.filter(({ path }) => !NAMES.some((name) => name === path))

/** For spreadsheets: one line a run, its figures by their places in the document. */
export const csv: Reporter = {
  name: 'csv',
  extension: 'csv',
  render: (result) => csvOf([{ result, name: null }]),
  renderAll: csvOf,
}

function csvOf(results: readonly NamedResult[]): string {
  const head = [...NAMES, ...FIGURES.map(({ path }) => path)]
  const lines = results.flatMap((one) => one.result.runs.map((run) => cellsOf(run, one)))
  // RFC 4180 ends lines so.
  return inert([head, ...lines].map((cells) => `${cells.map(field).join(',')}\r\n`).join(''))
}

function cellsOf(run: Run, { result, name }: NamedResult): Cell[] {
  const { scenario } = result
  return [
    name,
    scenario.name,
    run.startedAt,
    run.transport,
    run.repetition,
    run.point ?? null,
    scenario.engine,
    run.seed ?? scenario.seed,
    run.validity.verdict,
    ...FIGURES.map((figure) => readFigure(run, figure)),
  ]
}

/** Empty where there is no figure. */
function field(value: Cell): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  const text = harmless(printable(value))
  return /[",;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A spreadsheet takes what begins so for a formula, in full width too; an apostrophe makes it text. */
function harmless(text: string): string {
  return /^[=+\-@＝＋－＠]/.test(text) ? `'${text}` : text
}
