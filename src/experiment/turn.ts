import type { MissingRun } from '../result/document.ts'
import type { Plan } from '../scenario/plan.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { transportNamed } from '../transports/registry.ts'
import { concerns } from '../transports/transport.ts'

/** One run to be measured. */
export interface Turn {
  /** From 0. */
  readonly index: number
  /** Of the transport. */
  readonly name: string
  readonly repetition: number
  readonly scenario: Scenario
  /** As in a result; undefined outside a sweep. */
  readonly point: number | null | undefined
}

/**
 * The runs of a plan in their order: value by value, and at each every transport. Every repetition
 * begins with another transport and another value, so that drift does not favour one of them. What
 * the swept key does not concern has one turn a repetition.
 */
export function turnsOf({ scenario, sweep }: Plan): readonly Turn[] {
  const { transports, repeat } = scenario
  const values = sweep?.points.map((point, index) => ({ ...point, isFirst: index === 0 }))
  const turns: Omit<Turn, 'index'>[] = []
  for (let round = 0; round < repeat; round++) {
    const repetition = round + 1
    const names = rotated(transports, round)
    if (sweep === null || values === undefined) {
      turns.push(...names.map((name) => ({ name, repetition, scenario, point: undefined })))
      continue
    }
    for (const { value, scenario, isFirst } of rotated(values, round)) {
      for (const name of names) {
        const isConcerned = concerns(sweep.key, transportNamed(name))
        if (!isConcerned && !isFirst) continue
        turns.push({ name, repetition, scenario, point: isConcerned ? value : null })
      }
    }
  }
  return turns.map((turn, index) => ({ index, ...turn }))
}

/**
 * Each repetition has a schedule of its own, the same for every transport: repetitions of a single
 * schedule would differ less among themselves than from those of another seed, and a comparison
 * would take the schedule for a change.
 */
export function seedOf({ seed }: Pick<Scenario, 'seed'>, repetition: number): number {
  return (seed + repetition - 1) % 2 ** 32
}

/** Why a turn that was not begun became no run. */
export const ABSENT = {
  notYet: 'not measured yet',
  stopped: 'stopped before its turn',
  afterFailure: 'the runs before it failed',
} as const

/** The run that a turn did not become. */
export function absence(
  { name, repetition, point }: Pick<Turn, 'name' | 'repetition' | 'point'>,
  reason: string,
): MissingRun {
  const { label } = transportNamed(name)
  return { transport: name, label, repetition, ...(point === undefined ? {} : { point }), reason }
}

function rotated<Item>(items: readonly Item[], by: number): readonly Item[] {
  const first = by % items.length
  return [...items.slice(first), ...items.slice(0, first)]
}
