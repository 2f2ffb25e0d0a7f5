import type { WrittenScenario } from '../scenario/scenario.ts'
import type { SweepKey } from '../scenario/sweep.ts'
import type { Quantity } from '../scenario/values.ts'

type Swept = { readonly [Key in SweepKey]?: readonly Quantity[] }

/**
 * What is to be measured: the keys of a scenario file, each with the same default, the same units
 * and the same check. Variables of the environment do not count.
 */
export type Scenario = {
  readonly [Key in keyof WrittenScenario]: Key extends 'sweep'
    ? string | Swept
    : WrittenScenario[Key]
}
