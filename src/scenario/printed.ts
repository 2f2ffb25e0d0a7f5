import { Document, isCollection, isScalar, type Pair } from 'yaml'
import { KEY_NOTES, TOLD_KEYS, usualOf } from './key-note.ts'
import { SCENARIO_KEYS, type ScenarioKey } from './keys.ts'
import type { Layer } from './layer.ts'
import type { Plan } from './plan.ts'
import { escapeControls } from './problem.ts'
import type { Scenario } from './scenario.ts'
import { describedWithoutSecrets } from './secret.ts'
import { type Sweep, sweepUnit } from './sweep.ts'
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
    const known = SCENARIO_KEYS.find((one) => isScalar(key) && key.value === one)
    if (known === undefined || !isScalar(key)) continue
    comment(pair, ` ${escapeControls(sourceOf(known, layers))}`)
    key.spaceBefore = group !== '' && group !== KEY_NOTES[known].group
    group = KEY_NOTES[known].group
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

/** `--clients`, `RTBENCH_CLIENTS`, `x.yaml:3` or `default`. */
function sourceOf(key: ScenarioKey, layers: readonly Layer[]): string {
  return layers.find(({ values }) => values[key] !== undefined)?.origin(key) ?? usualSourceOf(key)
}

/** A warm-up follows from the duration, so that its default is no one value. */
function usualSourceOf(key: ScenarioKey): string {
  if (key === 'seed') return 'drawn at random'
  return key === 'warmup' ? `default: ${usualOf(key)}` : 'default'
}

/** The values of a plan with a sweep: the swept key has those of the sweep. */
function sweptValues(
  scenario: Scenario,
  { key, points }: Sweep,
): Partial<Record<ScenarioKey, unknown>> {
  const { [key]: _, ...values } = writtenValues(scenario)
  return { ...values, sweep: { [key]: points.map(({ value }) => writtenPoint(key, value)) } }
}

/** A duration as a text, all else as a number. */
function writtenPoint(key: Sweep['key'], value: number): string | number {
  return sweepUnit(key) === 'ms' ? writeDuration(value) : value
}

/** The values as a file writes them; what a file cannot say, since nothing is wanted, is left out. */
function writtenValues(scenario: Scenario): Partial<Record<ScenarioKey, unknown>> {
  const { rampUpMs, url, target, thresholds } = scenario
  return {
    name: scenario.name,
    description: scenario.description,
    transport: scenario.transports,
    clients: scenario.clients,
    duration: writeDuration(scenario.durationMs),
    warmup: writeDuration(scenario.warmupMs),
    rampUp: rampUpMs === null ? 'auto' : writeDuration(rampUpMs),
    channels: scenario.channels,
    rate: scenario.rate,
    arrivals: scenario.arrivals,
    payload: scenario.payloadBytes,
    interval: writeDuration(scenario.intervalMs),
    hold: writeDuration(scenario.holdMs),
    engine: scenario.engine,
    instances: scenario.instances,
    workers: scenario.workers,
    backplane: scenario.backplane,
    repeat: scenario.repeat,
    seed: scenario.seed,
    ...(url === null ? {} : { url }),
    ...(target === null
      ? {}
      : {
          target: describedWithoutSecrets({
            ...(target.publish === null ? {} : { publish: target.publish }),
            ...target.endpoints,
          }),
        }),
    ...(thresholds.length === 0 ? {} : { threshold: thresholds }),
  }
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
