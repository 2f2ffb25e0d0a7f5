import type { z } from 'zod'
import { type Contradiction, chatRate, contradictions, describes } from './contradictions.ts'
import type { SweepWish } from './field.ts'
import type { Bounds } from './key.ts'
import { entryOf, isScenarioKey, SCENARIO_KEYS, type ScenarioKey } from './keys.ts'
import type { Layer } from './layer.ts'
import type { Problem } from './problem.ts'
import { RESOLVED, type Scenario, type ScenarioValues } from './scenario.ts'
import { scenarioSchema } from './schema.ts'
import { isSweepKey, type SweepKey } from './sweep.ts'

/** What a scenario is checked against, and what of it is drawn. */
export interface Resolution extends Bounds {
  /** A fresh seed, an unsigned 32-bit integer, for a scenario that has none. */
  readonly randomSeed: () => number
  /** Whether a transport gets events by requests. */
  readonly hasExchanges: (transport: string) => boolean
  /** Whether a key of the scenario changes what a transport does. */
  readonly concerns: (key: SweepKey, transport: string) => boolean
}

/** A layer's values in base units and all that is wrong with them. */
interface Reading {
  readonly layer: Layer
  readonly values: ScenarioValues
  readonly problems: Problem[]
  readonly badKeys: readonly ScenarioKey[]
}

/** A scenario, and what is wrong with what it is made of. */
interface Examination {
  /** Sound only where there is no problem. */
  readonly scenario: Scenario
  /** By layer and position. */
  readonly problems: readonly Problem[]
  /** The sweep that counts, and the layer that has it; its values are not examined. */
  readonly sweep: Swept | null
}

export interface Swept {
  readonly wish: SweepWish<SweepKey>
  readonly layer: Layer
}

/** Checks all layers, and takes each value from the first that has it, else from the defaults. */
export function examineScenario(layers: readonly Layer[], resolution: Resolution): Examination {
  const schema = scenarioSchema(resolution)
  const readings = layers.map((layer) => readLayer(layer, schema))
  const scenario = combine(readings, usualValues(schema), resolution)
  const rate = readings.find(({ values }) => values.rate !== undefined)?.values.rate ?? null
  for (const contradiction of contradictions(scenario, resolution.hasExchanges, rate)) {
    tell(contradiction, readings)
  }
  const problems = readings.flatMap((reading) =>
    reading.problems.sort((a, b) => a.place.order - b.place.order),
  )
  return { scenario, problems, sweep: sweepOf(readings) }
}

function sweepOf(readings: readonly Reading[]): Swept | null {
  const reading = readings.find(({ values }) => values.sweep !== undefined)
  const wish = reading?.values.sweep ?? null
  if (reading === undefined || wish === null || !isSweepKey(wish.key)) return null
  return { wish: { ...wish, key: wish.key }, layer: reading.layer }
}

function readLayer(layer: Layer, schema: ReturnType<typeof scenarioSchema>): Reading {
  const problems = [...layer.problems]
  const whole = schema.safeParse(layer.values)
  if (whole.success) return { layer, values: whole.data, problems, badKeys: [] }
  const sound: Record<string, unknown> = { ...layer.values }
  const badKeys: ScenarioKey[] = []
  for (const { path, message } of whole.error.issues.flatMap(deepest)) {
    const [key, ...inside] = path
    if (typeof key !== 'string' || !isScenarioKey(key)) throw whole.error
    problems.push({
      place: layer.place(key, ...inside.filter((step) => typeof step !== 'symbol')),
      text: message,
    })
    badKeys.push(key)
    delete sound[key]
  }
  return { layer, values: schema.parse(sound), problems, badKeys }
}

/**
 * Of a list that may also be a text, the issues of its items rather than that of the whole; of
 * unknown keys, one for each.
 */
function deepest(issue: z.core.$ZodIssue): readonly Pick<z.core.$ZodIssue, 'path' | 'message'>[] {
  if (issue.code === 'unrecognized_keys') {
    const lines = issue.message.split('\n')
    return issue.keys.map((key, at) => ({ path: [...issue.path, key], message: lines[at] ?? '' }))
  }
  if (issue.code !== 'invalid_union') return [issue]
  const items = issue.errors.flat().filter(({ path }) => path.length > 0)
  if (items.length === 0) return [issue]
  return items.map(({ path, message }) => ({ path: [...issue.path, ...path], message }))
}

/** What counts where no layer says anything, as its key's field reads it. */
function usualValues(schema: ReturnType<typeof scenarioSchema>): ScenarioValues {
  const usual = SCENARIO_KEYS.map((key) => [key, entryOf(key).usual] as const)
  return schema.parse(Object.fromEntries(usual.filter(([, value]) => value !== undefined)))
}

function combine(
  readings: readonly Reading[],
  usual: ScenarioValues,
  { transportNames, randomSeed }: Resolution,
): Scenario {
  const given = <Key extends ScenarioKey>(key: Key): ScenarioValues[Key] =>
    readings.find(({ values }) => values[key] !== undefined)?.values[key]

  const target = given('target')
  const known = transportNames.filter((name) => target === undefined || describes(target, name))
  const listed = given('transport') ?? usual.transport ?? []
  const transports = listed.includes('all') ? known : listed
  const clients = given('clients') ?? usual.clients ?? 0
  const durationMs = given('duration') ?? usual.duration ?? 0
  const named = readings.map(({ layer }) => layer.fallbackName).find((name) => name != null)
  const group = transports.length === transportNames.length ? 'all' : transports.join('-')
  const usualName = named ?? `${group}-${clients}`
  const workload = given('workload') ?? usual.workload ?? ''
  const beginning = { clients, durationMs, workload, usualName, randomSeed }
  const values = RESOLVED.map(([key, name]) => {
    const { fallback = () => usual[key] } = entryOf(key)
    return [name, given(key) ?? fallback(usual[key], beginning)]
  })
  // Each value is of its key's field or fallback, which the compiler cannot follow.
  const scenario = { ...(Object.fromEntries(values) as Scenario), transports }
  return workload === 'chat' ? { ...scenario, rate: chatRate(scenario) } : scenario
}

/** Adds a contradiction to the layer whose value of its first key counts. */
function tell({ keys, inside = [], text }: Contradiction, readings: readonly Reading[]): void {
  if (readings.some(({ badKeys }) => badKeys.some((bad) => keys.includes(bad)))) return
  const [first] = keys
  const teller =
    readings.find(({ values }) => values[first] !== undefined) ??
    readings.find(({ values }) => keys.some((key) => values[key] !== undefined))
  if (teller === undefined) return
  const key = keys.find((candidate) => teller.values[candidate] !== undefined) ?? first
  teller.problems.push({ place: teller.layer.place(key, ...(key === first ? inside : [])), text })
}
