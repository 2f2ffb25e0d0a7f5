import { resolve } from 'node:path'
import { RtbenchError } from '../../error.ts'
import { planOf, sourcesBelowFlags } from '../../experiment/plan.ts'
import type { BaselineOptions } from '../../gate/baseline.ts'
import type { Judging } from '../../gate/judge.ts'
import { type Case, servedScenario } from '../../gate/revision.ts'
import { shellWord } from '../../report/wording.ts'
import { safeFileName } from '../../result/store.ts'
import { flagLayer, servedLayers } from '../../scenario/layer.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import { withoutSecrets } from '../../scenario/secret.ts'
import { isRefusal, parseCount, parseDuration, type Refusal } from '../../scenario/units.ts'
import { type MeasurementFlags, readFlag } from '../flags.ts'
import { type JudgingFlags, judgingOf } from '../judging.ts'

/** The flags of `ci`. */
export interface CiOptions
  extends Pick<MeasurementFlags, 'token' | 'allowRemote' | 'out' | 'save' | 'quiet'>,
    JudgingFlags {
  readonly baseline?: string
  readonly updateBaseline?: boolean
  readonly requireBaseline?: boolean
  readonly against?: string
  readonly build?: string
  readonly serve?: string
  readonly repeat?: string
  readonly budget?: string
  readonly block?: string
  readonly url?: string
  readonly junit?: string
  readonly allowInvalid?: boolean
}

/** How baselines are read, and missed. */
export function baselineOptionsOf(options: CiOptions): BaselineOptions {
  const { baseline, against, updateBaseline, requireBaseline } = options
  return {
    folder: baseline ?? null,
    use: updateBaseline ? 'update' : requireBaseline ? 'require' : 'compare',
    isPaired: against !== undefined,
    deterministicOnly: judgingOf(options).deterministicOnly,
    updateLine: (one) => updateLine(one, options),
  }
}

export function gateJudgingOf(options: CiOptions): Judging {
  return { ...judgingOf(options), allowInconclusive: options.allowInconclusive ?? false }
}

/** How long a case may be measured in turn, with all of its transports. */
const MINUTES_EACH = 5
const MOST_MINUTES = 15

/** In ms. */
export function budgetOf({ budget }: CiOptions, { transports }: Scenario): number {
  return budget === undefined
    ? Math.min(MOST_MINUTES, MINUTES_EACH * transports.length) * 60_000
    : readFlag('--budget', budget, budgetDuration)
}

/** Less does not hold two runs. */
const LEAST_BUDGET_MS = 10_000

const budgetDuration = atLeast(LEAST_BUDGET_MS, 'is too short; expected 10s and more, such as 5m')

/** A duration, in ms, of which less than the least has the problem. */
function atLeast(leastMs: number, problem: string): (text: string) => number | Refusal {
  return (text) => {
    const ms = parseDuration(text)
    return isRefusal(ms) || ms >= leastMs ? ms : { problem }
  }
}

/** Of each transport; null where the time alone is the limit. */
export function mostPairsOf(options: CiOptions): number | null {
  const { repeat } = options
  if (repeat !== undefined) return readFlag('--repeat', repeat, parseCount)
  return gateJudgingOf(options).deterministicOnly ? 1 : null
}

/** Windows of runs in turn: as short as that carries a figure, since the more of them there are the more they tell. */
const BLOCK_MS = 2_000
const WARMUP_MS = 1_000
/** Deliveries that a window needs, and intervals of a poller. */
const LEAST_DELIVERIES = 200
const LEAST_INTERVALS = 4

/** The scenario with the windows of its runs in turn. */
export function blockScenario(scenario: Scenario, { block }: CiOptions): Scenario {
  const { clients, rate, durationMs, intervalMs } = scenario
  const warmupMs = Math.min(scenario.warmupMs, WARMUP_MS)
  if (block !== undefined) {
    return { ...scenario, durationMs: readFlag('--block', block, parseWindow), warmupMs }
  }
  const leastMs = Math.max(
    BLOCK_MS,
    (LEAST_DELIVERIES / (clients * rate)) * 1_000,
    LEAST_INTERVALS * intervalMs,
  )
  return {
    ...scenario,
    durationMs: Math.min(durationMs, Math.ceil(leastMs / 1_000) * 1_000),
    warmupMs,
  }
}

/** As the duration of a scenario. */
const parseWindow = atLeast(1, 'is below 1ms')

/** Flags that are at odds, or of which one says nothing without another. */
export function checkOptions(options: CiOptions): void {
  const { baseline, against, build, serve, url, updateBaseline, requireBaseline } = options
  const { budget, block } = options
  if (baseline !== undefined && against !== undefined) {
    throw usage('--against: compares without a baseline; leave out --baseline')
  }
  if (against === undefined && build !== undefined) {
    throw usage('--build: only together with --against; build what is here before')
  }
  if (baseline === undefined && (updateBaseline || requireBaseline)) {
    const flag = updateBaseline ? '--update-baseline' : '--require-baseline'
    throw usage(`${flag}: name the folder by --baseline`)
  }
  for (const [flag, value] of Object.entries({ budget, block })) {
    if (value === undefined || against !== undefined) continue
    throw usage(`--${flag}: only together with --against, which measures both sides in turn`)
  }
  if (budget !== undefined) readFlag('--budget', budget, budgetDuration)
  if (updateBaseline && requireBaseline) {
    throw usage(
      '--require-baseline: --update-baseline stores one where there is none; leave one out',
    )
  }
  if (against !== undefined && url !== undefined) {
    throw usage('--url: a running server is of one commit; with --against, start it by --serve')
  }
  if (serve !== undefined && url !== undefined) {
    throw usage('--url: --serve starts the server to be measured; leave one out')
  }
}

/**
 * The scenarios, each read before the first is measured.
 * @throws RtbenchError `usage`; also where two have one name, by which baselines are found, where one
 *   is a sweep, and where both sides of a pair would be one server
 */
export async function casesOf(
  files: readonly string[],
  options: CiOptions,
): Promise<readonly Case[]> {
  const { deterministicOnly } = judgingOf(options)
  const { repeat, url, serve, against } = options
  const cases: Case[] = []
  for (const file of files) {
    const flags = flagLayer({
      ...(url === undefined ? {} : { url }),
      ...(repeat !== undefined ? { repeat } : deterministicOnly ? { repeat: '1' } : {}),
    })
    const layers = [flags, ...(await sourcesBelowFlags(file))]
    const { scenario: read, sweep } = planOf(serve === undefined ? layers : servedLayers(layers))
    if (sweep !== null) {
      throw usage(`${file}: sweeps ${sweep.key}; a gate measures one value: write a scenario of it`)
    }
    if (against !== undefined && serve === undefined && read.url !== null) {
      throw usage(
        `${file}: --against would measure the server at ${read.url} on both sides; start each side's by --serve`,
      )
    }
    const scenario =
      against !== undefined
        ? blockScenario(read, options)
        : serve !== undefined
          ? servedScenario(read)
          : read
    const name = safeFileName(scenario.name)
    const other = cases.find((one) => safeFileName(one.scenario.name) === name)
    if (other !== undefined && resolve(other.file) === resolve(file)) {
      throw usage(`${file}: given twice; leave one out`)
    }
    if (other !== undefined) {
      throw usage(`${file}: has the same name as ${other.file}, ${scenario.name}; give it another`)
    }
    cases.push({ file, scenario })
  }
  return cases
}

/** One line for each case that says nothing of anybody's own server. */
export function ownServerNotes(cases: readonly Case[]): readonly string[] {
  return cases
    .filter(({ scenario }) => scenario.url === null)
    .map(({ file }) => `${file}: measures rtbench's own server; --serve or --url measures yours`)
}

function usage(message: string): RtbenchError {
  return new RtbenchError('usage', message)
}

/** The command line that stores a case's baseline anew, measured as it is now; for a POSIX shell. */
export function updateLine({ file }: Pick<Case, 'file'>, options: CiOptions): string {
  const { baseline = '', url, serve, only, repeat, allowRemote } = options
  return [
    `rtbench ci ${shellWord(file)} --baseline ${shellWord(baseline)} --update-baseline`,
    ...(url === undefined ? [] : [`--url ${shellWord(withoutSecrets(url))}`]),
    ...(serve === undefined ? [] : [`--serve ${shellWord(serve)}`]),
    ...(allowRemote ? ['--allow-remote'] : []),
    ...(only === undefined ? [] : [`--only ${shellWord(only)}`]),
    ...(repeat === undefined ? [] : [`--repeat ${shellWord(repeat)}`]),
  ].join(' ')
}
