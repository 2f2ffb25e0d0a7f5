import type { Result } from '../../result/document.ts'
import { huesFor } from '../chart/palette.ts'
import type { Line } from '../chart/run-charts.ts'
import { columnsOf } from '../comparison.ts'
import type { NamedResult } from '../reporter.ts'
import { type View, viewOf } from '../view.ts'

/** A result on the page. */
export interface Subject {
  readonly result: Result
  readonly view: View
  /** Before all ids of its part of the page: `r1`. */
  readonly id: string
  /** What it is called beside the others: unlike any of theirs. */
  readonly name: string
  readonly lines: readonly Line[]
  /** Of each transport, wherever it is on the page. */
  readonly hues: ReadonlyMap<string, number>
  /** Points that a line of the timeline may have. */
  readonly mostPoints: number
  /** Rows of the table that need no definition again. */
  readonly defined: ReadonlySet<string>
}

/** With so many results, lines have fewer points and rows one definition, so that the page stays small. */
const MANY_RESULTS = 4

/** Gives results their ids, their names and their colours on the page. */
export function subjectsOf(results: readonly NamedResult[]): readonly Subject[] {
  const hues = huesOf(results.map(({ result }) => result))
  const names = distinctNames(results)
  const views = results.map(({ result }) => viewOf(result))
  const isMany = results.length >= MANY_RESULTS
  const labelsOf = ({ comparison }: View) => comparison.rows.map(({ label }) => label)
  return results.map(({ result }, i) => ({
    result,
    view: views[i] ?? viewOf(result),
    id: `r${i + 1}`,
    name: names[i] ?? '',
    lines: linesOf(result, hues),
    hues,
    mostPoints: isMany ? 30 : 240,
    defined: new Set(isMany ? views.slice(0, i).flatMap(labelsOf) : []),
  }))
}

/** One hue for a transport, in every result of the page. */
function huesOf(results: readonly Result[]): ReadonlyMap<string, number> {
  const asked = results.flatMap(({ scenario }) => scenario.transports)
  const measured = results.flatMap(({ runs }) => runs.map(({ transport }) => transport))
  const names = [...new Set([...asked, ...measured])]
  const hues = huesFor(names)
  return new Map(names.map((name, i) => [name, hues[i] ?? 0]))
}

function linesOf(result: Result, hues: ReadonlyMap<string, number>): readonly Line[] {
  const columns = columnsOf(result)
  // In a sweep a transport has several lines, which must differ.
  const swept = result.sweep && huesFor(columns.map(({ run }) => run.transport))
  return columns.map((column, i) => ({
    ...column,
    hue: swept?.[i] ?? hues.get(column.run.transport) ?? 0,
  }))
}

/** By scenario; where several have one name, by what else tells them apart. */
function distinctNames(results: readonly NamedResult[]): readonly string[] {
  const candidates = [
    (one: NamedResult) => one.result.scenario.name,
    (one: NamedResult) => one.name ?? one.result.scenario.name,
    (one: NamedResult) => `${one.result.scenario.name}, ${one.result.environment.startedAt}`,
  ]
  for (const nameOf of candidates) {
    const names = results.map(nameOf)
    if (new Set(names).size === names.length) return names
  }
  return results.map(({ result }, i) => `${result.scenario.name} (${i + 1})`)
}
