import { scenarioOf } from '../experiment/plan.ts'
import { flagLayer, type Layer } from '../scenario/layer.ts'
import { showKey, usageError } from '../scenario/problem.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { didYouMean } from '../scenario/suggestion.ts'
import { transports } from '../transports/registry.ts'
import type { RunOptions } from './run-command.ts'

/** The flags of `capacity` that are not the scenario's, as they are written. */
export interface CapacityOptions extends Omit<RunOptions, 'allowInvalid'> {
  readonly transport?: string
  readonly limit?: readonly string[]
  readonly search?: string
  readonly from?: string
  readonly to?: string
  readonly precision?: string
}

const SEARCHES = ['clients', 'rate'] as const
/** What is searched: the key of a scenario. */
type Search = (typeof SEARCHES)[number]

/** As many clients, or events per second and channel, as a scenario may ask for. */
const MOST: Readonly<Record<Search, number>> = { clients: 10_000_000, rate: 1_000_000 }

export interface CapacityWish {
  readonly search: Search
  /** With the search's first value; its thresholds are the limits. */
  readonly scenario: Scenario
  /** What the scenario was made of. */
  readonly layers: readonly Layer[]
  readonly from: number
  /** As wanted, whatever the machine can carry. */
  readonly to: number
  /** A share: 0.1 is 10 %. */
  readonly precision: number
  /** Nobody named the upper end. */
  readonly openEnd: boolean
}

/**
 * Reads what is to be searched. Both ends are read as what they are, a scenario's clients or rate.
 * @throws RtbenchError `usage`
 */
export function capacityWish(options: CapacityOptions, below: readonly Layer[]): CapacityWish {
  refuseSweep([flagLayer({ ...options }), ...below])
  const search = searchOf(options.search ?? 'clients')
  const precision = precisionOf(options.precision ?? '10%')
  const first = layersAt('from', search, options, below)
  const scenario = { ...scenarioOf(first), repeat: 1 }
  checkTransports(scenario.transports)
  if (scenario.thresholds.length === 0) {
    refuse('--limit', "none is given; expected what a step must keep, such as --limit 'p99<100ms'")
  }
  const from = scenario[search]
  if (from === 0) refuse('--from', 'a rate of 0 has no double; expected one above 0')
  const openEnd = options.to === undefined
  const to = openEnd ? MOST[search] : scenarioOf(layersAt('to', search, options, below))[search]
  if (to < from) {
    refuse('--to', `${options.to} is below the first value, ${from}; expected no less than that`)
  }
  return { search, scenario, layers: first, from, to, precision, openEnd }
}

/** What the scenario at one end of the search is made of. */
function layersAt(
  flag: 'from' | 'to',
  search: Search,
  options: CapacityOptions,
  below: readonly Layer[],
): readonly Layer[] {
  return [
    named(flagLayer({ [search]: options[flag] }), search, `--${flag}`),
    named(flagLayer({ ...options, threshold: options.limit }), 'threshold', '--limit'),
    ...below,
    fallbackName(options),
  ]
}

/** A search finds its own values; the first word about a sweep counts, as everywhere. */
function refuseSweep(layers: readonly Layer[]): void {
  const layer = layers.find(({ values }) => values.sweep !== undefined)
  if (layer === undefined || layer.values.sweep === 'none') return
  const text = 'a search has no sweep; expected none, or rtbench run --sweep'
  throw usageError([{ place: layer.place('sweep'), text }])
}

/** Gives a key the name of the flag that stands for it. */
function named(layer: Layer, key: Search | 'threshold', flag: string): Layer {
  return {
    ...layer,
    origin: (asked) => (asked === key ? flag : layer.origin(asked)),
    place(asked, index) {
      const place = layer.place(asked, index)
      return asked === key ? { ...place, label: flag } : place
    },
  }
}

/** A number of clients is no name for what searches one. */
function fallbackName({ transport }: CapacityOptions): Layer {
  const fallback = transport === undefined ? 'capacity' : `capacity-${transport}`
  return { ...flagLayer({}), fallbackName: fallback }
}

function searchOf(text: string): Search {
  const search = SEARCHES.find((known) => known === text)
  if (search !== undefined) return search
  const hint = didYouMean(text, SEARCHES)
  return refuse(
    '--search',
    `${showKey(text)} is not known${hint}; expected ${SEARCHES.join(' or ')}`,
  )
}

function precisionOf(text: string): number {
  const digits = /^(\d{1,3}(?:\.\d{1,3})?)%$/.exec(text)?.[1]
  const percent = digits === undefined ? Number.NaN : Number(digits)
  if (percent >= 1 && percent <= 100) return percent / 100
  return refuse(
    '--precision',
    `${showKey(text)} is no share from 1% to 100%; expected one such as 10%`,
  )
}

function checkTransports(names: readonly string[]): void {
  if (names.length === 1) return
  const known = transports.map(({ name }) => name).join(', ')
  refuse('--transport', `a search takes one, and not ${names.length}; expected one of ${known}`)
}

function refuse(flag: string, text: string): never {
  throw usageError([{ place: { label: flag, order: 0 }, text }])
}
