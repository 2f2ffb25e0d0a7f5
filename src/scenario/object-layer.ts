import { isScenarioKey, SCENARIO_KEYS, type ScenarioKey } from './keys.ts'
import type { Layer } from './layer.ts'
import { type Problem, showKey } from './problem.ts'
import { didYouMean } from './suggestion.ts'

/**
 * The layer of a program's own object, with the keys of a scenario file. A key without a value is
 * not there.
 *
 * @param name what the object is called in messages
 */
export function objectLayer(object: Readonly<Record<string, unknown>>, name: string): Layer {
  const values: Partial<Record<ScenarioKey, unknown>> = {}
  const problems: Problem[] = []
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue
    if (isScenarioKey(key)) {
      values[key] = value
      continue
    }
    const hint = didYouMean(key, SCENARIO_KEYS)
    problems.push({
      place: { label: `${name}.${showKey(key)}`, order: SCENARIO_KEYS.length },
      text: `unknown key${hint}; expected one of ${SCENARIO_KEYS.join(', ')}`,
    })
  }
  return {
    source: name,
    values,
    problems,
    fallbackName: null,
    origin: (key) => `${name}.${key}`,
    place: (key, ...inside) => ({
      label: `${name}.${key}${inside.map(step).join('')}`,
      order: SCENARIO_KEYS.indexOf(key),
      key,
    }),
  }
}

function step(inside: string | number): string {
  return typeof inside === 'number' ? `[${inside}]` : `.${showKey(inside)}`
}
