import { CATALOGUE } from './catalogue.ts'
import { entryOf, isScenarioKey, SCENARIO_KEYS } from './keys.ts'
import type { NameOf, Scenario } from './scenario.ts'
import { writeBytes, writeDuration, writeRate } from './units.ts'

type Swept<Entries> = {
  [Key in keyof Entries]: Entries[Key] extends { readonly isSwept: true } ? Key : never
}[keyof Entries]

/** The keys that a sweep may vary: those that are numbers and change what a transport does. */
export type SweepKey = Swept<typeof CATALOGUE>
export const SWEEP_KEYS = SCENARIO_KEYS.filter(isSweepKey)

export function isSweepKey(key: string): key is SweepKey {
  return isScenarioKey(key) && entryOf(key).isSwept === true
}

export interface SweepPoint {
  /** In the sweep's unit. */
  readonly value: number
  readonly scenario: Scenario
}

/** A scenario for each value of one of its keys. */
export interface Sweep {
  readonly key: SweepKey
  /** Ascending by value; at least two. */
  readonly points: readonly [SweepPoint, ...SweepPoint[]]
}

/** In what a key's values are told. */
export function sweepUnit<Key extends SweepKey>(key: Key): (typeof CATALOGUE)[Key]['unit'] {
  return CATALOGUE[key].unit
}

/** What a key's value is called in a resolved scenario. */
function nameIn(key: SweepKey): NameOf<SweepKey> {
  return (entryOf(key).name ?? key) as NameOf<SweepKey>
}

/** A swept key's value in a scenario, in its unit; null where it is no number. */
export function sweptFigure(key: SweepKey, scenario: Scenario): number | null {
  const figure = scenario[nameIn(key)]
  return typeof figure === 'number' ? figure : null
}

/** The scenario by which a run was measured: that of the result, in a sweep with the run's value. */
export function scenarioAt<Measured extends Pick<Scenario, NameOf<SweepKey>>>(
  scenario: Measured,
  sweep: { readonly key: SweepKey } | undefined,
  point: number | null | undefined,
): Measured {
  if (sweep === undefined || typeof point !== 'number') return scenario
  return { ...scenario, [nameIn(sweep.key)]: point }
}

/** As it is written on the command line: `500ms`, `4KiB`, `0.1`. */
export function formatSwept(key: SweepKey, value: number): string {
  const unit = sweepUnit(key)
  if (unit === 'ms' && value > 0) return writeDuration(value)
  if (unit === 'events/s') return writeRate(value)
  return unit === 'bytes' && value % 1024 === 0 ? writeBytes(value) : String(value)
}

/**
 * `Short polling at interval=500ms`: a transport's name or label with a value as the command line has
 * it; alone outside a sweep, and where its key does not matter.
 */
export function sweptName(
  name: string,
  sweep: { readonly key: SweepKey } | null | undefined,
  point: number | null | undefined,
): string {
  if (sweep == null || typeof point !== 'number') return name
  return `${name} at ${sweep.key}=${formatSwept(sweep.key, point)}`
}
