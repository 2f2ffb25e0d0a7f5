import { advise } from '../../advice/advise.ts'
import { decisionOf } from '../../advice/decision.ts'
import { measurementFor, measuringCommand } from '../../advice/measurement.ts'
import { renderAdvice } from '../../advice/report.ts'
import { RtbenchError } from '../../error.ts'
import { conduct } from '../../experiment/experiment.ts'
import { planOf } from '../../experiment/plan.ts'
import {
  BROWSERS,
  type Middlebox,
  type Percentile,
  PROXIES,
  TRAFFIC,
  type Workload,
} from '../../result/advice.ts'
import type { Result } from '../../result/document.ts'
import { readEnvironment } from '../../result/environment.ts'
import { readResult } from '../../result/store.ts'
import { flagLayer } from '../../scenario/layer.ts'
import type { Plan } from '../../scenario/plan.ts'
import { showKey } from '../../scenario/problem.ts'
import {
  isRefusal,
  parseCount,
  parseDuration,
  parseRate,
  type Refusal,
} from '../../scenario/units.ts'
import { transports } from '../../transports/registry.ts'
import { ExitCode } from '../exit-code.ts'
import { type MeasurementFlags, refuse, wordOf } from '../flags.ts'
import { folderOf, keepResult, printText, settingOf, storeResult } from '../output.ts'

interface AdviseOptions
  extends WorkloadOptions,
    Pick<MeasurementFlags, 'json' | 'out' | 'save' | 'quiet'> {
  readonly measure?: boolean
}

/** Tells which technique a workload wants, from measured results. */
export async function act(files: readonly string[], options: AdviseOptions): Promise<ExitCode> {
  const workload = workloadOf(options)
  const stored = await Promise.all(files.map(readResult))
  const measured = options.measure === true ? await measure(workload, options) : null
  const results = measured === null ? stored : [...stored, measured.result]
  if (results.length === 0) throw nothingMeasured(workload)
  const advice = advise(workload, results, transports)
  if (options.json === true) {
    process.stdout.write(
      `${JSON.stringify({ ...advice, decision: decisionOf(advice) }, null, 2)}\n`,
    )
  } else {
    printText((render) => renderAdvice(advice, render))
  }
  if (measured !== null && !measured.written) return ExitCode.notWritten
  if (advice.chosen !== null) return ExitCode.done
  return advice.undecided ? ExitCode.couldNotRun : ExitCode.threshold
}

/** What `--measure` measures: the very run that is told where there is no result. */
export function planToMeasure(workload: Workload): Plan {
  return planOf([flagLayer({ ...measurementFor(workload), name: 'advise' })])
}

interface Measured {
  readonly result: Result
  /** It was saved, or was not to be. */
  readonly written: boolean
}

/** Measures what the workload asks about, and keeps the result for the next question. */
async function measure(workload: Workload, options: AdviseOptions): Promise<Measured> {
  const folder = await folderOf(options)
  const plan = planToMeasure(workload)
  const setting = { ...settingOf(options, await readEnvironment()), token: null }
  const { result, failure } = await conduct(plan, {
    ...setting,
    onResult: (soFar) => keepResult(soFar, folder),
  })
  setting.progress.end()
  if (result === null) {
    throw failure ?? new RtbenchError('interrupted', 'stopped before anything was measured')
  }
  const written = folder === null || (await storeResult(result, folder, options))
  // Of some techniques alone it would be advice that leaves out what nobody asked to leave out.
  if (setting.signal.aborted) {
    throw new RtbenchError('interrupted', 'interrupted before all was measured: there is no advice')
  }
  return { result, written }
}

function nothingMeasured(workload: Workload): RtbenchError {
  return new RtbenchError(
    'usage',
    `advise: no result is given; expected a result file, which this makes: ${measuringCommand(measurementFor(workload))}; or --measure, which does that`,
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
}

const PERCENTILES: readonly Percentile[] = ['p50', 'p95', 'p99']

const COUNTS = 'a count such as 500 or 50k'
const RATES = 'events of each user, such as 20/day, 6/min or 0.1 a second'
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
    ...trafficOf(options.clientToServer ?? 'none'),
    proxies: proxiesOf(options.proxies),
    browsers: wordOf('--browsers', options.browsers ?? 'modern', BROWSERS),
  }
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
