import { z } from 'zod'
import { KEY_NOTES, TOLD_KEYS, usualOf } from './key-note.ts'
import { type Bounds, scenarioSchema } from './schema.ts'
import { ENDPOINT_NOTES, PUBLISH_NOTES } from './target-note.ts'

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
          const { meaning, usual, examples } = KEY_NOTES[key]
          const { description, ...shape } =
            key === 'target' ? describedTarget(known[key]) : (known[key] ?? {})
          const told = [
            sentence(meaning),
            ...(typeof description === 'string' ? [`Expected: ${description}.`] : []),
            `Default: ${usualOf(key)}.`,
          ].join('\n')
          const more = {
            ...(usual === null ? {} : { default: usual }),
            ...(examples.length === 0 ? {} : { examples }),
          }
          return [key, { description: told, ...more, ...shape }]
        }),
      ),
    },
  }
}

/** The schema of `target` with a note at every key of an endpoint. */
function describedTarget(target: JsonSchema = {}): JsonSchema {
  const endpoints = Object.entries(propertiesOf(target)).map(([name, endpoint]) => {
    const notes: Readonly<Record<string, string>> =
      name === 'publish' ? PUBLISH_NOTES : ENDPOINT_NOTES
    const properties = Object.entries(propertiesOf(endpoint)).map(([key, shape]) => [
      key,
      { ...shape, description: sentence(notes[key] ?? '') },
    ])
    return [name, { ...endpoint, properties: Object.fromEntries(properties) }]
  })
  return { ...target, properties: Object.fromEntries(endpoints) }
}

function propertiesOf({ properties }: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return properties as Readonly<Record<string, JsonSchema>>
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
