import { FIGURES as ALL_FIGURES, readFigure } from '../figures/catalogue.ts'
import type { Run } from '../result/document.ts'
import { inert, printable } from '../text.ts'
import { collective, type NamedResult } from './reporter.ts'

type Cell = string | number | boolean | null

/** What names a run, before its figures. */
const NAMES: Readonly<Record<string, (run: Run, from: NamedResult) => Cell>> = {
  result: (_, { name }) => name,
  scenario: (_, { result }) => result.scenario.name,
  startedAt: ({ startedAt }) => startedAt,
  transport: ({ transport }) => transport,
  repetition: ({ repetition }) => repetition,
  point: ({ point }) => point ?? null,
  engine: (_, { result }) => result.scenario.engine,
  seed: ({ seed }, { result }) => seed ?? result.scenario.seed,
  'validity.verdict': ({ validity }) => validity.verdict,
}

/** Some of the names are figures of the run, too. */
const FIGURES = ALL_FIGURES.filter(({ path }) => !Object.hasOwn(NAMES, path))

/** For spreadsheets: one line a run, its figures by their places in the document. */
export const csv = collective('csv', 'csv', csvOf)

function csvOf(results: readonly NamedResult[]): string {
  const head = [...Object.keys(NAMES), ...FIGURES.map(({ path }) => path)]
  const lines = results.flatMap((one) =>
    one.result.runs.map((run) => [
      ...Object.values(NAMES).map((read) => read(run, one)),
      ...FIGURES.map((figure) => readFigure(run, figure)),
    ]),
  )
  // RFC 4180 ends lines so.
  return inert([head, ...lines].map((cells) => `${cells.map(field).join(',')}\r\n`).join(''))
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
