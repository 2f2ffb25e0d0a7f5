import { RtbenchError } from '../error.ts'
import { measureEcho } from '../measure/echo.ts'
import { prepareHistograms } from '../measure/histogram.ts'
import type { Run } from '../result/document.ts'
import type { Plan } from '../scenario/plan.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { formatSwept, type Sweep, type SweepPoint, sweptName } from '../scenario/sweep.ts'
import { startInstances } from '../server/instances.ts'
import {
  DEFAULT_LIMITS,
  DEFAULT_SERVER_OPTIONS,
  MAX_LOG_SIZE,
  type ServerOptions,
} from '../server/reference-server.ts'
import { measureRun } from '../swarm/coordinator.ts'
import { type Machine, type ProcessPlan, planProcesses } from '../swarm/process-plan.ts'
import { transportNamed } from '../transports/registry.ts'
import type { Target } from '../transports/transport.ts'
import type { Listener } from './listener.ts'
import { remainingMs } from './remaining-time.ts'
import { type Measurement, measureSeries, type Series } from './series.ts'
import { describedTarget, isLoopback, ownTarget, targetOf } from './target.ts'
import { seedOf, type Turn, turnsOf } from './turn.ts'

/** The log keeps what comes within this time, or within two intervals of a poller. */
const LOG_SECONDS = 30

export interface MeasurementOptions {
  readonly token: string | null
  readonly allowRemote: boolean
  readonly openFilesLimit: number | null
  /** Measure the machine's echo before each run; by default where runs are repeated. */
  readonly withEcho?: boolean
  /** Ends the run under way early and leaves out those to come. */
  readonly signal: AbortSignal
  /** Aborted after `signal`: the run under way ends at once, with what was measured by then. */
  readonly hurry?: AbortSignal
  readonly progress: Listener
  /** Told after each run what there is by then; the next one waits for it. */
  onRun(soFar: Measurement): Promise<void>
}

/** Measures every transport of a scenario, one after the other, with fresh processes for each. */
export function measureScenario(
  scenario: Scenario,
  options: MeasurementOptions,
): Promise<Measurement> {
  return measurePlan({ scenario, sweep: null }, options)
}

/** The same for every value of a sweep, if there is one. */
export async function measurePlan(plan: Plan, options: MeasurementOptions): Promise<Series> {
  const { scenario } = plan
  const remote = scenario.url === null ? null : await targetOf(scenario.url, options)
  const processes = processesOf(plan, options)
  await prepareHistograms()
  const turns = turnsOf(plan)
  const measure = (turn: Turn): Promise<Run> =>
    measureTurn(
      turn,
      {
        processes:
          processes.get(turn.scenario) ?? processesFor(turn.scenario, options.openFilesLimit),
        remote,
        runCount: turns.length,
        name: sweptName(turn.name, plan.sweep, turn.point),
      },
      options,
    )
  return measureSeries(turns, measure, options)
}

/** The processes of each scenario of a plan, worked out before anything is started. */
function processesOf(
  { scenario, sweep }: Plan,
  { openFilesLimit, progress }: MeasurementOptions,
): ReadonlyMap<Scenario, ProcessPlan> {
  const processes =
    sweep === null
      ? new Map([[scenario, processesFor(scenario, openFilesLimit)]])
      : new Map(
          sweep.points.map((point) => [point.scenario, processesAt(sweep, point, openFilesLimit)]),
        )
  const explanations = new Set([...processes.values()].map(({ explanation }) => explanation))
  progress.note(`seed ${scenario.seed}; ${[...explanations].join('; ')}`)
  return processes
}

/** What a machine cannot carry is found before anything is started: it names the value. */
function processesAt(
  { key }: Sweep,
  { value, scenario }: SweepPoint,
  openFilesLimit: number | null,
): ProcessPlan {
  try {
    return processesFor(scenario, openFilesLimit)
  } catch (error) {
    if (!(error instanceof RtbenchError)) throw error
    const text = `${error.message} (at ${key}=${formatSwept(key, value)})`
    throw new RtbenchError(error.code, text, error)
  }
}

/**
 * The processes that carry a scenario.
 * @throws RtbenchError where this machine cannot
 */
export function processesFor(
  { clients, instances, workers, url }: Scenario,
  openFilesLimit: number | null,
  machine?: Machine,
): ProcessPlan {
  const ownServer = url === null
  return planProcesses({ clients, instances, workers, openFilesLimit, ownServer }, machine)
}

/** What a turn takes beside itself. */
interface Setting {
  readonly processes: ProcessPlan
  readonly remote: Target | null
  readonly runCount: number
  /** For a person. */
  readonly name: string
}

async function measureTurn(
  { index, name, repetition, scenario, point }: Turn,
  { processes, remote, runCount, name: shown }: Setting,
  options: MeasurementOptions,
): Promise<Run> {
  // Times are compared over repetitions alone.
  const { signal, withEcho = scenario.repeat > 1 } = options
  const echo = withEcho ? await measureEcho(signal) : null
  signal.throwIfAborted()
  const instances =
    remote === null
      ? await startInstances(processes.instances, serverOptions(scenario, processes))
      : null
  try {
    const run = await measureRun({
      transport: transportNamed(name),
      scenario: { ...scenario, seed: seedOf(scenario, repetition) },
      repetition,
      targets:
        remote === null
          ? (instances?.allPorts ?? []).map(portsTarget)
          : [describedTarget(remote, scenario.target, name)],
      workers: processes.workers,
      sharedWithServer: remote === null || isLoopback(remote.host),
      signal,
      hurry: options.hurry,
      onProgress: (progress) => {
        const timeLeftMs = remainingMs(progress, scenario, runCount - index - 1)
        options.progress.update({
          ...progress,
          transport: shown,
          timeLeftMs,
          runIndex: index,
          runCount,
        })
      },
      onServerLost: (tell) => instances?.onLost(tell),
    })
    const host = {
      ...run.host,
      echoUs: echo?.burstUs ?? null,
      echoCpuUs: echo?.cpuUsPerMessage ?? null,
    }
    const measured = { ...run, host }
    return point === undefined ? measured : { ...measured, point }
  } finally {
    await instances?.stop(options.hurry)
  }
}

function portsTarget([port = 0, ...morePorts]: readonly number[]): Target {
  return ownTarget(port, ...morePorts)
}

function serverOptions(scenario: Scenario, { portsPerInstance }: ProcessPlan): ServerOptions {
  const { clients, channels, rate, intervalMs, holdMs, backplane } = scenario
  const eventsPerSecond = rate * (channels === 'per-client' ? clients : channels)
  const seconds = Math.max(LOG_SECONDS, (2 * intervalMs) / 1000)
  const wanted = Math.ceil(eventsPerSecond * seconds)
  return {
    ...DEFAULT_SERVER_OPTIONS,
    morePorts: portsPerInstance - 1,
    logSize: Math.min(MAX_LOG_SIZE, Math.max(DEFAULT_SERVER_OPTIONS.logSize, wanted)),
    limits: { ...DEFAULT_LIMITS, holdMs },
    backplane,
  }
}
