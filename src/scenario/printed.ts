/** A scenario as a file: the one that was resolved, or a first one with every key explained. */
import { Document, isCollection, isScalar, type Pair, stringify } from 'yaml'
import { KEY_GROUPS } from './key.ts'
import { entryOf, isScenarioKey, type ScenarioKey, TOLD_KEYS, usualOf } from './keys.ts'
import type { Layer } from './layer.ts'
import type { Plan } from './plan.ts'
import { escapeControls } from './problem.ts'
import { RESOLVED, type Scenario } from './scenario.ts'
import type { Sweep } from './sweep.ts'
import { writeDuration } from './units.ts'

/**
 * A scenario as the file that would make it, each value with where it came from. Read again, it
 * gives the same scenario, or is refused where secrets were starred.
 *
 * @param layers of which the scenario was made, highest precedence first
 */
export function printScenario({ scenario, sweep }: Plan, layers: readonly Layer[]): string {
  const values = sweep === null ? writtenValues(scenario) : sweptValues(scenario, sweep)
  const document = new Document(
    Object.fromEntries(TOLD_KEYS.flatMap((key) => (key in values ? [[key, values[key]]] : []))),
  )
  const { contents } = document
  const pairs = isCollection(contents) ? (contents.items as readonly Pair[]) : []
  let group = ''
  for (const pair of pairs) {
    const { key } = pair
    if (!isScalar(key) || !isScenarioKey(String(key.value))) continue
    const known = key.value as ScenarioKey
    comment(pair, ` ${escapeControls(sourceOf(known, layers))}`)
    key.spaceBefore = group !== '' && group !== entryOf(known).group
    group = entryOf(known).group
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

/** `--clients`, `RTBENCH_CLIENTS`, `x.yaml:3` or `default`. */
function sourceOf(key: ScenarioKey, layers: readonly Layer[]): string {
  const layer = layers.find(({ values }) => values[key] !== undefined)
  if (layer !== undefined) {
    const { label, line } = layer.place(key)
    return layer.path === undefined ? label : `${layer.path}:${line}`
  }
  if (key === 'seed') return 'drawn at random'
  // A warm-up follows from the duration, so that its default is no one value.
  return key === 'warmup' ? `default: ${usualOf(key)}` : 'default'
}

/** The values of a plan with a sweep: the swept key has those of the sweep. */
function sweptValues(
  scenario: Scenario,
  { key, points }: Sweep,
): Partial<Record<ScenarioKey, unknown>> {
  const { [key]: _, ...values } = writtenValues(scenario)
  const swept = points.map(({ value }) => writtenValue(key, value))
  return { ...values, sweep: { [key]: swept } }
}

/** The values as a file writes them; what a file cannot say, since nothing is wanted, is left out. */
function writtenValues(scenario: Scenario): Partial<Record<ScenarioKey, unknown>> {
  const values = RESOLVED.map(([key, name]) => [key, writtenValue(key, scenario[name])])
  // Of a chat the rate follows from other keys.
  const follows = scenario.workload === 'chat' ? 'rate' : null
  return Object.fromEntries(values.filter(([key, value]) => value !== undefined && key !== follows))
}

function writtenValue(key: ScenarioKey, value: Scenario[keyof Scenario]): unknown {
  const { unit, usual, written } = entryOf(key)
  if (value === null) return usual
  if (Array.isArray(value) && value.length === 0) return undefined
  if (written !== undefined) return written(value)
  return unit === 'ms' ? writeDuration(Number(value)) : value
}

/** Behind a value of one line, before one of several. */
function comment(pair: Pair, text: string): void {
  const { key, value } = pair
  const isText = isScalar(value) && typeof value.value === 'string'
  if (isText && /\n/.test(String(value.value))) value.type = 'QUOTE_DOUBLE'
  if (isScalar(value)) value.comment = text
  else if (isCollection(value) && !value.items.some(isCollection) && isScalar(key)) {
    value.flow = value.items.every(isScalar)
    if (value.flow) value.comment = text
    else key.commentBefore = text
  }
}

/** The keys that whoever begins will change first; the others are there to be uncommented. */
const BEGUN = new Set<ScenarioKey>(['transport', 'clients', 'channels', 'rate', 'duration'])

/** What every server should keep, so that a gate over the file judges something. */
export const BEGUN_THRESHOLDS: readonly string[] = ['lost==0', 'duplicates==0', 'outOfOrder==0']

/**
 * A scenario file that has every key with its meaning. As it is, it says no more than the defaults
 * and asks for those thresholds; a line that begins with `#` and no blank is a key to be uncommented.
 *
 * @param schema path of the JSON Schema, from the file's folder
 */
export function sampleScenario(schema: string, command: string): string {
  return `# yaml-language-server: $schema=${schema}
#
# A scenario of rtbench: what is measured. Every key is here. Those that are not commented out have
# their defaults, but for the thresholds; take the # away from another to set it.
#
#     ${command}
${KEY_GROUPS.map(section).join('')}`
}

function section(group: string): string {
  const keys = TOLD_KEYS.filter((key) => entryOf(key).group === group)
  return `\n# --- ${group} ---\n${keys.map((key) => `\n${paragraph(key)}`).join('')}`
}

function paragraph(key: ScenarioKey): string {
  const { meaning, usual, examples } = entryOf(key)
  const isThreshold = key === 'threshold'
  const value = isThreshold ? BEGUN_THRESHOLDS : (usual ?? examples[0])
  const text = stringify({ [key]: value }, { lineWidth: 0 })
  const isBegun = isThreshold || BEGUN.has(key)
  const lines = isBegun ? text : text.replace(/^/gm, '#').replace(/#$/, '')
  const told = usual === undefined ? `${meaning} (default: ${usualOf(key)})` : meaning
  return `# ${told}\n${lines}`
}
