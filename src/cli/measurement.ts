import { prepareHistograms } from '../measure/histogram.ts'
import type { ProgressWriter } from '../report/progress-writer.ts'
import type { Run } from '../result/document.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { startInstances } from '../server/instances.ts'
import {
  DEFAULT_LIMITS,
  DEFAULT_SERVER_OPTIONS,
  type ServerOptions,
} from '../server/reference-server.ts'
import { type ProcessPlan, planProcesses } from '../swarm/capacity.ts'
import { measureRun } from '../swarm/coordinator.ts'
import { transportNamed } from '../transports/registry.ts'
import type { Target } from '../transports/transport.ts'
import { isLoopback, ownTarget, targetOf } from './target.ts'

/** The log keeps what comes within this time, or within two intervals of a poller. */
const LOG_SECONDS = 30
const MAX_LOG_SIZE = 4_000_000

export interface MeasurementOptions {
  readonly token: string | null
  readonly allowRemote: boolean
  readonly openFilesLimit: number | null
  /** Ends the run under way early and leaves out those to come. */
  readonly signal: AbortSignal
  readonly progress: ProgressWriter
}

/** What was measured, and what kept the rest from being so. */
export interface Measurement {
  readonly runs: readonly Run[]
  readonly failure: Error | null
}

/** Measures every transport of a scenario, one after the other, with fresh processes for each. */
export async function measureScenario(
  scenario: Scenario,
  options: MeasurementOptions,
): Promise<Measurement> {
  const remote = scenario.url === null ? null : await targetOf(scenario.url, options)
  const plan = planProcesses({
    clients: scenario.clients,
    instances: scenario.instances,
    workers: scenario.workers,
    openFilesLimit: options.openFilesLimit,
    ownServer: remote === null,
  })
  options.progress.note(`seed ${scenario.seed}; ${plan.explanation}`)
  await prepareHistograms()
  const runs: Run[] = []
  const order = runOrder(scenario.transports, scenario.repeat)
  for (const [runIndex, { name, repetition }] of order.entries()) {
    if (options.signal.aborted) break
    try {
      runs.push(
        await measureOne(scenario, name, repetition, runIndex, order.length, plan, remote, options),
      )
    } catch (error) {
      return { runs, failure: error as Error }
    }
  }
  return { runs, failure: null }
}

async function measureOne(
  scenario: Scenario,
  name: string,
  repetition: number,
  runIndex: number,
  runCount: number,
  plan: ProcessPlan,
  remote: Target | null,
  options: MeasurementOptions,
): Promise<Run> {
  const instances =
    remote === null ? await startInstances(plan.instances, serverOptions(scenario)) : null
  try {
    return await measureRun({
      transport: transportNamed(name),
      scenario,
      repetition,
      targets: remote === null ? (instances?.ports ?? []).map(ownTarget) : [remote],
      workers: plan.workers,
      sharedWithServer: remote === null || isLoopback(remote.host),
      signal: options.signal,
      onProgress: (progress) => options.progress.update({ ...progress, runIndex, runCount }),
      onServerLost: (tell) => instances?.onLost(tell),
    })
  } finally {
    await instances?.stop()
  }
}

/** Every repetition begins with another transport, so that drift does not favour one of them. */
function runOrder(
  names: readonly string[],
  repeat: number,
): { readonly name: string; readonly repetition: number }[] {
  return Array.from({ length: repeat }, (_, round) =>
    names.map((_, place) => ({
      name: names[(place + round) % names.length] as string,
      repetition: round + 1,
    })),
  ).flat()
}

function serverOptions(scenario: Scenario): ServerOptions {
  const { clients, channels, rate, intervalMs, holdMs } = scenario
  const eventsPerSecond = rate * (channels === 'per-client' ? clients : channels)
  const seconds = Math.max(LOG_SECONDS, (2 * intervalMs) / 1000)
  const wanted = Math.ceil(eventsPerSecond * seconds)
  return {
    ...DEFAULT_SERVER_OPTIONS,
    logSize: Math.min(MAX_LOG_SIZE, Math.max(DEFAULT_SERVER_OPTIONS.logSize, wanted)),
    limits: { ...DEFAULT_LIMITS, holdMs },
  }
}
