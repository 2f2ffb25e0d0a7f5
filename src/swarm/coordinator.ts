import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { RtbenchError } from '../error.ts'
import type { HistoryBatch } from '../history/recorder.ts'
import type { RunHead, RunHistory } from '../history/writer.ts'
import { NS_PER_MS, NS_PER_SECOND, nowNs } from '../measure/clock.ts'
import { QueueWatch, readListenCounters } from '../measure/listen-queue.ts'
import type { Interruption } from '../measure/validity.ts'
import type { Run } from '../result/document.ts'
import { tell } from '../tell.ts'
import { holdsPolls, type Pace } from '../transports/transport.ts'
import { packageVersion } from '../version.ts'
import { composeRun } from './composition.ts'
import { withMessages } from './conversation.ts'
import { Disruptions, type Made } from './disruptions.ts'
import { type Greeting, greet } from './greeting.ts'
import type { PublisherReport } from './heard.ts'
import { silenceOf } from './liveness.ts'
import type { Span, SpeechSchedule } from './messages.ts'
import { CALM_MS } from './pacing.ts'
import { PublisherLink } from './publisher-link.ts'
import {
  expectedOf,
  type RunOrder,
  type Sent,
  shapeOf,
  shardOf,
  type Workload,
  workloadOf,
} from './run-order.ts'
import { ServerGuard } from './server-presence.ts'
import { ServerWatch, tellsStatistics } from './server-watch.ts'
import { Probe, probePlan, publisherPlan, Swarm, workerPlans } from './swarm.ts'
import { Tally } from './tally.ts'
import { PhaseTeller, Timeline } from './timeline.ts'
import { planWarmUp, Waiting, WindowWatch } from './window.ts'

const CLIENT_TIMEOUT_MS = 10_000
/** The longest that clients may take to connect, beside the ramp-up asked for. */
const RAMP_UP_PATIENCE_MS = 30_000
/** What is still owed after an interruption, or by servers that are gone, is waited for this long. */
const SHORT_DRAIN_MS = 1_500
const SETTLE_STEP_MS = 100
/** Of the longest silence, when the last client has noticed it. */
const NOTICE_SHARE = 1.2
/** The longest wait before another connect to a reference server, and some. */
const RECONNECT_MS = 6_000
/** How long the publisher may take to report, beyond the window's end. */
const REPORT_MS = 15_000

/** Why a run has no figures, by who was gone before its window began. */
const ENDED = {
  workers: 'every worker ended before the window began; look at the memory and use fewer --clients',
  server:
    'the server ended before the window began; look at its last words and at the memory, and use fewer --clients',
  publisher: 'the publisher ended before the window began; look at the memory and lower --rate',
  front: 'the front ended before the window began',
} as const

/** Measures one transport once. Every process that it starts is gone when it resolves or rejects. */
export async function measureRun(order: RunOrder): Promise<Run> {
  const run = new MeasuredRun(order)
  try {
    return await run.measure()
  } finally {
    await run.end()
  }
}

/** At which clients, and what stands before the instances, may have to wait until they are accepted. */
function listeningPorts({ targets, front, blackhole }: RunOrder): readonly number[] {
  const met = [...targets, ...(front == null ? [] : [front.target]), ...(blackhole?.targets ?? [])]
  return met.flatMap(({ port, morePorts = [] }) => [port, ...morePorts])
}

class MeasuredRun {
  readonly #order: RunOrder
  readonly #workload: Workload
  /** How long a silence is too long is known once the server has told of its heartbeats. */
  #pace: Pace
  readonly #tally: Tally
  readonly #timeline: Timeline
  readonly #watch: ServerWatch
  readonly #windowWatch: WindowWatch
  readonly #phases: PhaseTeller
  readonly #startedAt = new Date().toISOString()
  #swarm: Swarm | null = null
  /** Null where the workload has no use for it. */
  #probe: Probe | null = null
  #publisher: PublisherLink | null = null
  /** Null before the window, and where nothing is to be done to the run. */
  #disruptions: Disruptions | null = null
  /** Null where nothing is to be done to the run, or the server is on another host. */
  #queues: QueueWatch | null = null
  /** Processor time, at the window's begin; of the window once it is over. */
  #blackholeUs: number | null = null
  /** Null of a server that is a child of ours, whose end is told. */
  #guard: ServerGuard | null = null
  /** Who left the run with nothing to measure; null while nobody did. */
  #gone: keyof typeof ENDED | null = null
  /** In a line, why it could not be begun; null where its end says all. */
  #refusal: string | null = null
  readonly #deserted = new AbortController()
  /** There is nothing to go on for: the run was interrupted, or one side of it is gone. */
  readonly #over: AbortSignal
  readonly #finish = (): void => this.#publisher?.finish()
  /** What was measured by now is all that is told. */
  readonly #drop = (): void => {
    this.#isDropped = true
    for (const swarm of this.#swarms) swarm.drop()
    this.#publisher?.drop()
  }
  #isDropped = false
  readonly #waiting: Waiting
  #lostInstances = 0
  /** In a line, how the front ended; null while it has not. */
  #frontLost: string | null = null
  /** While the clients connected; null where the system does not tell. */
  #listenDrops: number | null = null
  #window: Span | null = null
  /** The window was shorter than planned. */
  #cut = false
  /** Null where none is wanted. */
  readonly #history: RunHistory | null
  readonly #onHistory = (batch: HistoryBatch): void => this.#history?.batch(batch)
  /** Null until all is measured. */
  #measured: Run | null = null
  /** Null of a publisher that has not told, or where there is none. */
  #report: PublisherReport | null = null
  /** Null without TLS. */
  #greeting: Greeting | null = null

  constructor(order: RunOrder) {
    const { scenario, targets, workers } = order
    this.#order = order
    // Of ten digits always: it stands in every request, and a run sends as many bytes as the next one.
    this.#workload = workloadOf(order, randomInt(10 ** 9, 2 ** 32))
    const { intervalMs, holdMs, rate, backoff } = scenario
    this.#pace = { intervalMs, holdMs, rate, backoff, timeoutMs: CLIENT_TIMEOUT_MS }
    this.#history = order.history?.begin(this.#historyHead(), shapeOf(this.#workload)) ?? null
    this.#over = AbortSignal.any([order.signal, this.#deserted.signal])
    this.#over.addEventListener('abort', this.#finish)
    order.hurry?.addEventListener('abort', this.#drop)
    this.#waiting = new Waiting(this.#over, order.hurry)
    // Another host has another clock, and its waits are its own.
    const tells = order.sharedWithServer ? targets.filter(tellsStatistics).length : 0
    this.#tally = new Tally(workers, tells, this.#workload.speaks)
    this.#watch = new ServerWatch(targets, order.transport.name)
    this.#watch.onWaits = (...told) => this.#tally.lowerBound.tell(...told)
    this.#timeline = new Timeline(order.transport.name, this.#tally.seconds)
    this.#timeline.eventsPerSecond = rate * this.#workload.channels
    this.#windowWatch = new WindowWatch(
      this.#watch,
      this.#timeline,
      this.#waiting,
      () => order.front?.read() ?? null,
    )
    this.#phases = new PhaseTeller(order, this.#tally, this.#timeline)
  }

  async measure(): Promise<Run> {
    const { transport, scenario, targets } = this.#order
    this.#order.onServerLost(() => {
      this.#lostInstances++
      if (this.#lostInstances === targets.length) this.#desert('server')
    })
    this.#order.front?.onLost((why) => {
      this.#frontLost = why
      if (this.#window === null) this.#refusal ??= why
      this.#desert('front')
    })
    this.#phases.enter('starting', null)
    const [first] = targets
    if (first !== undefined) this.#greeting = await greet(first, transport)
    // An own server was told so.
    const isOwn = scenario.url === null
    const limits = await this.#watch.check(holdsPolls(transport) && !isOwn ? scenario.holdMs : null)
    if (scenario.liveness === 'on') {
      this.#pace = { ...this.#pace, silenceMs: silenceOf(transport, targets, limits) }
    }
    const plans = workerPlans(this.#order, this.#workload, this.#pace)
    this.#swarm = new Swarm(
      plans,
      this.#tally,
      this.#waiting,
      (why) => {
        if (why !== null) this.#refuse(why)
        if (this.#swarm?.present === 0) this.#desert('workers')
      },
      this.#onHistory,
    )
    if (!isOwn) {
      const guarded = {
        isHeld: () => this.#tally.live > 0 || (this.#disruptions?.leftMs ?? 0) > 0,
        isThere: () => this.#watch.isThere(),
      }
      this.#guard = new ServerGuard(guarded, () => {
        this.#lostInstances = targets.length
        this.#desert('server')
      })
    }
    const toPublish = publisherPlan(this.#order, this.#workload)
    if (toPublish !== null) {
      const lose = (): void => this.#desert('publisher')
      this.#publisher = await PublisherLink.start(toPublish, lose, this.#onHistory)
    }
    await this.#rampUp()
    await this.#startProbe()
    const report = this.#over.aborted ? null : await this.#steady()
    this.#report = report
    if (this.#window === null && this.#gone !== null && !this.#order.signal.aborted) {
      throw new RtbenchError('cannot-run', this.#refusal ?? ENDED[this.#gone])
    }
    await this.#missServer()
    // The last word on what the server waited for.
    await this.#watch.edge()
    const composed = composeRun({
      order: this.#order,
      startedAt: this.#startedAt,
      window: this.#window,
      interruption: this.#interruption,
      tally: this.#tally,
      timeline: this.#timeline,
      report,
      edges: await this.#windowWatch.edges,
      rehearsal: await this.#windowWatch.rehearsal,
      lastReading: this.#watch.latest,
      wrongStatistics: this.#watch.wrong,
      probe: this.#probe?.reading ?? null,
      probeLost: this.#window !== null && this.#probe !== null && this.#probe.reading === null,
      listenDrops: this.#listenDrops,
      lostWorkers: this.#swarm.lost.size,
      lostClients: this.#lostClients,
      lostInstances: this.#lostInstances,
      frontLost: this.#frontLost,
      pace: this.#pace,
      disrupted: this.#disruptions?.made ?? [],
      blackholeUs: this.#blackholeUs,
      queues: this.#queues?.reading ?? null,
      greeting: this.#greeting,
      publisherLost:
        !this.#isDropped && this.#window !== null && this.#publisher !== null && report === null,
    })
    this.#phases.enter('done', null)
    this.#measured = composed
    return composed
  }

  async end(): Promise<void> {
    this.#phases.stop()
    this.#guard?.stop()
    this.#queues?.stop()
    await this.#disruptions?.stop()
    await Promise.all([
      this.#swarm?.stop(),
      this.#probe?.stop(),
      this.#publisher?.stop(),
      this.#watch.stop(),
    ])
    if (this.#measured !== null) this.#endHistory(this.#measured)
    this.#tally.destroy()
    // A signal that follows others is kept, with all that its listeners know, as long as it has any.
    this.#over.removeEventListener('abort', this.#finish)
    this.#order.hurry?.removeEventListener('abort', this.#drop)
    this.#waiting.end()
  }

  #historyHead(): RunHead {
    const { transport, repetition, scenario } = this.#order
    const { clients, channels, instances, speaks } = this.#workload
    return {
      ...{ rtbench: packageVersion(), transport: transport.name, repetition },
      ...{ clients, channels, instances, workload: speaks === true ? 'chat' : 'events' },
      ...{ seed: scenario.seed, disrupted: scenario.disruptions.length > 0 },
      startedAt: this.#startedAt,
    }
  }

  readonly #recordDisruption = ({ disruption, fromNs, instance, hit }: Made): void => {
    if (fromNs === null) return
    const { kind, forMs } = disruption
    const until = forMs === null ? {} : { untilNs: fromNs + forMs * NS_PER_MS }
    this.#history?.disruption(
      { atNs: fromNs, ...until },
      { kind, ...(instance !== null && { instance }), ...(hit !== null && { clients: hit }) },
    )
  }

  /** When all processes are gone, so that nothing comes after it. */
  #endHistory({ delivery }: Run): void {
    const lostWorkers = this.#swarm?.lost.size ?? 0
    const isWhole = lostWorkers === 0 && !this.#isDropped
    const hasReported = this.#publisher === null || this.#report !== null
    const { expected, lost, gapped = 0, duplicates, outOfOrder } = delivery
    const { damaged = 0, foreign, misrouted, gapSignals } = delivery
    this.#history?.end({
      complete: hasReported && (isWhole || this.#workload.speaks !== true),
      drained: isWhole && hasReported && this.#interruption === null,
      counts:
        isWhole && hasReported
          ? {
              ...{ expected, missing: lost + gapped, gapped, duplicates, outOfOrder },
              ...{ damaged, foreign, misrouted, gapSignals },
            }
          : null,
    })
  }

  get #interruption(): Interruption | null {
    if (!this.#order.signal.aborted) return null
    if (this.#window === null) return 'before-window'
    if (this.#cut) return 'window'
    return this.#isDropped || this.#tally.settlement.lost > 0 ? 'drain' : null
  }

  get #lostClients(): number {
    const lost = [...(this.#swarm?.lost ?? [])].map((worker) => this.#shard(worker))
    return lost.reduce((sum, { first, end }) => sum + end - first, 0)
  }

  #shard(worker: number): ReturnType<typeof shardOf> {
    return shardOf(this.#order.scenario.clients, this.#order.workers, worker)
  }

  /** The swarm and its probe: what goes through the phases. */
  get #swarms(): readonly Swarm[] {
    return [this.#swarm, this.#probe?.swarm].filter((swarm) => swarm != null)
  }

  async #rampUp(): Promise<void> {
    const { clients, rampUpMs } = this.#order.scenario
    const before = readListenCounters()
    this.#phases.enter('ramp-up', rampUpMs)
    const patienceMs = (rampUpMs ?? 0) + RAMP_UP_PATIENCE_MS + clients
    await this.#swarm?.rampUp(patienceMs)
    const after = this.#order.sharedWithServer ? readListenCounters() : null
    if (after !== null && before !== null) this.#listenDrops = after.drops - before.drops
  }

  /** When the swarm has connected, so that the probe stands last in a fan-out. */
  async #startProbe(): Promise<void> {
    const plan = probePlan(this.#order, this.#workload, this.#pace)
    if (plan === null || this.#over.aborted) return
    this.#probe = new Probe(plan, this.#waiting)
    this.#timeline.others = await this.#probe.connect()
  }

  async #steady(): Promise<PublisherReport | null> {
    const { warmupMs, durationMs } = this.#order.scenario
    const startNs = nowNs() + CALM_MS * NS_PER_MS
    const tells = this.#order.targets.every(tellsStatistics)
    const { windowFromNs, ...warmUp } = planWarmUp(startNs, warmupMs, this.#workload, tells)
    const planned = { startNs: windowFromNs, endNs: windowFromNs + durationMs * NS_PER_MS }
    const schedule = { ...warmUp, window: planned }
    this.#phases.enter('warm-up', (windowFromNs - nowNs()) / NS_PER_MS)
    this.#tally.begin(planned)
    this.#history?.window(planned)
    const speech: SpeechSchedule | null = this.#workload.speaks === true ? schedule : null
    this.#swarm?.measure(planned, speech)
    this.#probe?.swarm?.measure(planned)
    this.#publisher?.publish(speech === null ? schedule : { ...schedule, costs: null })
    void this.#windowWatch.rehearse(schedule)
    if (this.#order.scenario.disruptions.length > 0 && this.#swarm !== null) {
      this.#disruptions = new Disruptions(this.#order, this.#swarm, this.#recordDisruption)
      this.#disruptions.begin(planned)
    }
    await this.#waiting.sleepUntil(planned.startNs)
    if (this.#over.aborted) return null
    if (this.#disruptions !== null && this.#order.sharedWithServer) {
      this.#queues = new QueueWatch(listeningPorts(this.#order))
    }
    const blackholeUs = this.#order.blackhole?.cpuUs() ?? null

    this.#phases.enter('steady', durationMs)
    const reading = this.#windowWatch.begin(planned)
    await this.#waiting.sleepUntil(planned.endNs)
    this.#cut = this.#over.aborted
    const window = this.#cut ? { ...planned, endNs: nowNs() } : planned
    this.#window = window
    if (this.#cut) for (const swarm of this.#swarms) swarm.cut()
    this.#windowWatch.end(window)
    const usedUs = this.#order.blackhole?.cpuUs() ?? null
    if (usedUs !== null && blackholeUs !== null) this.#blackholeUs = usedUs - blackholeUs
    await Promise.all(this.#swarms.map((swarm) => swarm.closed()))
    await reading
    return this.#drain(window)
  }

  /** Waits for what is still owed, at most as long as the transport's own worst case. */
  async #drain(window: Span): Promise<PublisherReport | null> {
    const { transport, targets } = this.#order
    await this.#missServer()
    const serverGone = this.#lostInstances === targets.length || this.#frontLost !== null
    const patienceMs = serverGone
      ? SHORT_DRAIN_MS
      : transport.worstCaseMs(this.#pace) + this.#recoveryMs
    this.#phases.enter('drain', patienceMs)
    const publisher = this.#publisher
    const hasReported = (): boolean => publisher?.report !== undefined
    if (publisher !== null) await this.#waiting.until(hasReported, REPORT_MS, SHORT_DRAIN_MS)
    // Of a publisher that was lost nobody knows what it has sent: nothing more is expected.
    const published = publisher?.report ?? null
    if (published === null) return null
    // Where nothing is done on purpose, what was not accepted tells of a fault.
    const { unaccepted, ...told } = published
    const counted = this.#disruptions === null ? told : published
    const report = await this.#withMessages(counted)
    await this.#settle(window, patienceMs, report)
    const silent = this.#isDropped
      ? Array.from({ length: this.#order.workers }, (_, worker) => worker)
      : (this.#swarm?.lost ?? [])
    for (const worker of silent) {
      this.#tally.forsake(worker, expectedOf(this.#workload, this.#shard(worker), report))
    }
    return report
  }

  /** How long clients may take after a disruption, milliseconds: to notice it, and to connect again. */
  get #recoveryMs(): number {
    if (this.#disruptions === null) return 0
    const { silenceMs } = this.#pace
    const noticeMs = this.#order.transport.deadlineMs?.(this.#pace) ?? silenceMs ?? 0
    return this.#disruptions.leftMs + NOTICE_SHARE * noticeMs + RECONNECT_MS
  }

  /** With what clients have sent, where they do. */
  async #withMessages(published: PublisherReport): Promise<PublisherReport & Sent> {
    const { chat } = this.#tally
    if (chat === null || this.#swarm === null) return published
    const spoken = await this.#swarm.spoken(REPORT_MS, SHORT_DRAIN_MS)
    const byFirst = [...spoken].map(
      ([worker, report]) => [this.#shard(worker).first, report] as const,
    )
    return withMessages(this.#workload, published, chat, new Map(byFirst))
  }

  /** Asks what is still owed until nothing is, or the patience is over. */
  async #settle(window: Span, patienceMs: number, report: Sent): Promise<void> {
    const deadlineNs = Math.max(window.endNs, nowNs() - NS_PER_SECOND) + patienceMs * NS_PER_MS
    for (;;) {
      await Promise.all(this.#swarms.map((swarm) => swarm.settle(report)))
      const left = this.#waiting.deadline(deadlineNs, SHORT_DRAIN_MS)
      const isOut = this.#disruptions !== null && this.#tally.isOut
      const isOwed = isOut || this.#swarms.some((swarm) => swarm.isOwed)
      if (!isOwed || nowNs() >= left) return
      await sleep(SETTLE_STEP_MS)
    }
  }

  /** One side of the run is gone, and there is nothing more to measure. */
  #desert(who: keyof typeof ENDED): void {
    this.#gone ??= who
    this.#deserted.abort()
  }

  /** Before the window, what one worker cannot be understood by makes all of them suspect. */
  #refuse(why: string): void {
    if (this.#window !== null) tell(`rtbench: ${why}`)
    else {
      this.#refusal ??= why
      this.#desert('workers')
    }
  }

  /** Of a server that is nobody's child: it holds no connection any more, and does not answer. */
  async #missServer(): Promise<void> {
    if (this.#window === null || this.#lostInstances > 0 || this.#tally.live > 0) return
    if (!(await this.#watch.isThere())) this.#lostInstances = this.#order.targets.length
  }
}
