import type { z } from 'zod'
import type { CATALOGUE } from './catalogue.ts'
import { entryOf, SCENARIO_KEYS, type ScenarioKey } from './keys.ts'
import { describedWithoutSecrets, withoutSecrets } from './secret.ts'

type Catalogue = typeof CATALOGUE

/** A key's value as it is read, in its base unit. */
type Read<Key extends ScenarioKey> = z.output<ReturnType<Catalogue[Key]['field']>>
/** What stands for it where nobody says anything, if that is not of the same kind. */
type Fallback<Key extends ScenarioKey> = Catalogue[Key] extends {
  readonly fallback: (...given: never) => infer Value
}
  ? Value
  : never

/** What one source of values says: every key may be missing. */
export type ScenarioValues = {
  readonly [Key in keyof Catalogue]?: Read<Key> | undefined
}

/** What a program may write, by its types. */
export type WrittenScenario = {
  readonly [Key in keyof Catalogue]?: z.input<ReturnType<Catalogue[Key]['field']>>
}

/** What a key's value is called once it is resolved: `durationMs`. */
export type NameOf<Key extends ScenarioKey> = Key extends ScenarioKey
  ? Catalogue[Key] extends { readonly name: infer Name extends string }
    ? Name
    : Key
  : never

export type ResolvedKey = Exclude<ScenarioKey, 'sweep'>

/** The whole description of a measurement, resolved: every default filled in, every unit base. */
export type Scenario = {
  readonly [Key in keyof Catalogue as Key extends ResolvedKey ? NameOf<Key> : never]:
    | Read<Key>
    | Fallback<Key>
}

/** The scenario as a result keeps it: resolved, with its seed. */
export type RecordedScenario = z.output<
  z.ZodObject<{
    readonly [Key in keyof Catalogue as Key extends ResolvedKey
      ? NameOf<Key>
      : never]: Catalogue[Key] extends { readonly kept: (kit: never) => infer Kept } ? Kept : never
  }>
>

/** The keys that a resolved scenario has values for, each with the name that its value has there. */
export const RESOLVED: readonly (readonly [key: ResolvedKey, name: keyof Scenario])[] =
  SCENARIO_KEYS.filter((key): key is ResolvedKey => entryOf(key).kept !== undefined).map((key) => [
    key,
    (entryOf(key).name ?? key) as keyof Scenario,
  ])

/** A scenario fit to be kept in a result. */
export function recorded(scenario: Scenario): Scenario {
  const { target, backplane } = scenario
  return {
    ...scenario,
    target: describedWithoutSecrets(target),
    backplane: withoutSecrets(backplane),
  }
}
