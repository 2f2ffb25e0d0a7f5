import { NS_PER_MS } from '../measure/clock.ts'
import type { Pace } from '../transports/transport.ts'
import type { WorkerPlan } from './messages.ts'
import { connectingAtOnce } from './ramp-up.ts'
import type { RunOrder } from './run-order.ts'
import { tellsStatistics } from './server-watch.ts'
import { planWarmUp } from './warm-up.ts'
import { probeClient, shardOf, type Workload } from './workload.ts'

type Shared = Pick<
  WorkerPlan,
  | 'transport'
  | 'asks'
  | 'slotMs'
  | 'engine'
  | 'workload'
  | 'targets'
  | 'pace'
  | 'payloadBytes'
  | 'givesWay'
  | 'sharesHost'
  | 'loadAfterMs'
  | 'loadBeforeMs'
  | 'arrivals'
  | 'seed'
>

/** A plan for each worker of the swarm. */
export function workerPlans(order: RunOrder, workload: Workload, pace: Pace): WorkerPlan[] {
  const { scenario, workers } = order
  return Array.from({ length: workers }, (_, worker) => ({
    worker,
    ...shardOf(scenario.clients, workers, worker),
    rampUpMs: scenario.rampUpMs,
    connecting: connectingAtOnce(workers),
    ...sharedBy(order, workload, pace),
  }))
}

/**
 * The control probe's plan: one more client, in a process of its own; null where it would not see
 * what the swarm sees, since every client has its own channel, or nothing is published.
 */
export function probePlan(order: RunOrder, workload: Workload, pace: Pace): WorkerPlan | null {
  const client = order.scenario.rate > 0 ? probeClient(workload) : null
  if (client === null) return null
  return {
    worker: order.workers,
    first: client,
    end: client + 1,
    rampUpMs: null,
    connecting: 1,
    ...sharedBy(order, workload, pace),
  }
}

function sharedBy(
  { transport, targets, scenario, sharedWithServer }: RunOrder,
  workload: Workload,
  pace: Pace,
): Shared {
  const { engine, payloadBytes, warmupMs, arrivals, seed } = scenario
  const { name, hasExchanges: asks, traits } = transport
  const slotMs = traits.keepsInterval && pace.intervalMs > 0 ? pace.intervalMs : null
  const warmUp = planWarmUp(0, warmupMs, workload, targets.every(tellsStatistics))
  const loadAfterMs = warmUp.loadFromNs / NS_PER_MS
  const loadBeforeMs = (warmUp.windowFromNs - warmUp.loadFromNs) / NS_PER_MS
  // A server that somebody else started on this machine does not give way: clients that did would
  // measure how long they wait for it.
  const givesWay = scenario.url === null || !sharedWithServer
  const own = {
    transport: name,
    asks,
    slotMs,
    engine,
    payloadBytes,
    givesWay,
    sharesHost: sharedWithServer,
    arrivals,
    seed,
  }
  return { ...own, loadAfterMs, loadBeforeMs, workload, targets, pace }
}
