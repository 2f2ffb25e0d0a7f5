import type { ScenarioKey } from './keys.ts'

/** Values that are fine by themselves and not together. */
export interface Contradiction {
  /** The keys that make it; the problem is told at the first. */
  readonly keys: readonly [ScenarioKey, ...ScenarioKey[]]
  /** What inside the first key. */
  readonly inside?: readonly (string | number)[]
  readonly text: string
}
