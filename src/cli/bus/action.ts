import { randomBytes } from 'node:crypto'
import { shownUrl } from '../../backplane/bus-url.ts'
import { kindOf, openBackplane } from '../../backplane/registry.ts'
import { RtbenchError } from '../../error.ts'
import { SCENARIO_BOUNDS, scenarioOf, sourcesBelowFlags } from '../../experiment/plan.ts'
import type { Result } from '../../result/document.ts'
import { readEnvironment } from '../../result/environment.ts'
import { readResult } from '../../result/store.ts'
import { flagLayer, type Layer } from '../../scenario/layer.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import { didYouMean } from '../../scenario/suggestion.ts'
import { transportMeant } from '../../scenario/transport-name.ts'
import { type BusTax, busTaxOf } from '../../tax/bus-tax.ts'
import { measureBuses } from '../../tax/measure.ts'
import { busTaxForms } from '../../tax/report.ts'
import { tell } from '../../tell.ts'
import { ExitCode } from '../exit-code.ts'
import { formatOf, type MeasurementFlags, refuse } from '../flags.ts'
import { folderOf, keepResult, printText, settingOf, storeResult } from '../output.ts'

/** The flags of `bus` that are not the scenario's, as they are written. */
export interface BusOptions extends Pick<MeasurementFlags, 'out' | 'save' | 'quiet'> {
  readonly instances?: string
  readonly busRouting?: string
  readonly channels?: string
  readonly transport?: string
  readonly scenario?: string
  readonly format?: string
}

/** Measures what buses take, or reads it of results; prints it, and saves a result for each. */
export async function act(given: readonly string[], options: BusOptions): Promise<ExitCode> {
  const form = formatOf(options.format ?? 'table', busTaxForms)
  const files = given.filter((one) => one.endsWith('.json'))
  if (files.length > 0) {
    const other = given.find((one) => !one.endsWith('.json'))
    if (other !== undefined) {
      throw new RtbenchError(
        'usage',
        `${other}: is no result, as ${files[0]} is; expected results, or buses to measure`,
      )
    }
    const results = []
    for (const file of files) results.push(await readResult(file))
    const taxes = busTaxOf(results)
    if (taxes.length === 0) {
      throw new RtbenchError(
        'usage',
        'none of the results is of a bus; expected those of rtbench bus',
      )
    }
    print(taxes, form)
    return ExitCode.done
  }
  const scenarios = scenariosOf(given, options, await sourcesBelowFlags(options.scenario))
  const environment = await readEnvironment()
  const folder = await folderOf(options)
  await reachAll(scenarios)
  const setting = settingOf(options, environment)
  const { progress } = setting
  const { results, failure } = await measureBuses(scenarios, {
    ...setting,
    // What is said of each run is said of all of them.
    progress: { note: () => {}, update: (one) => progress.update(one) },
    onTurn: ({ name, repeat }, round) => progress.note(`${name}, round ${round + 1} of ${repeat}`),
    onResult: (soFar) => keepResult(soFar, folder),
  })
  progress.end()
  if (results.length === 0) {
    if (failure !== null) throw failure
    tell('rtbench: stopped before anything was measured')
    return ExitCode.interrupted
  }
  const taxes = busTaxOf(results)
  if (taxes.length > 0) print(taxes, form)
  let isWritten = true
  for (const result of folder === null ? [] : results) {
    isWritten = (await storeResult(result, folder ?? '', { quiet: true })) && isWritten
  }
  if (folder !== null && !options.quiet) tell(`saved ${results.length} results in ${folder}`)
  if (failure !== null) tell(`rtbench: a run could not be measured: ${failure.message}`)
  return endOf(results, taxes, {
    isWritten,
    failed: failure !== null,
    interrupted: setting.signal.aborted,
  })
}

function endOf(
  results: readonly Result[],
  taxes: readonly BusTax[],
  { isWritten, failed, interrupted }: { isWritten: boolean; failed: boolean; interrupted: boolean },
): ExitCode {
  if (!isWritten) return ExitCode.notWritten
  if (interrupted) return ExitCode.interrupted
  if (failed || results.some(({ runs }) => runs.some((run) => run.partial))) return ExitCode.partial
  const isUntold = taxes.some(({ rows }) => rows.some(({ told }) => told === 0))
  return isUntold ? ExitCode.inconclusive : ExitCode.done
}

function print(taxes: readonly BusTax[], form: (typeof busTaxForms)[number]): void {
  printText((options) => form.render(taxes, options))
}

/** A user with four buses is to learn at once that the fourth is down. */
async function reachAll(scenarios: readonly Scenario[]): Promise<void> {
  for (const url of new Set(scenarios.map(({ backplane }) => backplane))) {
    if (url === 'memory') continue
    const namespace = `check-${randomBytes(6).toString('hex')}`
    const setting = { namespace, retain: 1, routing: 'broadcast', isOwner: true } as const
    await (await openBackplane(url, setting)).close()
  }
}

/** Enough events for a p99, and no more deliveries than a small machine takes in its stride. */
const USUAL = { transport: 'sse', rate: '1', repeat: '3' }

/** One instance without a bus. */
const ALONE = { instances: '1', backplane: 'memory', busRouting: 'broadcast' } as const

/**
 * The scenarios to compare: for each number of channels one instance without a bus, then each bus.
 * @throws RtbenchError `usage`
 */
export function scenariosOf(
  given: readonly string[],
  options: BusOptions,
  below: readonly Layer[],
): readonly Scenario[] {
  const buses = given.length === 0 ? ['memory'] : [...new Set(given)]
  for (const bus of buses) refuseNoBus(bus)
  const instances = wordsOf(options.instances ?? '1,3')
  const routings = wordsOf(options.busRouting ?? 'broadcast')
  const { transport, instances: _, busRouting: __, channels: ___, ...flags } = options
  const technique =
    transport === undefined ? {} : { transport: transportMeant(transport, SCENARIO_BOUNDS) }
  const at = (cell: Readonly<Record<string, string>>): Scenario =>
    scenarioOf([
      flagLayer({ ...flags, ...technique, ...cell, sweep: 'none' }),
      ...below,
      flagLayer(USUAL),
    ])
  const { seed: drawn, transports } = at(ALONE)
  if (transports.length > 1) {
    refuse(
      '--transport',
      `a comparison of buses takes one, and not ${transports.length}; expected one such as sse`,
    )
  }
  const seed = String(drawn)
  const counts = wordsOf(options.channels ?? '100')
  return counts.flatMap((channels) => {
    const end = counts.length === 1 ? '' : `-${channels}-channels`
    const common = { channels, seed }
    const cells = routings.flatMap((busRouting) =>
      instances.flatMap((count) =>
        buses.flatMap((backplane): readonly Scenario[] => {
          const kind = kindOf(backplane)
          const label = (kind?.label ?? 'memory').toLowerCase()
          // One instance has no need of the memory bus, and Kafka no channels of its own.
          if (count === '1' && kind === null) return []
          const isOffered = kind?.routings.some((one) => one === busRouting) ?? true
          // A word that is no routing is refused with the rest.
          if (!isOffered && busRouting === 'by-channel' && routings.length > 1) return []
          const way = busRouting === 'broadcast' ? '' : `-${busRouting}`
          const name = `bus-${label}-${count}${way}${end}`
          return [at({ ...common, instances: count, backplane, busRouting, name })]
        }),
      ),
    )
    const [first] = cells
    if (first === undefined) {
      refuse('--instances', 'one instance needs no memory bus; expected more, or a bus that runs')
    }
    return [at({ ...common, ...ALONE, name: `bus-none-1${end}` }), ...cells]
  })
}

function refuseNoBus(bus: string): void {
  if (bus === 'memory' || kindOf(bus) !== null) return
  const hint = didYouMean(bus, ['memory'])
  refuse(
    'bus',
    `${JSON.stringify(shownUrl(bus))} is none${hint}; expected memory, or a URL such as redis://127.0.0.1:6379`,
  )
}

function wordsOf(list: string): readonly string[] {
  return [...new Set(list.split(',').map((word) => word.trim()))]
}
