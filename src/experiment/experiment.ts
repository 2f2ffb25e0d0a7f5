/**
 * An experiment: all runs of one invocation. It goes straight down: the plan's processes and planned
 * runs, one measured run after the other, and what there is by then as a result.
 */
import { randomBytes } from 'node:crypto'
import { balancerNamed } from '../balancer/registry.ts'
import { type Installed, installed } from '../balancer/running.ts'
import { RtbenchError } from '../error.ts'
import type { HistoryFile } from '../history/writer.ts'
import { prepareHistograms } from '../measure/histogram.ts'
import { measureEcho } from '../measure/host.ts'
import type { Environment, MissingRun, Result, Run } from '../result/document.ts'
import { isDisruptedBy } from '../scenario/disruption.ts'
import type { Plan } from '../scenario/plan.ts'
import { recorded, type Scenario } from '../scenario/scenario.ts'
import { formatSwept, sweepUnit, sweptName } from '../scenario/sweep.ts'
import { type Identity, ownIdentity } from '../server/identity.ts'
import { type Instances, startConnected } from '../server/instances.ts'
import {
  DEFAULT_SERVER_OPTIONS,
  limitsOf,
  MAX_LOG_SIZE,
  type ServerOptions,
} from '../server/reference-server.ts'
import { measureRun } from '../swarm/coordinator.ts'
import { type Machine, type ProcessPlan, planProcesses } from '../swarm/process-plan.ts'
import type { InstanceControl, Phase, Progress, RunOrder, RunPlace } from '../swarm/run-order.ts'
import { transportNamed } from '../transports/registry.ts'
import type { Target } from '../transports/transport.ts'
import { packageVersion } from '../version.ts'
import type { Via } from '../via/via.ts'
import { type StartedBlackhole, startBlackhole } from './blackhole.ts'
import { assertStoppable, controlOfProcess } from './foreign-process.ts'
import { type StartedFront, startFront } from './front.ts'
import { socketsEach } from './passing.ts'
import { describedTarget, isLoopback, ownTarget, type TargetOptions, targetOf } from './plan.ts'
import {
  type Measurement,
  measureSeries,
  type PlannedRun,
  plannedRuns,
  type Series,
  type SeriesOptions,
  seedOf,
} from './series.ts'
import { trustOf } from './trust.ts'
import { checkUpgrade, startVia, type Way, wayOf } from './via.ts'

/** The log keeps what comes within this time, or within two intervals of a poller. */
const LOG_SECONDS = 30

/** A listener to how a measurement goes. */
interface ProgressListener {
  /** Once a second, and at the beginning of each phase. */
  update(progress: Progress & RunPlace): void
  /** A line about what is to come. */
  note(text: string): void
}

export interface MeasurementOptions extends TargetOptions, SeriesOptions {
  readonly openFilesLimit: number | null
  /** This process is in a network namespace that is the measurement's own, with nftables. */
  readonly isIsolated?: boolean
  /** Measure the machine's echo before each run; by default where runs are repeated. */
  readonly withEcho?: boolean
  /** Where every run is written down, event by event. */
  readonly history?: HistoryFile | null
  /** Of a server at a URL on this machine, which may be stopped for a while; null where nobody said. */
  readonly serverPid?: number | null
  /** What own instances are told beside what the scenario says; no flag offers it. */
  readonly server?: Partial<Pick<ServerOptions, 'logSize' | 'flaw'>>
  /** Aborted after `signal`: the run under way ends at once, with what was measured by then. */
  readonly hurry?: AbortSignal
  readonly progress: ProgressListener
  onRun(soFar: Measurement): Promise<void>
}

export interface ExperimentOptions extends Omit<MeasurementOptions, 'onRun' | 'openFilesLimit'> {
  readonly environment: Environment
  /** Told after each run what there is by then; the next one waits for it. */
  onResult(result: Result): Promise<void>
}

export interface Outcome {
  /** All that was measured, and what was not; null where there is no run at all. */
  readonly result: Result | null
  /** What first kept a missing run from being measured, if it was no interruption. */
  readonly failure: Error | null
  /** The missing runs that were begun and failed. */
  readonly failed: readonly MissingRun[]
}

/**
 * Measures a plan and makes the result of it. Writes to no stream and sets no exit code.
 * @throws RtbenchError where this machine cannot carry it, or the target may not be put under load
 */
export async function conduct(plan: Plan, options: ExperimentOptions): Promise<Outcome> {
  const { openFilesLimit } = options.environment
  const onRun = (soFar: Measurement): Promise<void> =>
    options.onResult(documentOf(plan, options.environment, soFar))
  const series = await measurePlan(plan, { ...options, openFilesLimit, onRun })
  const { runs, failure, failed } = series
  const result = runs.length === 0 ? null : documentOf(plan, options.environment, series)
  return { result, failure, failed }
}

/** The result document of a measurement by this program; without a sweep, of a scenario alone. */
export function documentOf(
  { scenario, sweep = null }: Pick<Plan, 'scenario'> & Partial<Pick<Plan, 'sweep'>>,
  environment: Environment,
  { runs, missing }: Pick<Measurement, 'runs' | 'missing'>,
): Result {
  return {
    schemaVersion: 1,
    tool: { name: 'rtbench', version: packageVersion() },
    environment,
    scenario: { ...recorded(scenario) },
    ...(sweep !== null && {
      sweep: {
        key: sweep.key,
        unit: sweepUnit(sweep.key),
        values: sweep.points.map(({ value }) => value),
      },
    }),
    runs,
    missing,
  }
}

/** Measures every transport of a scenario, one after the other, with fresh processes for each. */
export function measureScenario(
  scenario: Scenario,
  options: MeasurementOptions,
): Promise<Measurement> {
  return measurePlan({ scenario, sweep: null }, options)
}

async function measurePlan(plan: Plan, options: MeasurementOptions): Promise<Series> {
  const { url } = plan.scenario
  const remote = url === null ? null : await targetOf(url, options, await trustOf(plan.scenario))
  assertStoppable(plan, remote, options.serverPid ?? null)
  const { front: name } = plan.scenario
  const front = name === 'none' ? null : installed(balancerNamed(name))
  const way = wayOf(plan.scenario)
  const via = way === null ? null : { way, program: installed(way.proxy, '--via') }
  const processes = processesOf(plan, options)
  const identity = plan.scenario.tls ? await ownIdentity() : null
  await prepareHistograms()
  const planned = plannedRuns(plan)
  const measure = (run: PlannedRun): Promise<Run> => {
    const runsToCome = planned.length - run.index - 1
    const transport = sweptName(run.name, plan.sweep, run.point)
    const place = { transport, runIndex: run.index, runCount: planned.length }
    const onProgress = (progress: Progress): void => {
      const timeLeftMs = remainingMs(progress, run.scenario, runsToCome)
      options.progress.update({ ...progress, ...place, timeLeftMs })
    }
    const own = processes.get(run.scenario) as ProcessPlan
    return measurePlanned(run, own, { remote, front, via, identity }, { ...options, onProgress })
  }
  return measureSeries(planned, measure, options)
}

/**
 * The processes of each scenario of a plan, worked out before anything is started: what a machine
 * cannot carry is found then, and names the value.
 */
function processesOf(
  { scenario, sweep }: Plan,
  { openFilesLimit, progress }: MeasurementOptions,
): ReadonlyMap<Scenario, ProcessPlan> {
  const processes = new Map<Scenario, ProcessPlan>()
  for (const point of sweep?.points ?? [{ scenario, value: null }]) {
    try {
      processes.set(point.scenario, processesFor(point.scenario, openFilesLimit))
    } catch (error) {
      if (!(error instanceof RtbenchError) || sweep === null || point.value === null) throw error
      const text = `${error.message} (at ${sweep.key}=${formatSwept(sweep.key, point.value)})`
      throw new RtbenchError(error.code, text, error)
    }
  }
  const explanations = new Set([...processes.values()].map(({ explanation }) => explanation))
  progress.note(`seed ${scenario.seed}; ${[...explanations].join('; ')}`)
  return processes
}

/**
 * The processes that carry a scenario.
 * @throws RtbenchError where this machine cannot
 */
export function processesFor(
  { clients, instances, workers, url, workload, transports, front, via, tls }: Scenario,
  openFilesLimit: number | null,
  machine?: Machine,
): ProcessPlan {
  const ownServer = url === null
  const wish = {
    clients,
    instances,
    workers,
    openFilesLimit,
    ownServer,
    socketsEach: socketsEach({ workload, transports }),
    front: front === 'none' ? (via[0] ?? front) : front,
    isSecure: tls || (url?.startsWith('https:') ?? false),
  } as const
  return planProcesses(wish, machine)
}

interface Somebody {
  /** Null of an own server. */
  readonly remote: Target | null
  /** Null where clients connect to the instances themselves. */
  readonly front: Installed | null
  /** Null where no proxy is in between. */
  readonly via: { readonly way: Way; readonly program: Installed<Via> } | null
  /** As whom own instances speak TLS; null where they speak none. */
  readonly identity: Identity | null
}

async function measurePlanned(
  { name, repetition, scenario, point }: PlannedRun,
  processes: ProcessPlan,
  { remote, front: program, via, identity }: Somebody,
  options: Pick<
    MeasurementOptions,
    'withEcho' | 'isIsolated' | 'history' | 'server' | 'serverPid'
  > &
    Pick<RunOrder, 'signal' | 'hurry' | 'onProgress'>,
): Promise<Run> {
  // Times are compared over repetitions alone.
  const { signal, hurry, onProgress, history = null, withEcho = scenario.repeat > 1 } = options
  const echo = withEcho ? await measureEcho(signal) : null
  signal.throwIfAborted()
  const instances =
    remote === null ? await startOwn(scenario, processes, identity, options.server) : null
  const { serverPid = null } = options
  const foreignControl = serverPid === null ? null : controlOfProcess(serverPid)
  const trust = identity === null ? null : { ca: identity.cert }
  const own = instances?.allPorts.map((ports) => ownTarget(ports, trust))
  let front: StartedFront | null = null
  let blackhole: StartedBlackhole | null = null
  try {
    if (program !== null && instances !== null) {
      front = await startFront(program, instances.allPorts, scenario, processes)
    } else if (via !== null && instances !== null) {
      const [[port = 0] = []] = instances.allPorts
      front = await startVia(via.program, via.way, port, scenario, transportNamed(name))
      await checkUpgrade(transportNamed(name), via.way, front.target)
    }
    const servers = remote === null ? (own ?? []) : [remote]
    const targets = servers.map((target) => ({
      ...describedTarget(target, scenario.target, name),
      ...(scenario.http === 2 ? { streams: scenario.streamsPerConnection } : {}),
    }))
    const met = front === null ? targets : targets.map(() => (front as StartedFront).target)
    blackhole = await startBlackhole(scenario, met, options.isIsolated ?? false)
    const run = await measureRun({
      transport: transportNamed(name),
      scenario: { ...scenario, seed: seedOf(scenario, repetition) },
      repetition,
      targets,
      front,
      instances: instances === null ? foreignControl : controlOf(instances),
      blackhole,
      workers: processes.workers,
      sharedWithServer: remote === null || isLoopback(remote.host),
      signal,
      hurry,
      history,
      onProgress,
      onServerLost: (tell) => instances?.onLost(tell),
    })
    const host = {
      ...run.host,
      echoUs: echo?.burstUs ?? null,
      echoCpuUs: echo?.cpuUsPerMessage ?? null,
    }
    return { ...run, host, ...(point !== undefined && { point }) }
  } finally {
    await blackhole?.stop()
    await front?.stop(hurry)
    await instances?.stop(hurry)
  }
}

/** What a run may do to its instances. */
function controlOf({ kill, revive, freeze, leave, bus }: Instances): InstanceControl {
  const absent = (): never => {
    throw new Error('its instances have no bus of the run to do it to')
  }
  return {
    ...{ kill, revive, freeze, leave },
    restartBus: bus?.restart ?? absent,
    part: bus?.part ?? absent,
  }
}

/** Starts a scenario's own instances, on a bus of their own where they are several. */
function startOwn(
  scenario: Scenario,
  processes: ProcessPlan,
  identity: Identity | null,
  server: MeasurementOptions['server'],
): Promise<Instances> {
  const { backplane, busRouting, disruptions } = scenario
  const namespace = `run-${randomBytes(6).toString('hex')}`
  const isPartable = isDisruptedBy('partition', disruptions)
  const bus = { backplane, routing: busRouting, namespace, isOwner: true, isPartable }
  return startConnected(
    processes.instances,
    { ...serverOptions(scenario, processes), identity, http2: scenario.http === 2, ...server },
    bus,
  )
}

function serverOptions(scenario: Scenario, { portsPerInstance }: ProcessPlan): ServerOptions {
  const { clients, channels, rate, intervalMs } = scenario
  const eventsPerSecond = rate * (channels === 'per-client' ? clients : channels)
  const seconds = Math.max(LOG_SECONDS, (2 * intervalMs) / 1000)
  const wanted = Math.ceil(eventsPerSecond * seconds)
  return {
    ...DEFAULT_SERVER_OPTIONS,
    morePorts: portsPerInstance - 1,
    logSize: Math.min(MAX_LOG_SIZE, Math.max(DEFAULT_SERVER_OPTIONS.logSize, wanted)),
    limits: limitsOf(scenario),
  }
}

/**
 * The time that all runs still take, milliseconds, as far as the scenario says: a ramp-up without a time
 * of its own and the drain end when they end, and count for nothing.
 *
 * @param runsToCome after the one under way
 */
export function remainingMs(
  { phase, phaseElapsedMs }: Pick<Progress, 'phase' | 'phaseElapsedMs'>,
  { rampUpMs, warmupMs, durationMs }: Pick<Scenario, 'rampUpMs' | 'warmupMs' | 'durationMs'>,
  runsToCome: number,
): number {
  const phases: readonly (readonly [Phase, number])[] = [
    ['starting', 0],
    ['ramp-up', rampUpMs ?? 0],
    ['warm-up', warmupMs],
    ['steady', durationMs],
    ['drain', 0],
    ['done', 0],
  ]
  const run = phases.reduce((sum, [, ms]) => sum + ms, 0)
  const current = phases.findIndex(([name]) => name === phase)
  const ofThis = phases.slice(current).reduce((sum, [, ms]) => sum + ms, 0)
  const elapsed = Math.min(phaseElapsedMs, phases[current]?.[1] ?? 0)
  return ofThis - elapsed + runsToCome * run
}
