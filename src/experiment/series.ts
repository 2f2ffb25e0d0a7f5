/** The runs of a plan, and how they are measured one after the other. */
import type { MissingRun, Run } from '../result/document.ts'
import type { Plan } from '../scenario/plan.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { SweepPoint } from '../scenario/sweep.ts'
import { transportNamed } from '../transports/registry.ts'
import { concerns } from '../transports/transport.ts'

export interface PlannedRun {
  /** From 0. */
  readonly index: number
  readonly name: string
  readonly repetition: number
  readonly scenario: Scenario
  /** As in a result; undefined outside a sweep. */
  readonly point: number | null | undefined
}

/**
 * The runs of a plan in their order: value by value, and at each every transport. Every repetition
 * begins with another transport and another value, so that drift does not favour one of them. What
 * the swept key does not concern has one run a repetition.
 */
export function plannedRuns({ scenario, sweep }: Plan): readonly PlannedRun[] {
  const { transports, repeat } = scenario
  const points: readonly (Pick<SweepPoint, 'scenario'> & Partial<SweepPoint>)[] = sweep?.points ?? [
    { scenario },
  ]
  const planned: PlannedRun[] = []
  for (let round = 0; round < repeat; round++) {
    for (const one of rotated(points, round)) {
      for (const name of rotated(transports, round)) {
        const isConcerned = sweep === null || concerns(sweep.key, transportNamed(name))
        if (!isConcerned && one !== points[0]) continue
        const point = isConcerned ? one.value : null
        const { scenario } = one
        planned.push({ index: planned.length, name, repetition: round + 1, scenario, point })
      }
    }
  }
  return planned
}

/**
 * Each repetition has a schedule of its own, the same for every transport: repetitions of a single
 * schedule would differ less among themselves than from those of another seed, and a comparison
 * would take the schedule for a change.
 */
export function seedOf({ seed }: Pick<Scenario, 'seed'>, repetition: number): number {
  return (seed + repetition - 1) % 2 ** 32
}

/** Why a planned run was not measured. */
export const ABSENT = {
  notYet: 'not measured yet',
  stopped: 'stopped before its turn',
  afterFailure: 'the runs before it failed',
} as const

/** A planned run that was not measured, as a result tells it. */
export function absence(
  { name, repetition, point }: Pick<PlannedRun, 'name' | 'repetition' | 'point'>,
  reason: string,
): MissingRun {
  const { label } = transportNamed(name)
  return { transport: name, label, repetition, ...(point === undefined ? {} : { point }), reason }
}

/** The runs that were measured, and those that were not. */
export interface Measurement {
  readonly runs: readonly Run[]
  readonly missing: readonly MissingRun[]
  /** What first kept one of the missing from being measured, if it was no interruption. */
  readonly failure: Error | null
}

/** A measurement of planned runs. */
export interface Series extends Measurement {
  /** The missing that were begun. */
  readonly failed: readonly MissingRun[]
}

export interface SeriesOptions {
  /** Aborting it ends the run under way early, and leaves out those to come. */
  readonly signal: AbortSignal
  /** Told after each run what there is by then; the next one waits for it. */
  onRun(series: Series): Promise<void>
}

/**
 * Measures one planned run after the other. One that fails takes with it what is the same in later repetitions, and
 * nothing else: what keeps 100,000 clients from connecting does not keep 1,000. Where there is no run
 * yet, it is taken for no matter of that run, and the series ends: outside a sweep at once, as there
 * is nothing to lose, and in a sweep when a second one fails in the same way.
 */
export async function measureSeries(
  planned: readonly PlannedRun[],
  measure: (run: PlannedRun) => Promise<Run>,
  { signal, onRun }: SeriesOptions,
): Promise<Series> {
  const runs: Run[] = []
  const missing: MissingRun[] = []
  const failed: MissingRun[] = []
  const failures: Error[] = []
  const until = (next: number, reason: string): Series => ({
    runs: [...runs],
    missing: [...missing, ...planned.slice(next).map((run) => absence(run, reason))],
    failure: failures[0] ?? null,
    failed: [...failed],
  })
  for (const [index, run] of planned.entries()) {
    if (signal.aborted) return until(index, ABSENT.stopped)
    const before = failed.find((one) => isSame(one, run))
    if (before !== undefined) {
      missing.push(absence(run, `failed at repetition ${before.repetition}`))
      continue
    }
    try {
      runs.push(await measure(run))
    } catch (error) {
      // Ctrl-C reaches processes that are about to start, too: their failure is no news then.
      if (signal.aborted) return until(index, ABSENT.stopped)
      const failure = error as Error
      const isTwice = failures.some((earlier) => kindOf(earlier) === kindOf(failure))
      failures.push(failure)
      failed.push(absence(run, failure.message))
      missing.push(absence(run, failure.message))
      if (runs.length === 0 && (isTwice || run.point === undefined)) {
        return until(index + 1, ABSENT.afterFailure)
      }
      continue
    }
    await onRun(until(index + 1, ABSENT.notYet))
  }
  return until(planned.length, '')
}

/**
 * Each run has processes and ports of its own, which make no other failure. Other figures may be
 * the swept value, for which alone it failed.
 */
function kindOf({ message }: Error): string {
  return message.replace(/(\bprocess |\bport |[\w.\]]:)\d+/g, '$1')
}

function isSame(failed: MissingRun, { name, point }: PlannedRun): boolean {
  return failed.transport === name && failed.point === point
}

function rotated<Item>(items: readonly Item[], by: number): readonly Item[] {
  const first = by % items.length
  return [...items.slice(first), ...items.slice(0, first)]
}
