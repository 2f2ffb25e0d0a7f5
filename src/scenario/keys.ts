/**
 * The keys of a scenario, in the order in which they are reported. A key is spelt `rampUp` in a
 * file, `--ramp-up` as a flag and `RTBENCH_RAMP_UP` in the environment.
 */
export const SCENARIO_KEYS = [
  'name',
  'description',
  'transport',
  'clients',
  'duration',
  'warmup',
  'rampUp',
  'channels',
  'rate',
  'arrivals',
  'payload',
  'interval',
  'hold',
  'engine',
  'instances',
  'workers',
  'backplane',
  'url',
  'target',
  'repeat',
  'sweep',
  'threshold',
  'seed',
] as const

export type ScenarioKey = (typeof SCENARIO_KEYS)[number]

export function isScenarioKey(key: string): key is ScenarioKey {
  return SCENARIO_KEYS.some((known) => known === key)
}

/** `rampUp` → `--ramp-up`. */
export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** `rampUp` → `RTBENCH_RAMP_UP`. */
export function variableOf(key: string): string {
  return `RTBENCH_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}
