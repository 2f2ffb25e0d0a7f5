import type { CountedRun } from './side.ts'

/** The runs of two sides that belong together, in the order in which they were measured. */
export interface Pairs {
  readonly baseline: readonly CountedRun[]
  readonly candidate: readonly CountedRun[]
}

/**
 * Runs that were measured in turn: each of one side right before or after that of the other by the same
 * schedule, so that both are of one state of the machine. What has lost its partner is left out.
 * @returns null where the sides were measured one after the other, so that no run belongs to another one
 */
export function pairsOf(before: readonly CountedRun[], after: readonly CountedRun[]): Pairs | null {
  const runs = [
    ...before.map((one) => ({ one, isBaseline: true })),
    ...after.map((one) => ({ one, isBaseline: false })),
  ].sort((a, b) => Date.parse(a.one.run.startedAt) - Date.parse(b.one.run.startedAt))
  const baseline: CountedRun[] = []
  const candidate: CountedRun[] = []
  for (let place = 0; place + 1 < runs.length; place++) {
    const [first, second] = runs.slice(place, place + 2)
    if (first === undefined || second === undefined) break
    if (first.isBaseline === second.isBaseline || first.one.seed !== second.one.seed) continue
    baseline.push((first.isBaseline ? first : second).one)
    candidate.push((first.isBaseline ? second : first).one)
    place++
  }
  // Where both sides repeat one schedule, the last of one and the first of the other look like a pair.
  const isInTurn = baseline.length > 1 && baseline.length * 4 > runs.length
  return isInTurn ? { baseline, candidate } : null
}
