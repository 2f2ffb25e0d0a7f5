/** Lines that stand above a comparison: what speaks against taking it at its word. */
import type { Mismatch } from './comparable.ts'
import type { CountedRun, Side } from './side.ts'

export function machineWarnings(
  { machine, warnings }: Mismatch,
  allowMismatch: boolean,
): readonly string[] {
  if (machine.length === 0) return warnings
  const what = allowMismatch
    ? "latency, CPU and memory are compared all the same: a change may be the machine's"
    : 'latency, CPU and memory are not judged (--allow-mismatch judges them all the same)'
  return [`not the same machine: ${machine.join('; ')}: ${what}`, ...warnings]
}

/** Transports, in a sweep at a value, of which a side has no run that counts. */
export function absentOf(before: Side, after: Side): readonly string[] {
  const labels = new Map([...before.labels, ...after.labels])
  return [...labels].flatMap(([group, label]) => {
    const sides = [
      ...(hasRuns(before, group) ? [] : ['baseline']),
      ...(hasRuns(after, group) ? [] : ['candidate']),
    ]
    if (sides.length === 0) return []
    const isAudited = [before, after].every(({ audited }) => (audited.get(group)?.length ?? 0) > 0)
    const what = isAudited
      ? 'is compared by its faults alone: no valid run'
      : 'is not compared: no run'
    return [`${label} ${what} of it counts in the ${sides.join(' and the ')}`]
  })
}

function hasRuns({ runs }: Side, group: string): boolean {
  return (runs.get(group)?.length ?? 0) > 0
}

export function sameRunWarnings(before: Side, after: Side): readonly string[] {
  const shared = [...before.keys].filter((key) => after.keys.has(key)).length
  if (shared === 0) return []
  if (shared === before.keys.size && shared === after.keys.size) {
    return ['both sides are the same result: it is compared with itself']
  }
  return [`${shared} ${shared === 1 ? 'run stands' : 'runs stand'} on both sides`]
}

/**
 * Repetitions of one schedule differ less among themselves than from those of another one, which
 * then looks like a change.
 */
export function seedWarnings(before: Side, after: Side): readonly string[] {
  const [one, other] = [before, after].map(({ runs }) => seedsOf([...runs.values()].flat()))
  if (one === undefined || other === undefined) return []
  const repeats = [before, after].every((side) => [...side.runs.values()].some(hasSeveral))
  const single = one.size === 1 && other.size === 1
  if (!repeats || !single || [...one].every((seed) => other.has(seed))) return []
  return [
    `each side repeats one schedule, of seed ${[...one].join()} and ${[...other].join()}: a change may be the schedule's`,
  ]
}

function seedsOf(runs: readonly CountedRun[]): ReadonlySet<number> {
  return new Set(runs.map(({ seed }) => seed))
}

function hasSeveral(runs: readonly CountedRun[]): boolean {
  return runs.length > 1
}
