/** What follows from the catalogue for each key: its names, and what counts without it. */
import { CATALOGUE } from './catalogue.ts'
import { KEY_GROUPS, type KeyEntry } from './key.ts'

export type ScenarioKey = keyof typeof CATALOGUE

/** In the order in which they are reported. */
export const SCENARIO_KEYS = Object.keys(CATALOGUE) as readonly ScenarioKey[]

/** In the order in which they are told. */
export const TOLD_KEYS: readonly ScenarioKey[] = KEY_GROUPS.flatMap((group) =>
  SCENARIO_KEYS.filter((key) => CATALOGUE[key].group === group),
)

export function entryOf(key: ScenarioKey): KeyEntry {
  return CATALOGUE[key]
}

export function isScenarioKey(key: string): key is ScenarioKey {
  return Object.hasOwn(CATALOGUE, key)
}

/** `10s`, `random, printed`: what counts where nobody says anything. */
export function usualOf(key: ScenarioKey): string {
  const { usual, usualWords, isSwitch } = entryOf(key)
  return [isSwitch === true && usual === false ? 'no' : usual, usualWords]
    .filter((part) => part !== undefined)
    .join(', ')
}

/** `rampUp` → `--ramp-up`. */
export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** `rampUp` → `RTBENCH_RAMP_UP`. */
export function variableOf(key: string): string {
  return `RTBENCH_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}
