import type { ChildProcess } from 'node:child_process'
import { ended, hear, startAll, startModule } from '../child-process.ts'
import type { HistoryBatch } from '../history/recorder.ts'
import { NS_PER_MS } from '../measure/clock.ts'
import { MIN_SAMPLES_P99 } from '../measure/histogram.ts'
import { COLLECTING_FLAGS, QUIET_HEAP_FLAGS } from '../process-settings.ts'
import type { Run } from '../result/document.ts'
import type { Pace } from '../transports/transport.ts'
import { type Disrupted, type FromWorker, isFromWorker, type SpeechReport } from './heard.ts'
import type {
  DisruptOrder,
  PublisherPlan,
  Span,
  SpeechSchedule,
  ToWorker,
  WorkerPlan,
} from './messages.ts'
import { connectingAtOnce } from './pacing.ts'
import {
  probeClient,
  type RunOrder,
  type Sent,
  shardOf,
  unconnectedOf,
  type Workload,
} from './run-order.ts'
import { tellsStatistics } from './server-watch.ts'
import { Tally } from './tally.ts'
import { planWarmUp, type Waiting } from './window.ts'

/** What all workers and the probe have in common. */
type Shared = Omit<WorkerPlan, 'worker' | 'first' | 'end' | 'connecting'>

export function workerPlans(order: RunOrder, workload: Workload, pace: Pace): WorkerPlan[] {
  const { scenario, workers } = order
  const shared = { ...sharedBy(order, workload, pace), connecting: connectingAtOnce(workers) }
  const records = order.history != null
  return Array.from({ length: workers }, (_, worker) => ({
    ...{ ...shared, records },
    worker,
    ...shardOf(scenario.clients, workers, worker),
  }))
}

/**
 * The control probe's plan: one more client, in a process of its own; null where it would not see
 * what the swarm sees, since every client has its own channel, or nothing is published.
 */
export function probePlan(order: RunOrder, workload: Workload, pace: Pace): WorkerPlan | null {
  // Where nothing connects the instances it would hear nothing, or what a few do.
  const isAlone = unconnectedOf(order) > 0
  const client = order.scenario.rate > 0 && !isAlone ? probeClient(workload) : null
  if (client === null) return null
  const its = { worker: order.workers, first: client, end: client + 1, connecting: 1, sendRate: 0 }
  return { ...sharedBy(order, workload, pace), ...its, rampUpMs: null }
}

export function publisherPlan(
  { targets, scenario, history }: RunOrder,
  workload: Workload,
): PublisherPlan | null {
  const { arrivals, rate, payloadBytes, seed } = scenario
  if (rate === 0) return null
  // Of a chat it sends the canaries, and no load.
  const own = workload.speaks === true ? 0 : rate
  const records = history != null
  return { workload, targets, arrivals, rate: own, payloadBytes, seed, records }
}

function sharedBy(
  { transport, targets: instances, front, blackhole, scenario, sharedWithServer }: RunOrder,
  workload: Workload,
  pace: Pace,
): Shared {
  const targets = blackhole?.targets ?? instances.map((instance) => front?.target ?? instance)
  const { engine, payloadBytes, rampUpMs, warmupMs, arrivals, seed } = scenario
  const { name, hasExchanges: asks, traits } = transport
  const slotMs = traits.keepsInterval && pace.intervalMs > 0 ? pace.intervalMs : null
  const warmUp = planWarmUp(0, warmupMs, workload, targets.every(tellsStatistics))
  const loadAfterMs = warmUp.loadFromNs / NS_PER_MS
  const loadBeforeMs = (warmUp.windowFromNs - warmUp.loadFromNs) / NS_PER_MS
  // A server that somebody else started on this machine does not give way: clients that did would
  // measure how long they wait for it.
  const givesWay = scenario.url === null || !sharedWithServer
  return {
    ...{ transport: name, asks, slotMs, engine, payloadBytes, rampUpMs, arrivals, seed },
    ...{ givesWay, sharesHost: sharedWithServer },
    ...{ loadAfterMs, loadBeforeMs, workload, targets, pace },
    sendRate: scenario.sendRate ?? 0,
    records: false,
    behindFront: front != null,
  }
}

/** How long a worker may take to answer, and to go. */
const ANSWER_MS = 5_000
const STOP_MS = 5_000

const WORKER_FLAGS = [...QUIET_HEAP_FLAGS, ...COLLECTING_FLAGS]

/**
 * Node's flags for workers of the lean engine. The young generation that Node gives an application grows
 * while ten thousand clients connect, to 16 MB times three, and never shrinks again.
 */
export const LEAN_FLAGS = [...WORKER_FLAGS, '--max-semi-space-size=4']

/** A swarm: some clients in worker processes of their own, led through the phases of a run. */
export class Swarm {
  readonly tally: Tally
  readonly #waiting: Waiting
  readonly #lose: (why: string | null) => void
  /** Gets what the workers note for a history. */
  readonly #onHistory: (batch: HistoryBatch) => void
  readonly #workers: readonly ChildProcess[]
  /** Resolves when nothing more of them will be heard. */
  readonly #silent: Promise<unknown>
  readonly #lost = new Set<number>()
  readonly #ramped = new Set<number>()
  readonly #settled = new Set<number>()
  readonly #spoken = new Map<number, SpeechReport>()
  /** By disruption and worker. */
  readonly #disrupted = new Map<number, Map<number, Disrupted>>()
  #stopping = false

  /**
   * Starts a process for each plan; their clients connect.
   *
   * @param tally gets what they tell
   * @param lose called when a worker was lost: it ended before it was told to, or was given up; in a
   *   line why, where it said what it should not
   */
  constructor(
    plans: readonly WorkerPlan[],
    tally: Tally,
    waiting: Waiting,
    lose: (why: string | null) => void = () => {},
    onHistory: (batch: HistoryBatch) => void = () => {},
  ) {
    this.#onHistory = onHistory
    this.tally = tally
    this.#waiting = waiting
    this.#lose = lose
    this.#workers = startAll(plans.length, (index) => {
      const flags = plans[index]?.engine === 'library' ? WORKER_FLAGS : LEAN_FLAGS
      return startModule('worker-process', import.meta.url, flags)
    })
    this.#silent = Promise.all(
      this.#workers.map((worker) => new Promise((resolve) => worker.once('close', resolve))),
    )
    for (const [index, plan] of plans.entries()) {
      const worker = this.#workers[index] as ChildProcess
      hear(worker, {
        name: 'worker',
        isMessage: isFromWorker,
        onMessage: (message) => this.#hear(index, message),
        onNonsense: (why) => this.#miss(index, why),
      })
      // What cannot be told to a process that ends; its exit follows.
      worker.on('error', () => {})
      worker.once('exit', () => this.#miss(index))
      worker.send({ type: 'start', plan } satisfies ToWorker)
    }
  }

  get present(): number {
    return this.#workers.length - this.#lost.size
  }

  /** Workers that are not any more. */
  get lost(): ReadonlySet<number> {
    return this.#lost
  }

  /** Deliveries are still owed, to workers that may yet tell of them. */
  get isOwed(): boolean {
    return this.present > 0 && this.tally.settlement.lost > 0
  }

  /** Waits until every client is subscribed or the patience is over. */
  rampUp(patienceMs: number): Promise<void> {
    const isRamped = (): boolean => this.#every((worker) => this.#ramped.has(worker))
    return this.#waiting.until(isRamped, patienceMs, 0)
  }

  measure(window: Span, speech: SpeechSchedule | null = null): void {
    this.#tell({ type: 'window', window, speech })
  }

  /** Waits for what the clients of every worker have sent; by worker, without those that did not tell. */
  async spoken(patienceMs: number, leftMs: number): Promise<ReadonlyMap<number, SpeechReport>> {
    const isTold = (): boolean => this.#every((worker) => this.#spoken.has(worker))
    await this.#waiting.until(isTold, patienceMs, leftMs)
    return this.#spoken
  }

  /** Breaks or finds the connections of some clients; the answers, by worker. */
  async disrupt(order: DisruptOrder): Promise<readonly Disrupted[]> {
    const answers = new Map<number, Disrupted>()
    this.#disrupted.set(order.index, answers)
    this.#tell({ type: 'disrupt', order })
    await this.#waiting.until(() => this.#every((worker) => answers.has(worker)), ANSWER_MS, 0)
    return [...answers.values()]
  }

  cut(): void {
    this.#tell({ type: 'close' })
  }

  closed(): Promise<void> {
    return this.#answers((worker) => this.tally.isClosed(worker))
  }

  /** Asks every worker what it is still owed, and waits for the answers. */
  settle({ first, last, unacknowledged, unaccepted }: Sent): Promise<void> {
    this.#settled.clear()
    const sent = {
      ...{ first, last },
      ...(unacknowledged === undefined ? {} : { unacknowledged }),
      ...(unaccepted === undefined ? {} : { unaccepted }),
    }
    this.#tell({ type: 'settle', sent })
    return this.#answers((worker) => this.#settled.has(worker))
  }

  /** Ends every process at once; none of them counts as lost. */
  drop(): void {
    this.#stopping = true
    for (const worker of this.#workers) worker.kill('SIGKILL')
  }

  /** Resolves when every process is gone, and all that they have said is heard. */
  async stop(): Promise<void> {
    this.#tell({ type: 'stop' })
    this.#stopping = true
    await Promise.all(this.#workers.map((worker) => ended(worker, STOP_MS)))
    await this.#silent
  }

  #hear(worker: number, message: FromWorker): void {
    switch (message.type) {
      case 'snapshot':
        this.tally.take(worker, message.snapshot)
        break
      case 'ramped':
        this.#ramped.add(worker)
        break
      case 'window-start':
        this.tally.open(worker, message.snapshot)
        break
      case 'window-end':
        this.tally.close(worker, message.snapshot, message.loop)
        break
      case 'spoken':
        this.#spoken.set(worker, message.report)
        break
      case 'disrupted':
        this.#disrupted.get(message.index)?.set(worker, message)
        break
      case 'settled':
        this.tally.settle(worker, message.snapshot, message.settlement, message.outages)
        this.#settled.add(worker)
        break
      case 'history':
        this.#onHistory(message.batch)
        break
    }
  }

  #tell(message: ToWorker): void {
    for (const [index, worker] of this.#workers.entries()) {
      if (!this.#lost.has(index) && worker.connected) worker.send(message, () => {})
    }
  }

  /** Whether something holds of every worker that is at work. */
  #every(holds: (worker: number) => boolean): boolean {
    return this.#workers.every((_, index) => this.#lost.has(index) || holds(index))
  }

  /** Waits for every worker's answer, and gives up those that do not answer. */
  async #answers(given: (worker: number) => boolean): Promise<void> {
    await this.#waiting.until(() => this.#every(given), ANSWER_MS, ANSWER_MS)
    if (this.#stopping) return
    for (const [index, worker] of this.#workers.entries()) {
      if (this.#lost.has(index) || given(index)) continue
      worker.kill('SIGKILL')
      this.#miss(index)
    }
  }

  #miss(index: number, why: string | null = null): void {
    if (this.#stopping || this.#lost.has(index)) return
    this.#lost.add(index)
    this.#lose(why)
  }
}

/** How long the probe may take to start and to subscribe. */
const PATIENCE_MS = 5_000

export type ProbeReading = NonNullable<Run['probe']>

/**
 * The control probe: a swarm of one client that has nothing else to do. It connects last, and stands last
 * in a fan-out: what a client of the swarm reads later than the probe was late in the generator, not at
 * the server. Whatever becomes of it, the run goes on.
 */
export class Probe {
  /** Null where the system starts no more processes. */
  readonly swarm: Swarm | null
  readonly #tally = new Tally(1)

  constructor(plan: WorkerPlan, waiting: Waiting) {
    let swarm: Swarm | null = null
    try {
      swarm = new Swarm([plan], this.#tally, waiting)
    } catch {
      // The run goes on without it.
    }
    this.swarm = swarm
  }

  /** Resolves when it is subscribed, or will hardly be, with how many connections it has by then. */
  async connect(): Promise<number> {
    await this.swarm?.rampUp(PATIENCE_MS)
    return this.#tally.live
  }

  /** What it saw; null where it was lost, or was not subscribed when the window began. */
  get reading(): ProbeReading | null {
    if (this.swarm === null || this.swarm.lost.size > 0) return null
    if (this.#tally.connectedAtStart === 0) return null
    const { latency, loops } = this.#tally
    const [loop] = loops
    return {
      count: latency.count,
      ...latency.brief(),
      loopDelayP99Us: loop === undefined || loop.samples < MIN_SAMPLES_P99 ? null : loop.delayP99Us,
      loopDelayMaxUs: loop?.delayMaxUs ?? null,
      cpuUs: this.#tally.counts.cpuUs,
    }
  }

  async stop(): Promise<void> {
    await this.swarm?.stop()
    this.#tally.destroy()
  }
}

/**
 * The probe's p99, as the check of the generator looks at it. A poll queues up anew for every delivery,
 * so that the probe's may stand first in a fan-out; and a poller that asks at an interval meets even
 * arrivals at one and the same distance each time.
 */
export function probeFact(
  { p99Us }: ProbeReading,
  { transport, scenario }: Pick<RunOrder, 'transport' | 'scenario'>,
  fanOut: Run['fanOut'],
): { readonly p99Us: number | null; readonly allowanceUs: number | null } {
  if (!transport.hasExchanges) return { p99Us, allowanceUs: 0 }
  if (fanOut == null) return { p99Us, allowanceUs: null }
  const isEven = transport.traits.keepsInterval && scenario.arrivals === 'constant'
  const phaseUs = isEven ? scenario.intervalMs * 1e3 : 0
  return { p99Us, allowanceUs: (fanOut.p99Us ?? fanOut.maxUs) + phaseUs }
}
