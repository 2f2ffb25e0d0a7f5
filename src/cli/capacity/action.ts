import { measureCapacity, outcomeOfSearch, withinMachine } from '../../capacity/capacity.ts'
import type { CapacityWish } from '../../capacity/record.ts'
import { SCENARIO_BOUNDS, scenarioOf, sourcesBelowFlags } from '../../experiment/plan.ts'
import { capacityLine, questionLine, stepLine } from '../../report/capacity.ts'
import { readEnvironment } from '../../result/environment.ts'
import { flagLayer, type Layer, nameLayer } from '../../scenario/layer.ts'
import { usageError } from '../../scenario/problem.ts'
import { formatSwept } from '../../scenario/sweep.ts'
import { transportMeant } from '../../scenario/transport-name.ts'
import { MOST_CLIENTS, MOST_EVENTS_PER_SECOND } from '../../scenario/values.ts'
import { tell } from '../../tell.ts'
import { transports } from '../../transports/registry.ts'
import { ExitCode } from '../exit-code.ts'
import { type MeasurementFlags, refuse, shareOf, wordOf } from '../flags.ts'
import { folderOf, keepResult, printConfig, publishResult, settingOf } from '../output.ts'

/** Searches the most clients, or the highest rate, that keeps the limits; prints and saves it. */
export async function act(file: string | undefined, options: CapacityOptions): Promise<ExitCode> {
  const wished = capacityWish(options, await sourcesBelowFlags(file))
  if (options.printConfig)
    return printConfig(
      { scenario: wished.scenario, sweep: null },
      wished.layers,
      searchLine(wished),
    )
  const environment = await readEnvironment()
  const bounded = withinMachine(wished, environment.openFilesLimit)
  const folder = await folderOf(options)
  const setting = settingOf(options, environment)
  const { progress } = setting
  const { result, capacity, failure } = await measureCapacity(bounded, environment, setting, {
    onQuestion: (question, number) =>
      progress.note(`step ${number}: ${questionLine(bounded.wish, question)}`),
    onStep: async (step, soFar) => {
      progress.note(stepLine(bounded.wish, step))
      if (soFar !== null) await keepResult(soFar, folder)
    },
  })
  progress.end()
  if (result === null) {
    if (failure !== null) throw failure
    tell('rtbench: stopped before anything was measured')
    return ExitCode.interrupted
  }
  const written = await publishResult(result, folder, options)
  if (options.json && !options.quiet) tell(`${capacityLine(result)}`)
  if (failure !== null) {
    tell(`rtbench: a step could not be measured: ${failure.message}`)
  }
  return ExitCode[outcomeOfSearch(capacity, written)]
}

/** The part of a search that no scenario says. */
function searchLine({ search, from, to, precision }: CapacityWish): string {
  const share = `${Number((precision * 100).toFixed(3))}%`
  const [first, last] = [from, to].map((value) => formatSwept(search, value))
  return `--search ${search} --from ${first} --to ${last} --precision ${share}`
}

/** The flags of `capacity` that are not the scenario's, as they are written. */
export interface CapacityOptions extends MeasurementFlags {
  readonly transport?: string
  readonly limit?: readonly string[]
  readonly search?: string
  readonly from?: string
  readonly to?: string
  readonly precision?: string
}

const SEARCHES: readonly Search[] = ['clients', 'rate']
type Search = CapacityWish['search']

/** As many clients, or events per second and channel, as a scenario may ask for. */
const MOST: Readonly<Record<Search, number>> = {
  clients: MOST_CLIENTS,
  rate: MOST_EVENTS_PER_SECOND,
}

/**
 * Reads what is to be searched. Both ends are read as what they are, a scenario's clients or rate.
 * @throws RtbenchError `usage`
 */
export function capacityWish(
  options: CapacityOptions,
  below: readonly Layer[],
): CapacityWish & { readonly layers: readonly Layer[] } {
  refuseSweep([flagLayer({ ...options }), ...below])
  const search = wordOf('--search', options.search ?? 'clients', SEARCHES, ' or ')
  const precision = shareOf('--precision', options.precision ?? '10%', 1)
  const first = layersAt('from', search, options, below)
  const scenario = { ...scenarioOf(first), repeat: 1 }
  if (scenario.workload === 'chat') {
    refuse(
      '--workload',
      'a search of a chat would not know whether its rooms or their number are to grow; expected push, or rtbench run with several --clients',
    )
  }
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
  const { transport } = options
  return [
    named(flagLayer({ [search]: options[flag] }), search, `--${flag}`),
    named(flagLayer({ ...options, threshold: options.limit }), 'threshold', '--limit'),
    ...below,
    nameLayer(transport === undefined ? 'capacity' : `capacity-${nameOf(transport)}`),
  ]
}

function nameOf(transport: string): string {
  return transportMeant(transport, SCENARIO_BOUNDS)
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
    place(asked, index) {
      const place = layer.place(asked, index)
      return asked === key ? { ...place, label: flag } : place
    },
  }
}

function checkTransports(names: readonly string[]): void {
  if (names.length === 1) return
  const known = transports.map(({ name }) => name).join(', ')
  refuse('--transport', `a search takes one, and not ${names.length}; expected one of ${known}`)
}
