import { NUMBERS } from './key.ts'
import {
  entryOf,
  flagOf,
  isScenarioKey,
  SCENARIO_KEYS,
  type ScenarioKey,
  variableOf,
} from './keys.ts'
import { type Place, type Problem, showKey } from './problem.ts'
import { didYouMean } from './suggestion.ts'
import { isPlainNumber } from './units.ts'

/** One source of a scenario's values: the flags, the environment or a file. */
export interface Layer {
  /** Of a file. */
  readonly path?: string
  /** Values as written, by scenario key; nothing but scenario keys. */
  readonly values: Readonly<Partial<Record<ScenarioKey, unknown>>>
  /** What was wrong already while reading it: unknown and duplicate keys. */
  readonly problems: readonly Problem[]
  /** The scenario's name if no layer gives one. */
  readonly fallbackName?: string | null
  /** Where a key's value stands, or what is inside it. */
  place(key: ScenarioKey, ...inside: readonly (string | number)[]): Place
}

/** The layer of the command line's options by camelCase name; those that are no scenario key are left out. */
export function flagLayer(options: Readonly<Record<string, unknown>>): Layer {
  return spokenLayer((key) => (Object.hasOwn(options, key) ? options[key] : undefined), flagOf)
}

const PREFIX = 'RTBENCH_'
/** Variables of the same family that are no scenario keys. */
const RESERVED: ReadonlySet<string> = new Set(['RTBENCH_TOKEN', 'RTBENCH_OUT'])

/**
 * The layer of the environment: `RTBENCH_CLIENTS`, `RTBENCH_RAMP_UP`… An empty variable counts as
 * absent, one that looks like a misspelt key is a problem, and other `RTBENCH_*` are ignored.
 */
export function environmentLayer(environment: NodeJS.ProcessEnv): Layer {
  const variables = SCENARIO_KEYS.map(variableOf)
  const problems: Problem[] = []
  const bareNames = variables.map((variable) => variable.slice(PREFIX.length))
  for (const variable of Object.keys(environment).sort()) {
    if (!variable.startsWith(PREFIX) || RESERVED.has(variable)) continue
    if (variables.includes(variable) || environment[variable] === '') continue
    const hint = didYouMean(variable.slice(PREFIX.length), bareNames, PREFIX)
    if (hint === '') continue
    problems.push({
      place: { label: showKey(variable), order: SCENARIO_KEYS.length },
      text: `unknown variable${hint}`,
    })
  }
  return spokenLayer((key) => environment[variableOf(key)] || undefined, variableOf, problems)
}

/** A layer whose values are texts, and have a name of their own instead of a line. */
function spokenLayer(
  read: (key: ScenarioKey) => unknown,
  nameOf: (key: ScenarioKey) => string,
  problems: readonly Problem[] = [],
): Layer {
  const values = SCENARIO_KEYS.map((key) => [key, fromText(key, read(key))] as const)
  return {
    values: Object.fromEntries(values.filter(([, value]) => value !== undefined)),
    problems,
    place: (key) => ({ label: nameOf(key), order: SCENARIO_KEYS.indexOf(key) }),
  }
}

/** The layer below all others, for a scenario that a number of its clients would not name well. */
export function nameLayer(fallbackName: string): Layer {
  return { ...flagLayer({}), fallbackName }
}

/** The layers, with one below them where a target says how to speak to a server that is started for each run. */
export function servedLayers(layers: readonly Layer[]): readonly Layer[] {
  const says = (key: ScenarioKey): boolean => layers.some(({ values }) => key in values)
  return says('target') && !says('url') ? [...layers, flagLayer({ url: SOMEWHERE })] : layers
}

/** The port is another one each time. */
const SOMEWHERE = 'http://127.0.0.1'

/** Flags and variables have no types: their plain numbers are numbers, as in a file, and so is what is true. */
function fromText(key: ScenarioKey, value: unknown): unknown {
  if (entryOf(key).isSwitch === true && (value === 'true' || value === 'false')) {
    return value === 'true'
  }
  const number =
    typeof value === 'string' && NUMBERS.has(entryOf(key).argument) && isPlainNumber(value)
  return number ? Number(value) : value
}

/** The layer of a program's own object, called so in messages; a key without a value is not there. */
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
    values,
    problems,
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
