import { z } from 'zod'
import * as fields from './field.ts'
import type { Bounds, Kit } from './key.ts'
import { entryOf, SCENARIO_KEYS, TOLD_KEYS, usualOf } from './keys.ts'
import {
  RESOLVED,
  type RecordedScenario,
  type ScenarioValues,
  type WrittenScenario,
} from './scenario.ts'
import { SWEEP_KEYS } from './sweep.ts'
import * as targetFields from './target.ts'
import { writtenName } from './transport-name.ts'

const KIT: Kit = { ...fields, ...targetFields }

/**
 * The shape of a scenario as it is written: every key optional, its output in base units. All its
 * messages are rtbench's own and read `what is wrong; expected what`.
 */
export function scenarioSchema(bounds: Bounds): z.ZodType<ScenarioValues, WrittenScenario> {
  const shape = SCENARIO_KEYS.map((key) => [
    key,
    entryOf(key).field(KIT, { ...bounds, sweepKeys: SWEEP_KEYS }),
  ])
  // Its shape is made of the catalogue's fields, by key, which the compiler cannot follow.
  return z.strictObject(Object.fromEntries(shape)).partial() as never
}

/** What was asked for, with every default, and its seed, as a result keeps it. */
export const recordedScenario: z.ZodType<RecordedScenario> = z.looseObject(
  Object.fromEntries(RESOLVED.map(([key, name]) => [name, entryOf(key).kept?.(KIT)])),
) as never

type JsonSchema = Record<string, unknown>

/**
 * The JSON Schema of a scenario file, draft 7, which editors know best. It describes what is
 * written (`10k`, `30s`), and is laxer than rtbench: what it refuses, rtbench refuses.
 */
export function scenarioJsonSchema(bounds: Bounds): JsonSchema {
  const { properties, ...whole }: JsonSchema = z.toJSONSchema(scenarioSchema(bounds), {
    io: 'input',
    target: 'draft-7',
  })
  const known = propertiesOf({ properties })
  return {
    ...whole,
    title: 'A scenario of rtbench',
    description: 'What rtbench measures. Every key is optional; docs/scenarios.md tells of each.',
    properties: {
      $schema: { description: 'Where this schema is, for editors' },
      ...Object.fromEntries(
        TOLD_KEYS.map((key) => {
          const { meaning, usual, examples } = entryOf(key)
          const { description, ...shape } =
            key === 'target' ? describedTarget(bounds, known[key]) : (known[key] ?? {})
          const told = [
            sentence(meaning),
            ...(typeof description === 'string' ? [`Expected: ${description}.`] : []),
            `Default: ${usualOf(key)}.`,
          ].join('\n')
          const more = {
            ...(usual === undefined ? {} : { default: usual }),
            ...(examples.length === 0 ? {} : { examples }),
          }
          return [key, { description: told, ...more, ...shape }]
        }),
      ),
    },
  }
}

/** The schema of `target` with a note at every key of an endpoint, which its other names have, too. */
function describedTarget(bounds: Bounds, target: JsonSchema = {}): JsonSchema {
  const endpoints = Object.entries(propertiesOf(target)).map(([name, endpoint]) => {
    const notes: Readonly<Record<string, string>> =
      name === 'publish' ? targetFields.PUBLISH_NOTES : targetFields.ENDPOINT_NOTES
    const properties = Object.entries(propertiesOf(endpoint)).map(([key, shape]) => [
      key,
      { ...shape, description: sentence(notes[key] ?? '') },
    ])
    return [name, { ...endpoint, properties: Object.fromEntries(properties) }]
  })
  const others = bounds.transportNames.map((name) => [
    `^(?!${name}$)(?:${writtenName(name, bounds)})$`,
    { $ref: `#/properties/target/properties/${name}` },
  ])
  return {
    ...target,
    properties: Object.fromEntries(endpoints),
    patternProperties: Object.fromEntries(others),
  }
}

function propertiesOf({ properties }: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return properties as Readonly<Record<string, JsonSchema>>
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
