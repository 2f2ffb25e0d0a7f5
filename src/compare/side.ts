import { wasLate } from '../measure/reason.ts'
import type { Result, Run } from '../result/document.ts'
import { repetitionKey } from '../result/repetitions.ts'
import { sweptName } from '../scenario/sweep.ts'
import { counted } from '../text.ts'
import { faultOf, invalidBy, reasonsOf } from './evidence.ts'

/** A run that counts, and the seed of its schedule. */
export interface CountedRun {
  readonly run: Run
  readonly seed: number
}

/** What one side of a comparison brings. */
export interface Side {
  /** By `repetitionKey`, in the order in which the results name them; empty where none counts. */
  readonly runs: ReadonlyMap<string, readonly CountedRun[]>
  /** The same with those that were only late: what is lost or doubled was counted to the last one. */
  readonly audited: ReadonlyMap<string, readonly CountedRun[]>
  /** How many runs there are by the same key, whether they count or not, and were to be. */
  readonly asked: ReadonlyMap<string, number>
  /** As in a table's head, by the same key: `Server-Sent Events`, `… at clients=500`. */
  readonly labels: ReadonlyMap<string, string>
  /** What tells a run from all others. */
  readonly keys: ReadonlySet<string>
  /** What does not count, and what counts with a doubt: one line each. */
  readonly warnings: readonly string[]
}

/**
 * Gathers the runs of a side's results. Those that are evidence count; of one that was late otherwise the
 * faults count. A run that is given twice counts once.
 * @param name `baseline` or `candidate`, for the warnings
 */
export function sideOf(name: string, results: readonly Result[]): Side {
  const runs = new Map<string, CountedRun[]>()
  const audited = new Map<string, CountedRun[]>()
  const asked = new Map<string, number>()
  const labels = new Map<string, string>()
  const keys = new Set<string>()
  const notes: Note[] = []
  let twice = 0
  for (const { scenario, runs: all, missing, sweep } of results) {
    for (const run of all) {
      labels.set(repetitionKey(run), sweptName(run.technique.label, sweep, run.point))
    }
    for (const run of missing) {
      const group = repetitionKey(run)
      labels.set(group, sweptName(run.label, sweep, run.point))
      asked.set(group, (asked.get(group) ?? 0) + 1)
      notes.push({ group, what: 'not measured', why: '' })
    }
    for (const run of all) {
      const { repetition, startedAt, latency } = run
      const group = repetitionKey(run)
      const key = [group, repetition, startedAt, latency.histogram].join(' ')
      if (keys.has(key)) {
        twice++
        continue
      }
      keys.add(key)
      asked.set(group, (asked.get(group) ?? 0) + 1)
      const one = { run, seed: run.seed ?? scenario.seed }
      const fault = faultOf(run)
      const isAudited = fault === null || (wasLate(run) && !run.interrupted)
      add(runs, group, fault === null ? [one] : [])
      add(audited, group, isAudited ? [one] : [])
      if (fault !== null) {
        const what = isAudited ? 'counted for faults alone' : 'not counted'
        notes.push({ group, what, why: fault })
      }
      if (fault === null && run.validity.verdict === 'suspect') {
        notes.push({ group, what: 'suspect', why: reasonsOf(run, 'suspect') })
      }
      if (fault === null && run.validity.verdict === 'invalid') {
        notes.push({ group, what: 'late, and judged by both its bounds', why: invalidBy(run) })
      }
    }
  }
  const warnings = linesOf(notes, labels)
  if (twice > 0) warnings.push(`${counted(twice, 'run')} given twice, counted once`)
  return {
    runs,
    audited,
    asked,
    labels,
    keys,
    warnings: warnings.map((line) => `${name}: ${line}`),
  }
}

function add(runs: Map<string, CountedRun[]>, group: string, more: readonly CountedRun[]): void {
  runs.set(group, [...(runs.get(group) ?? []), ...more])
}

interface Note {
  /** Its `repetitionKey`. */
  readonly group: string
  readonly what: string
  readonly why: string
}

/** `WebSocket: 2 runs not counted (invalid: slip)`, equal ones together. */
function linesOf(notes: readonly Note[], labels: ReadonlyMap<string, string>): string[] {
  const counts = new Map<string, { readonly note: Note; count: number }>()
  for (const note of notes) {
    const key = `${note.group} ${note.what} ${note.why}`
    const found = counts.get(key)
    if (found === undefined) counts.set(key, { note, count: 1 })
    else found.count++
  }
  return [...counts.values()].map(({ note: { group, what, why }, count }) => {
    const reason = why === '' ? '' : ` (${why})`
    return `${labels.get(group) ?? group}: ${counted(count, 'run')} ${what}${reason}`
  })
}
