import { advise } from '../../advice/advise.ts'
import { PREFERENCES } from '../../advice/choice.ts'
import { decisionOf } from '../../advice/decision.ts'
import {
  measurementsFor,
  measuringCommand,
  timeOf,
  usersToMeasure,
} from '../../advice/measurement.ts'
import { renderAdvice } from '../../advice/report.ts'
import { RtbenchError } from '../../error.ts'
import { conduct, processesFor } from '../../experiment/experiment.ts'
import { planOf } from '../../experiment/plan.ts'
import {
  BROWSERS,
  type Middlebox,
  type Percentile,
  PROXIES,
  TRAFFIC,
  type Workload,
} from '../../result/advice.ts'
import type { Environment, Result } from '../../result/document.ts'
import { readEnvironment } from '../../result/environment.ts'
import { readResult } from '../../result/store.ts'
import { flagLayer } from '../../scenario/layer.ts'
import type { Plan } from '../../scenario/plan.ts'
import { showKey } from '../../scenario/problem.ts'
import {
  formatWhole,
  isRefusal,
  parseBytes,
  parseCount,
  parseDuration,
  parseRate,
  type Refusal,
} from '../../scenario/units.ts'
import { tell } from '../../tell.ts'
import { transports } from '../../transports/registry.ts'
import { ExitCode } from '../exit-code.ts'
import { type MeasurementFlags, refuse, wordOf } from '../flags.ts'
import { folderOf, keepResult, printText, settingOf, storeResult } from '../output.ts'

interface AdviseOptions
  extends WorkloadOptions,
    Pick<MeasurementFlags, 'json' | 'out' | 'save' | 'quiet'> {
  readonly measure?: boolean
  readonly prefer?: string
}

/** Tells which technique a workload wants, from measured results. */
export async function act(files: readonly string[], options: AdviseOptions): Promise<ExitCode> {
  const workload = workloadOf(options)
  const prefer = preferenceOf(options.prefer)
  const stored = await Promise.all(files.map(readResult))
  const measured = options.measure === true ? await measure(workload, options) : null
  const results = [...stored, ...(measured?.results ?? [])]
  if (results.length === 0) throw nothingMeasured(workload, prefer)
  const advice = advise(workload, results, transports, prefer)
  if (options.json === true) {
    process.stdout.write(
      `${JSON.stringify({ ...advice, decision: decisionOf(advice) }, null, 2)}\n`,
    )
  } else {
    printText((render) => renderAdvice(advice, render))
  }
  if (measured !== null && !measured.written) return ExitCode.notWritten
  if (advice.among.length > 0) return ExitCode.done
  return advice.undecided ? ExitCode.couldNotRun : ExitCode.threshold
}

/** A word, or a technique by any of its names. */
function preferenceOf(text = 'simple'): string {
  const named = transports.find(({ name, otherNames }) =>
    [name, ...otherNames].includes(text.toLowerCase()),
  )
  if (named !== undefined) return named.name
  return wordOf('--prefer', text, [...PREFERENCES, ...transports.map(({ name }) => name)])
}

/** What `--measure` measures; fewer clients where the machine does not carry as many. */
export function plansToMeasure(
  workload: Workload,
  { cores, openFilesLimit }: Pick<Environment, 'cores' | 'openFilesLimit'>,
): readonly Plan[] {
  const plansFor = (users: number): readonly Plan[] =>
    measurementsFor(workload, transports, { cores, users }).map((wish, i) =>
      planOf([flagLayer({ ...wish, name: `advise-${i + 1}` })]),
    )
  for (let users = usersToMeasure(workload); ; users = Math.ceil(users / 2)) {
    const plans = plansFor(users)
    try {
      for (const { scenario } of plans) processesFor(scenario, openFilesLimit)
      return plans
    } catch (error) {
      if (users === 1) throw error
    }
  }
}

interface Measured {
  readonly results: readonly Result[]
  /** All were saved, or were not to be. */
  readonly written: boolean
}

/** Measures what the workload asks about, and keeps the results for the next question. */
async function measure(workload: Workload, options: AdviseOptions): Promise<Measured> {
  const folder = await folderOf(options)
  const environment = await readEnvironment()
  const plans = plansToMeasure(workload, environment)
  const setting = { ...settingOf(options, environment), token: null }
  const { progress, signal } = setting
  const runCount = plans.reduce((sum, { scenario }) => sum + scenario.transports.length, 0)
  const clients = Math.max(...plans.map(({ scenario }) => scenario.clients))
  progress.note(
    `${runCount} runs with up to ${formatWhole(clients)} clients, about ${minutes(timeOf(plans.map(({ scenario }) => scenario)))}`,
  )
  const results: Result[] = []
  let written = true
  let runsBefore = 0
  for (const [at, plan] of plans.entries()) {
    const toComeMs = timeOf(plans.slice(at + 1).map(({ scenario }) => scenario))
    const offset = runsBefore
    const { result, failure } = await conduct(plan, {
      ...setting,
      progress: {
        // What is said of each plan was said of all of them.
        note: () => {},
        update: (one) =>
          progress.update({
            ...one,
            runIndex: one.runIndex + offset,
            runCount,
            timeLeftMs: one.timeLeftMs === null ? null : one.timeLeftMs + toComeMs,
          }),
      },
      onResult: (soFar) => keepResult(soFar, folder),
    })
    progress.end()
    runsBefore += plan.scenario.transports.length
    if (result !== null) {
      results.push(result)
      written = (folder === null || (await storeResult(result, folder, options))) && written
    }
    if (failure !== null) {
      if (results.length === 0) throw failure
      tell(`rtbench: ${plan.scenario.name} could not be measured: ${failure.message}`)
    }
    // Of some techniques alone it would be advice that leaves out what nobody asked to leave out.
    if (signal.aborted) {
      throw new RtbenchError(
        'interrupted',
        'interrupted before all was measured: there is no advice',
      )
    }
  }
  return { results, written }
}

function minutes(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  return seconds < 100 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}

function nothingMeasured(workload: Workload, prefer: string): RtbenchError {
  return new RtbenchError(
    'usage',
    `advise: no result is given; expected result files, or what measures first: ${measuringCommand(workload, prefer)}`,
  )
}

/** The flags of `advise` that describe the workload, as they are written. */
export interface WorkloadOptions {
  readonly users?: string
  readonly eventsPerUser?: string
  /** The same, as a scenario has it. */
  readonly rate?: string
  readonly latency?: string
  readonly clientToServer?: string
  readonly proxies?: string
  readonly browsers?: string
  /** As a scenario has them. */
  readonly channels?: string
  readonly payload?: string
  readonly instances?: string
}

const PERCENTILES: readonly Percentile[] = ['p50', 'p95', 'p99']

const COUNTS = 'a count such as 500 or 50k'
const RATES = 'events of each user, such as 20/day, 6/min or 0.1 a second'
const CHANNELS = 'per-client, broadcast, or a number of channels'
const SIZES = 'bytes of an event, such as 128 or 4KiB'
const INSTANCES = 'a count of server processes such as 3'
const LATENCIES = 'a latency such as 500ms, which is a p99, or p95<200ms'

/** A client that sends as often as this, per second, is chatty. */
const CHATTY_PER_SECOND = 0.1

/**
 * Reads what somebody is going to build.
 * @throws RtbenchError `usage`, one line a flag
 */
export function workloadOf(options: WorkloadOptions): Workload {
  const { users, eventsPerUser, rate, latency } = options
  if (eventsPerUser !== undefined && rate !== undefined) {
    refuse('--rate', 'is given as --events-per-user, too; expected one of them')
  }
  const rateFlag = rate === undefined ? '--events-per-user' : '--rate'
  const wanted = read('--latency', latency, LATENCIES, latencyOf)
  return {
    users: read('--users', users, COUNTS, aboveZero(parseCount)),
    eventsPerUserPerSecond: read(rateFlag, rate ?? eventsPerUser, RATES, aboveZero(parseRate)),
    wanted,
    channels: channelsOf(options.channels),
    payloadBytes:
      options.payload === undefined
        ? null
        : read('--payload', options.payload, SIZES, aboveZero(parseBytes)),
    ...trafficOf(options.clientToServer ?? 'none'),
    instances: read('--instances', options.instances ?? '1', INSTANCES, instancesOf),
    proxies: proxiesOf(options.proxies),
    browsers: wordOf('--browsers', options.browsers ?? 'modern', BROWSERS),
  }
}

const MOST_INSTANCES = 1_000

function instancesOf(text: string): number | Refusal {
  const count = parseCount(text)
  if (isRefusal(count)) return count
  return count >= 1 && count <= MOST_INSTANCES
    ? count
    : { problem: `is not 1 to ${MOST_INSTANCES}` }
}

/** As in a scenario. */
function channelsOf(text = 'per-client'): Workload['channels'] {
  if (text === 'per-client') return text
  if (text === 'broadcast') return 1
  return read('--channels', text, CHANNELS, aboveZero(parseCount))
}

function aboveZero(parse: (text: string) => number | Refusal) {
  return (text: string): number | Refusal => {
    const value = parse(text)
    if (isRefusal(value)) return value
    return value > 0 ? value : { problem: 'is not above 0' }
  }
}

function latencyOf(text: string): Workload['wanted'] | Refusal {
  const [, percentile, duration = ''] = /^(?:(p[\d.]*|[a-z]+) ?<=? ?)?(.*)$/.exec(text) ?? []
  const known = PERCENTILES.find((one) => one === (percentile ?? 'p99'))
  if (known === undefined) {
    return { problem: `names ${percentile}, which is none of ${PERCENTILES.join(', ')}` }
  }
  const ms = parseDuration(duration)
  if (isRefusal(ms)) return ms
  return ms > 0
    ? { percentile: known, latencyUs: Math.round(ms * 1000) }
    : { problem: 'is not above 0' }
}

/** A word, or how often a client sends. */
function trafficOf(text: string): Pick<Workload, 'clientToServer' | 'messagesPerUserPerSecond'> {
  if (/^\d/.test(text)) {
    const rate = read('--client-to-server', text, `${TRAFFIC.join(', ')} or a rate`, parseRate)
    const clientToServer = rate === 0 ? 'none' : rate < CHATTY_PER_SECOND ? 'some' : 'chatty'
    return { clientToServer, messagesPerUserPerSecond: rate }
  }
  return {
    clientToServer: wordOf('--client-to-server', text, TRAFFIC),
    messagesPerUserPerSecond: null,
  }
}

function proxiesOf(text: string | undefined): readonly Middlebox[] {
  if (text === undefined || text === 'none') return []
  return text.split(',').map((item) => wordOf('--proxies', item.trim(), PROXIES))
}

function read<Value>(
  flag: string,
  text: string | undefined,
  expected: string,
  parse: (text: string) => Value | Refusal,
): Value {
  if (text === undefined) return refuse(flag, `is not given; expected ${expected}`)
  const value = parse(text)
  if (!isRefusal(value)) return value
  return refuse(flag, `${showKey(text)} ${value.problem}; expected ${expected}`)
}
