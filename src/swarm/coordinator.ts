import { NS_PER_MS, NS_PER_SECOND, nowNs } from '../measure/clock.ts'
import { type HostTime, readHostTime } from '../measure/host.ts'
import type { Run } from '../result/document.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Pace, Target, Transport } from '../transports/transport.ts'
import { composeRun } from './composition.ts'
import { Crew } from './crew.ts'
import type { FromWorker, PublisherReport, Span, WorkerPlan } from './messages.ts'
import type { Phase, Progress } from './progress.ts'
import { PublisherLink } from './publisher-link.ts'
import { type InstanceReading, ServerWatch } from './server-watch.ts'
import { Tally } from './tally.ts'
import { Timeline } from './timeline.ts'
import { shardOf, type Workload } from './workload.ts'

/** How long a client waits for a connection or an answer. */
const CLIENT_TIMEOUT_MS = 10_000
/** The longest that clients may take to connect, beside the ramp-up asked for. */
const RAMP_UP_PATIENCE_MS = 30_000
/** Between the last subscription and the first event. */
const CALM_MS = 300
/** What is still owed after an interruption is waited for this long. */
const SHORT_DRAIN_MS = 1_500
const SETTLE_STEP_MS = 100
/** Messages from workers come this much after the moment that they tell of. */
const EDGE_MS = 50
const PATIENCE_MS = 5_000

export interface RunOrder {
  readonly transport: Transport
  readonly scenario: Scenario
  /** From 1. */
  readonly repetition: number
  /** By instance. */
  readonly targets: readonly Target[]
  readonly workers: number
  /** The server runs on this host. */
  readonly sharedWithServer: boolean
  /** Aborting it ends the run early, with what was measured by then. */
  readonly signal: AbortSignal
  onProgress(progress: Progress): void
  /** Calls back for every server instance that ends by itself. */
  onServerLost(tell: () => void): void
}

/** Measures one transport once. Every process that it starts is gone when it resolves or rejects. */
export async function measureRun(order: RunOrder): Promise<Run> {
  const run = new MeasuredRun(order)
  try {
    return await run.measure()
  } finally {
    await run.end()
  }
}

class MeasuredRun {
  readonly #order: RunOrder
  readonly #workload: Workload
  readonly #pace: Pace
  readonly #tally: Tally
  readonly #timeline: Timeline
  readonly #watch: ServerWatch
  readonly #startedAt = new Date().toISOString()
  #crew: Crew | null = null
  #publisher: PublisherLink | null = null
  #ramped = 0
  #settled = 0
  #lostInstances = 0
  #window: Span | null = null
  #edges: { server: readonly InstanceReading[] | null; host: HostTime }[] = []
  #phase: Phase = 'starting'
  #phaseSinceNs = nowNs()
  #phaseMs: number | null = null
  #ticker: NodeJS.Timeout | null = null

  constructor(order: RunOrder) {
    const { scenario, targets, workers } = order
    this.#order = order
    this.#workload = {
      clients: scenario.clients,
      channels:
        scenario.channels === 'per-client'
          ? scenario.clients
          : Math.min(scenario.channels, scenario.clients),
      instances: targets.length,
      run: Math.floor(Math.random() * 2 ** 32),
    }
    this.#pace = {
      intervalMs: scenario.intervalMs,
      holdMs: scenario.holdMs,
      timeoutMs: CLIENT_TIMEOUT_MS,
    }
    this.#tally = new Tally(workers)
    this.#watch = new ServerWatch(targets)
    this.#timeline = new Timeline(order.transport.name, this.#tally)
  }

  async measure(): Promise<Run> {
    const { scenario } = this.#order
    this.#order.onServerLost(() => {
      this.#lostInstances++
    })
    this.#enter('starting', null)
    await this.#watch.check()
    this.#crew = new Crew(
      this.#plans(),
      (worker, message) => this.#hear(worker, message),
      () => {},
    )
    if (scenario.rate > 0) {
      this.#publisher = await PublisherLink.start({
        workload: this.#workload,
        targets: this.#order.targets,
        arrivals: scenario.arrivals,
        rate: scenario.rate,
        payloadBytes: scenario.payloadBytes,
        seed: scenario.seed,
      })
    }
    await this.#rampUp()
    const report = this.#interrupted ? null : await this.#steady()
    const composed = composeRun({
      order: this.#order,
      startedAt: this.#startedAt,
      window: this.#window,
      interrupted: this.#interrupted,
      tally: this.#tally,
      timeline: this.#timeline,
      report,
      edges: this.#edges,
      lostWorkers: this.#crew.lost.size,
      lostInstances: this.#lostInstances,
    })
    this.#enter('done', null)
    return composed
  }

  /** Stops every process of the run. */
  async end(): Promise<void> {
    if (this.#ticker !== null) clearInterval(this.#ticker)
    await Promise.all([this.#crew?.stop(), this.#publisher?.stop(), this.#watch.stop()])
    this.#tally.destroy()
  }

  get #interrupted(): boolean {
    return this.#order.signal.aborted
  }

  #plans(): readonly WorkerPlan[] {
    const { transport, scenario, targets, workers } = this.#order
    return Array.from({ length: workers }, (_, worker) => ({
      worker,
      transport: transport.name,
      workload: this.#workload,
      ...shardOf(scenario.clients, workers, worker),
      targets,
      pace: this.#pace,
      rampUpMs: scenario.rampUpMs,
      seed: scenario.seed,
    }))
  }

  #hear(worker: number, message: FromWorker): void {
    switch (message.type) {
      case 'snapshot':
        this.#tally.take(worker, message.snapshot)
        break
      case 'ramped':
        this.#ramped++
        break
      case 'window-start':
        this.#tally.open(worker, message.snapshot)
        break
      case 'window-end':
        this.#tally.close(worker, message.snapshot, message.loop)
        break
      case 'settled':
        this.#tally.settle(worker, message.snapshot, message.settlement)
        this.#settled++
        break
    }
  }

  async #rampUp(): Promise<void> {
    const { clients, rampUpMs } = this.#order.scenario
    this.#enter('ramp-up', rampUpMs)
    this.#ticker = setInterval(() => this.#progress(), 1000)
    const patienceMs = (rampUpMs ?? 0) + RAMP_UP_PATIENCE_MS + clients
    await this.#until(() => this.#ramped >= this.#present, patienceMs)
  }

  /** Warm-up, steady window and drain. */
  async #steady(): Promise<PublisherReport | null> {
    const { warmupMs, durationMs } = this.#order.scenario
    const startNs = nowNs() + CALM_MS * NS_PER_MS
    const windowStartNs = startNs + warmupMs * NS_PER_MS
    let window = { startNs: windowStartNs, endNs: windowStartNs + durationMs * NS_PER_MS }
    this.#window = window
    this.#enter('warm-up', warmupMs + CALM_MS)
    this.#crew?.tell({ type: 'window', window })
    this.#publisher?.publish(startNs, window)
    await this.#sleepUntil(window.startNs)

    this.#enter('steady', durationMs)
    this.#edge()
    if (this.#ticker !== null) clearInterval(this.#ticker)
    const ticking = this.#tick(window)
    await this.#sleepUntil(window.endNs)
    if (this.#interrupted) {
      // Before the window began there is nothing to keep of it.
      window = { startNs: window.startNs, endNs: Math.max(window.startNs, nowNs()) }
      this.#window = window
      this.#crew?.tell({ type: 'window', window })
      this.#publisher?.publish(startNs, window)
    }
    this.#edge()
    await this.#until(() => this.#tally.closed >= this.#present, PATIENCE_MS, true)
    await ticking
    return this.#drain(window)
  }

  /** Reads once a second what the swarm and the server do. */
  async #tick(window: Span): Promise<void> {
    await this.#sleepUntil(window.startNs + EDGE_MS * NS_PER_MS)
    this.#timeline.begin()
    for (let second = 0; ; second++) {
      const edgeNs = Math.min(window.startNs + (second + 1) * NS_PER_SECOND, window.endNs)
      await this.#sleepUntil(edgeNs + EDGE_MS * NS_PER_MS)
      this.#timeline.tick(second, edgeNs < window.endNs ? this.#watch.read() : null)
      this.#progress()
      if (edgeNs >= window.endNs || this.#interrupted) return
    }
  }

  /** Waits for what is still owed, at most as long as the transport's own worst case. */
  async #drain(window: Span): Promise<PublisherReport | null> {
    const { transport } = this.#order
    const patienceMs = this.#interrupted ? SHORT_DRAIN_MS : transport.worstCaseMs(this.#pace)
    this.#enter('drain', patienceMs)
    const report = (await this.#publisher?.report) ?? null
    const { channels } = this.#workload
    const first = report?.first ?? new Uint32Array(channels)
    const last = report?.last ?? new Uint32Array(channels)
    const deadlineNs = Math.max(window.endNs, nowNs() - NS_PER_SECOND) + patienceMs * NS_PER_MS
    for (;;) {
      this.#settled = 0
      this.#crew?.tell({ type: 'settle', first, last })
      await this.#until(() => this.#settled >= this.#present, PATIENCE_MS, true)
      if (this.#tally.settlement.lost === 0 || nowNs() >= deadlineNs) return report
      await this.#sleepUntil(nowNs() + SETTLE_STEP_MS * NS_PER_MS, true)
    }
  }

  get #present(): number {
    return this.#crew?.present ?? 0
  }

  /** Notes what the window's difference is taken from. */
  #edge(): void {
    const query = this.#edges.length === 0 ? '?reset' : ''
    const edge = { server: null as readonly InstanceReading[] | null, host: readHostTime() }
    this.#edges.push(edge)
    void this.#watch.read(query).then((server) => {
      edge.server = server
    })
  }

  #enter(phase: Phase, totalMs: number | null): void {
    this.#phase = phase
    this.#phaseSinceNs = nowNs()
    this.#phaseMs = totalMs
    this.#progress()
  }

  #progress(): void {
    const { transport, repetition, scenario } = this.#order
    const elapsedMs = (nowNs() - this.#phaseSinceNs) / NS_PER_MS
    this.#order.onProgress({
      transport: transport.name,
      label: transport.label,
      repetition,
      phase: this.#phase,
      phaseElapsedMs: elapsedMs,
      phaseTotalMs: this.#phaseMs,
      connected: this.#tally.live,
      clients: scenario.clients,
      ...this.#timeline.latest(this.#phase),
      timeLeftMs: this.#phaseMs === null ? null : Math.max(0, this.#phaseMs - elapsedMs),
    })
  }

  /** Resolves when it holds, the time is over, or the run is interrupted. */
  async #until(holds: () => boolean, patienceMs: number, stubborn = false): Promise<void> {
    const deadlineNs = nowNs() + patienceMs * NS_PER_MS
    while (!holds() && nowNs() < deadlineNs && (stubborn || !this.#interrupted)) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  /** Resolves at the time, or at once when the run is interrupted. */
  #sleepUntil(atNs: number, stubborn = false): Promise<void> {
    const { signal } = this.#order
    if (signal.aborted && !stubborn) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      const timer = setTimeout(wake, Math.max(0, (atNs - nowNs()) / NS_PER_MS))
      if (!stubborn) signal.addEventListener('abort', wake)
    })
  }
}
