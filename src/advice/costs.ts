/** What a technique costs for a workload, by models of its runs. */
import { wasLate } from '../measure/reason.ts'
import type { Amount, Estimate, Workload } from '../result/advice.ts'
import type { RecordedScenario, Result, Run } from '../result/document.ts'
import { scenarioAt } from '../scenario/sweep.ts'
import { costModel, type Observation } from './cost-model.ts'
import { isSound } from './evidence.ts'
import { type Asking, type Load, loadOf, type Term, wantedLoad } from './load.ts'
import { isWayUp, times, type WayUp } from './way-up.ts'

const DAY = 86_400

/** The reference server's heartbeats come so far apart: a shorter window has not seen them all. */
const HEARTBEAT_MS = 15_000
/** Rarer events than those of any run that saw heartbeats, by this: then the bytes of silence tell. */
const RARE = 1 / 2
/** Resident memory of the reference server's process before its first client: 61 to 65 MB, measured. */
const PROCESS_BYTES = 60 * 2 ** 20

/** A run that tells what its technique costs, and what it was asked. */
interface Witness {
  readonly run: Run
  readonly scenario: RecordedScenario
  readonly load: Load
}

/** The models of a technique's costs; each null where no run tells it. */
export interface Costs {
  readonly cores: Model | null
  readonly bytes: Model | null
  readonly memory: Model | null
  /** Of the runs that they are from. */
  readonly witnesses: readonly Witness[]
  /** Clients get events by asking. */
  readonly asks: boolean
}

type Model = (load: Load) => Amount

/** Learns a technique's costs from all of its runs that count. */
export function costsOf(transport: string, results: readonly Result[]): Costs {
  const told = results.flatMap(({ runs, scenario, sweep }) =>
    runs
      .filter((run) => run.transport === transport && tellsCosts(run))
      .map((run): Witness => {
        const own = scenarioAt(scenario, sweep, run.point)
        return { run, scenario: own, load: loadOf(run, own) }
      }),
  )
  // What a bus takes of an instance is told apart, if it can be.
  const alone = told.filter(({ run }) => run.bus === undefined)
  const witnesses = alone.length > 0 ? alone : told
  const asks = witnesses.some(({ run }) => run.exchanges.emptyRatio !== null)
  const observed = (
    read: (witness: Witness) => number | null | undefined,
    more?: (witness: Witness) => Observation['idle'],
  ) =>
    witnesses.flatMap((witness): readonly Observation[] => {
      const value = read(witness)
      return value == null || value <= 0
        ? []
        : [{ load: witness.load, value, idle: more?.(witness) }]
    })
  const asked: readonly Term[] = asks ? ['requests'] : []
  return {
    cores: costModel(
      observed(({ run }) => run.server?.cpuUtilisation, asks ? undefined : idleOf),
      {
        terms: ['process', 'connections', ...asked, 'events', 'deliveries'],
        wakes: true,
        noise: 0.03,
      },
    ),
    bytes: costModel(
      observed(
        ({ run }) => (run.wire.bytesReceived + run.wire.bytesSent) / (run.durationMs / 1000),
      ),
      {
        terms: asks ? ['requests', 'deliveries'] : ['connections', 'deliveries'],
        wakes: false,
        known: { payloadBytes: 1 },
        noise: 0.002,
      },
    ),
    // A heap that has been used at all is larger than one that has not.
    memory: costModel(
      observed(({ run }) => run.server?.rssBytes, processOf),
      { terms: ['process', 'busy', 'connections', 'deliveries'], wakes: false, noise: 0.05 },
    ),
    witnesses,
    asks,
  }
}

/** What came late cost no less: who was too late for a latency to be believed still counts. */
export function tellsCosts(run: Run): boolean {
  return isSound(run) || (wasLate(run) && !run.interrupted && run.delivery.lost === 0)
}

const NOTHING: Load = {
  ...{ process: 0, busy: 0, connections: 0, requests: 0 },
  ...{ events: 0, deliveries: 0, payloadBytes: 0 },
}

/** Before anything was published. Whoever asks does so then, too, and nobody counted how often. */
function idleOf({ run, load: { process, connections } }: Witness): Observation['idle'] {
  const value = run.server?.idleCpuUtilisation
  return value == null ? undefined : { load: { ...NOTHING, process, connections }, value }
}

/** Before the first client; of somebody else's server it is not known. */
function processOf({ scenario, load: { process } }: Witness): Observation['idle'] {
  if (scenario.url !== null) return undefined
  return { load: { ...NOTHING, process }, value: process * PROCESS_BYTES }
}

/** Bytes of an event's payload: as wanted, else as of the runs. */
function payloadOf({ witnesses }: Costs, { payloadBytes }: Workload): number {
  return payloadBytes ?? witnesses[0]?.scenario.payloadBytes ?? 0
}

export interface Estimated {
  readonly estimate: Estimate
  readonly load: Load
}

/**
 * Estimates what a technique costs for a workload.
 * @param asking null where its clients are told
 * @param sends what a message takes of this technique, measured; or the costs of a poller, as whose requests
 *   messages come; null where nothing tells
 */
export function estimateOf(
  costs: Costs,
  workload: Workload,
  asking: Asking | null,
  sends: Costs | WayUp | null,
): Estimated | null {
  const { users } = workload
  const load = wantedLoad(workload, asking, payloadOf(costs, workload))
  const bytes = amountOf(costs.bytes, load)
  if (bytes === null) return null
  const messages = sends === null ? null : messagesOf(sends, workload)
  const isSilent = costs.asks || isSilenceKnown(costs, workload)
  const isOpen = workload.clientToServer !== 'none' && messages === null
  const bytesPerSecond = withMessages(bytes, messages?.bytes ?? null)
  const cores = amountOf(costs.cores, load)
  const allCores = cores === null ? null : withMessages(cores, messages?.cores ?? null)
  const perMessage = sends === null ? 0 : isWayUp(sends) ? sends.requests : 1
  const perSecond = perMessage * users * (workload.messagesPerUserPerSecond ?? 0)
  const requests = load.requests + perSecond
  return {
    load,
    estimate: {
      requestsPerUserPerDay: costs.asks || perSecond > 0 ? (requests * DAY) / users : null,
      bytesPerSecond: isSilent && !isOpen ? bytesPerSecond : atLeast(bytesPerSecond),
      bytesPerUserPerDay: (bytesPerSecond.value * DAY) / users,
      heldConnections: byUsers(costs, users, ({ clients }) => clients.held.mean),
      openSockets: byUsers(costs, users, ({ clients }) => clients.openSockets.mean),
      serverCores: allCores === null || !isOpen ? allCores : atLeast(allCores),
      serverMemoryBytes: amountOf(costs.memory, load),
    },
  }
}

/** Null where no model can be believed. */
function amountOf(model: Model | null, load: Load): Amount | null {
  const amount = model?.(load) ?? null
  return amount === null || !Number.isFinite(amount.value) ? null : amount
}

function atLeast(amount: Amount): Amount {
  return { ...amount, high: null }
}

/** In proportion to the largest run. */
function byUsers(
  { witnesses }: Costs,
  users: number,
  figure: (run: Run) => number | null,
): number | null {
  const [largest] = [...witnesses].sort(
    (one, other) => other.load.connections - one.load.connections,
  )
  if (largest === undefined) return null
  const found = figure(largest.run)
  return found === null ? null : (found * users) / largest.load.connections
}

/** Whether heartbeats are in what was measured, or would be lost in what events take. */
function isSilenceKnown({ witnesses }: Costs, { eventsPerUserPerSecond }: Workload): boolean {
  const rates = (counted: readonly Witness[]): number =>
    Math.min(...counted.map(({ load }) => load.deliveries / load.connections))
  const saw = witnesses.filter(({ run }) => run.durationMs >= HEARTBEAT_MS)
  return (
    rates(saw) * RARE <= eventsPerUserPerSecond || rates(witnesses) * RARE <= eventsPerUserPerSecond
  )
}

interface Messages {
  readonly cores: Amount | null
  readonly bytes: Amount
}

/** What all messages cost together: as measured, or as so many questions of a poller more than none. */
function messagesOf(sends: Costs | WayUp, workload: Workload): Messages | null {
  const { users, messagesPerUserPerSecond: rate } = workload
  if (rate === null || rate === 0) return null
  if (isWayUp(sends)) {
    const { bytes, cpuUs } = sends
    const perSecond = users * rate
    return {
      bytes: times(bytes, perSecond),
      cores: cpuUs === null ? null : times(cpuUs, perSecond / 1e6),
    }
  }
  const own = { ...NOTHING, process: 1, connections: users }
  const load = { ...own, requests: users * rate }
  const bytes = amountOf(sends.bytes, load)
  if (bytes === null) return null
  const cores = amountOf(sends.cores, load)
  const before = amountOf(sends.cores, own)
  return { bytes, cores: cores === null || before === null ? cores : beyond(cores, before) }
}

function beyond(all: Amount, before: Amount): Amount {
  const most = before.high ?? Number.POSITIVE_INFINITY
  return { ...all, value: Math.max(0, all.value - before.value), low: Math.max(0, all.low - most) }
}

function withMessages(own: Amount, messages: Amount | null): Amount {
  if (messages === null) return own
  return {
    ...own,
    value: own.value + messages.value,
    low: own.low + messages.low,
    high: own.high === null || messages.high === null ? null : own.high + messages.high,
    error:
      own.error === null || messages.error === null ? null : Math.max(own.error, messages.error),
  }
}
