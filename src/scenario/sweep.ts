import type { Scenario } from './scenario.ts'
import { writeBytes, writeDuration } from './units.ts'

/** The keys that a sweep may vary: those that are numbers and change what a transport does. */
export const SWEEP_KEYS = ['clients', 'channels', 'rate', 'payload', 'interval', 'hold'] as const
export type SweepKey = (typeof SWEEP_KEYS)[number]

/** One value of a sweep, and the scenario that has it. */
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

const UNITS = {
  clients: 'clients',
  channels: 'channels',
  rate: 'events/s',
  payload: 'bytes',
  interval: 'ms',
  hold: 'ms',
} as const satisfies Record<SweepKey, string>

/** In what a key's values are told. */
export function sweepUnit<Key extends SweepKey>(key: Key): (typeof UNITS)[Key] {
  return UNITS[key]
}

const FIELDS = {
  clients: 'clients',
  channels: 'channels',
  rate: 'rate',
  payload: 'payloadBytes',
  interval: 'intervalMs',
  hold: 'holdMs',
} as const satisfies Record<SweepKey, keyof Scenario>

/** A swept key's value in a scenario, in its unit; null where it is no number. */
export function sweptFigure(key: SweepKey, scenario: Scenario): number | null {
  const figure = scenario[FIELDS[key]]
  return figure === 'per-client' ? null : figure
}

/**
 * The scenario by which a run was measured: that of the result, or in a sweep the one of the run's
 * value.
 */
export function scenarioAt<Measured extends Pick<Scenario, (typeof FIELDS)[SweepKey]>>(
  scenario: Measured,
  sweep: { readonly key: SweepKey } | undefined,
  point: number | null | undefined,
): Measured {
  if (sweep === undefined || typeof point !== 'number') return scenario
  return { ...scenario, [FIELDS[sweep.key]]: point }
}

/** As it is written on the command line: `500ms`, `4KiB`, `0.1`. */
export function formatSwept(key: SweepKey, value: number): string {
  switch (sweepUnit(key)) {
    case 'ms':
      return value === 0 ? '0' : writeDuration(value)
    case 'bytes':
      return Number.isInteger(value / 1024) ? writeBytes(value) : String(value)
    default:
      return String(value)
  }
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
