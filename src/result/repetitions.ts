import { grouped } from '../grouped.ts'
import type { Run } from './document.ts'

/**
 * What may be compared and summarised as one measurement: the runs of one transport at one value
 * of a sweep. Runs at several values differ because they were asked to.
 */
export interface Repetitions {
  readonly transport: string
  readonly label: string
  /** Null outside a sweep, and where the swept key does not concern the transport. */
  readonly point: number | null
  /** At least one, in the order in which they ran. */
  readonly runs: readonly [Run, ...Run[]]
}

/** Groups runs by transport and point, in the order in which each was first measured. */
export function repetitionsOf(runs: readonly Run[]): readonly Repetitions[] {
  return [...grouped(runs, repetitionKey).values()].map((group) => ({
    transport: group[0].transport,
    label: group[0].technique.label,
    point: pointOf(group[0]),
    runs: group,
  }))
}

/** Whether a run shows what was asked for: not the instrument alone, and not a part of it. */
export function counts({ validity, partial, interrupted }: Run): boolean {
  return validity.verdict !== 'invalid' && !partial && !interrupted
}

/** The runs that show something: those that count, or where none does, all of them. */
export function shownRuns(runs: readonly Run[]): readonly Run[] {
  const counted = runs.filter(counts)
  return counted.length > 0 ? counted : runs
}

/** The least and the greatest figure of the runs that count; null where fewer than two have one. */
export function rangeOf(
  runs: readonly Run[],
  figure: (run: Run) => number | null,
): readonly [least: number, greatest: number] | null {
  const figures = runs.filter(counts).map(figure)
  const known = figures.filter((value) => value !== null)
  return known.length < 2 ? null : [Math.min(...known), Math.max(...known)]
}

/** The same for two runs that repeat each other, of one result or of two with the same sweep. */
export function repetitionKey(run: Pick<Run, 'transport' | 'point'>): string {
  return `${run.transport} ${pointOf(run) ?? ''}`
}

/** Null outside a sweep, and where the swept key does not concern the transport. */
function pointOf({ point }: Pick<Run, 'point'>): number | null {
  return point ?? null
}
