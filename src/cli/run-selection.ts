import { RtbenchError } from '../error.ts'
import type { NamedResult } from '../report/reporter.ts'
import type { Run } from '../result/document.ts'
import { didYouMean } from '../scenario/suggestion.ts'

/** Which runs of stored results are shown; all by default. */
export interface RunSelection {
  /** Names, comma-separated. */
  readonly transport?: string
  readonly repetition?: string
}

/**
 * Leaves out the runs that are not asked for, and a result without any.
 * @throws RtbenchError `usage` where none is left
 */
export function selectedRuns(
  results: readonly NamedResult[],
  { transport, repetition }: RunSelection,
): readonly NamedResult[] {
  if (transport === undefined && repetition === undefined) return results
  const names = transport?.split(',').map((name) => name.trim())
  const number = repetition === undefined ? null : repetitionOf(repetition)
  for (const name of names ?? []) refuseUnknown(name, results)
  const isAsked = (run: Pick<Run, 'transport' | 'repetition'>): boolean =>
    (names?.includes(run.transport) ?? true) && (number === null || run.repetition === number)
  const selected = results.flatMap(({ result, name }) => {
    const runs = result.runs.filter(isAsked)
    const missing = result.missing.filter(isAsked)
    return runs.length === 0 ? [] : [{ name, result: { ...result, runs, missing } }]
  })
  if (selected.length > 0) return selected
  throw new RtbenchError(
    'usage',
    `--repetition: no run is repetition ${number} of what is asked for`,
  )
}

function repetitionOf(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw new RtbenchError('usage', `--repetition: ${text} is no repetition; they count from 1`)
}

function refuseUnknown(name: string, results: readonly NamedResult[]): void {
  const known = [
    ...new Set(results.flatMap(({ result }) => result.runs.map(({ transport }) => transport))),
  ]
  if (known.includes(name)) return
  const hint = didYouMean(name, known)
  throw new RtbenchError(
    'usage',
    `--transport: no run of ${name}${hint}; there is ${known.join(', ') || 'no run'}`,
  )
}
