import { setTimeout as sleep } from 'node:timers/promises'
import { NS_PER_MS, NS_PER_SECOND, nowNs } from '../measure/clock.ts'
import { blockMsOf } from '../measure/event-blocks.ts'
import { type HostTime, readHostTime } from '../measure/host.ts'
import type { PublishSchedule, Span } from './messages.ts'
import type { FrontReading, Workload } from './run-order.ts'
import type { Rehearsal } from './server-figures.ts'
import type { Readings } from './server-reading.ts'
import type { ServerWatch, WindowEdge } from './server-watch.ts'
import type { Timeline } from './timeline.ts'

/** Shorter warm-ups have no time for anything but to warm up. */
const LEAST_MS = 1_000
/** Parts of a warm-up: canaries, nothing, events that nobody hears; the rest is as the window will be. */
const CANARY_SHARE = 1 / 3
const IDLE_SHARE = 1 / 6
const INGEST_SHARE = 1 / 3
/** Canaries a second: no load that a server would have to recover from. */
const CANARIES_PER_SECOND = 2_000
/**
 * So many events a server takes in before its cost is taken: V8 compiles what is used often, and of the
 * 450 µs for each of the first hundreds 250 are left. In this time most go out one by one.
 */
const HEATING_EVENTS = 4_000
/** More a second would be a load of their own: a server takes 200 µs for each. */
const HEATING_PER_SECOND = 4_500
/** They end before the canaries' time does, so that a server may be through with them. */
const HEATING_SHARE = 9 / 10

/**
 * The warm-up: between the last subscription and the window, in this order. One event for each
 * channel, the canary, so that every client has heard something or is known not to, and beside these
 * some that nobody hears, until the server's code is compiled; a stretch without any event, and one
 * whose events nobody hears, from which follows what a server takes for being there and for taking an
 * event in; and the load of the window, until it begins.
 */
export interface WarmUp extends Omit<PublishSchedule, 'window'> {
  readonly windowFromNs: number
}

/**
 * Plans a warm-up.
 *
 * @param tells the server tells its costs, and how many clients are subscribed: of very many channels
 *   a sample is enough then, and otherwise the warm-up lasts as long as all take
 */
export function planWarmUp(
  startNs: number,
  warmupMs: number,
  { channels }: Pick<Workload, 'channels'>,
  tells: boolean,
): WarmUp {
  const warmupNs = warmupMs * NS_PER_MS
  const measures = tells && warmupMs >= LEAST_MS
  const shortNs = measures ? CANARY_SHARE * warmupNs : warmupNs / 2
  const most = Math.max(1, Math.floor((shortNs / NS_PER_SECOND) * CANARIES_PER_SECOND))
  const stride = tells ? Math.ceil(channels / most) : 1
  const neededNs = (channels / stride / CANARIES_PER_SECOND) * NS_PER_SECOND
  const canaryNs = warmupMs === 0 && tells ? 0 : Math.max(shortNs, neededNs)
  const length = canaryNs === 0 ? 0 : Math.ceil(channels / stride)
  const canaries = {
    span: { startNs, endNs: startNs + canaryNs },
    channels: Uint32Array.from({ length }, (_, index) => index * stride),
  }
  const windowFromNs = startNs + warmupNs + (canaryNs - shortNs)
  const idleFromNs = startNs + canaryNs
  if (!measures) return { canaries, costs: null, loadFromNs: idleFromNs, windowFromNs }
  const idle = { startNs: idleFromNs, endNs: idleFromNs + IDLE_SHARE * warmupNs }
  const ingest = { startNs: idle.endNs, endNs: idle.endNs + INGEST_SHARE * warmupNs }
  const heatingNs = HEATING_SHARE * canaryNs
  const hottest = Math.floor((heatingNs / NS_PER_SECOND) * HEATING_PER_SECOND)
  const heating = {
    span: { startNs, endNs: startNs + heatingNs },
    events: Math.max(0, Math.min(HEATING_EVENTS, hottest) - length),
  }
  const costs = { heating, idle, ingest }
  return { canaries, costs, loadFromNs: ingest.endNs, windowFromNs }
}

/** A schedule of the load alone, from a moment to the window's end. */
export function loadAlone(loadFromNs: number, window: Span): PublishSchedule {
  const span = { startNs: loadFromNs, endNs: loadFromNs }
  return { canaries: { span, channels: new Uint32Array(0) }, costs: null, loadFromNs, window }
}

const STEP_MS = 10

/** The waits of a run: none outlasts its patience, and a signal cuts them short. */
export class Waiting {
  readonly #signal: AbortSignal
  readonly #hurry: AbortSignal | undefined
  #cutAtNs = Number.POSITIVE_INFINITY
  readonly #cut = (): void => {
    this.#cutAtNs = nowNs()
  }

  /** @param hurry ends all waits at once */
  constructor(signal: AbortSignal, hurry?: AbortSignal) {
    this.#signal = signal
    this.#hurry = hurry
    if (signal.aborted) this.#cut()
    else signal.addEventListener('abort', this.#cut, { once: true })
  }

  /** Nothing waits any more: the signal, which may live on, lets go of it. */
  end(): void {
    this.#signal.removeEventListener('abort', this.#cut)
  }

  get over(): boolean {
    return this.#signal.aborted
  }

  /** Resolves when it holds or the patience is over, of which a signal leaves so much. */
  async until(holds: () => boolean, patienceMs: number, leftMs: number): Promise<void> {
    const deadlineNs = nowNs() + patienceMs * NS_PER_MS
    while (!holds() && nowNs() < this.deadline(deadlineNs, leftMs)) {
      await sleep(STEP_MS)
    }
  }

  /** A deadline, or the earlier one that a signal leaves of it. */
  deadline(atNs: number, leftMs: number): number {
    if (this.#hurry?.aborted) return 0
    return Math.min(atNs, this.#cutAtNs + leftMs * NS_PER_MS)
  }

  /** Resolves at the time, or at once with a signal. */
  async sleepUntil(atNs: number): Promise<void> {
    const ms = Math.max(0, (atNs - nowNs()) / NS_PER_MS)
    await sleep(ms, undefined, { signal: this.#signal }).catch(() => {})
  }
}

/** The readings at one edge of the window. */
export interface Edge {
  /** Null when the server did not answer. */
  readonly server: Readings | null
  /** Missing where there is no front, or the system does not tell of it. */
  readonly front?: FrontReading | null
  readonly host: HostTime
  /** CPU time of this process so far. */
  readonly cpuUs: number
}

/** Reads server and host at the window's edges, and the server once a second between them. */
export class WindowWatch {
  readonly #watch: ServerWatch
  readonly #timeline: Timeline
  readonly #waiting: Waiting
  readonly #readFront: () => FrontReading | null
  readonly #edges: Promise<Edge>[] = []
  readonly #rehearsal: Promise<Readings | null>[] = []

  constructor(
    watch: ServerWatch,
    timeline: Timeline,
    waiting: Waiting,
    readFront: () => FrontReading | null = () => null,
  ) {
    this.#watch = watch
    this.#timeline = timeline
    this.#waiting = waiting
    this.#readFront = readFront
  }

  /** What the window's difference is taken from; empty without a window. */
  get edges(): Promise<readonly Edge[]> {
    return Promise.all(this.#edges)
  }

  /** The server's readings at the edges of the two stretches without deliveries; null without these. */
  get rehearsal(): Promise<Rehearsal | null> {
    return Promise.all(this.#rehearsal).then(([begin, idle, end]) =>
      begin && idle && end ? { begin, idle, end } : null,
    )
  }

  /** Reads the server before the window: while nothing is published, then while nobody hears it. */
  async rehearse({ costs }: PublishSchedule): Promise<void> {
    if (costs === null) return
    for (const atNs of [costs.idle.startNs, costs.ingest.startNs, costs.ingest.endNs]) {
      await this.#waiting.sleepUntil(atNs)
      if (this.#waiting.over) return
      this.#rehearsal.push(this.#watch.edge())
    }
  }

  /** The window begins. Reads until it ends, or the wait for it does. */
  async begin(window: Span): Promise<void> {
    this.#edge(0, { at: 'begin', blockMs: blockMsOf(window) })
    for (let second = 1; ; second++) {
      const atNs = window.startNs + second * NS_PER_SECOND
      if (atNs >= window.endNs) return
      await this.#waiting.sleepUntil(atNs)
      if (this.#waiting.over) return
      this.#timeline.read(second, this.#watch.tick())
    }
  }

  end({ startNs, endNs }: Span): void {
    this.#edge(Math.ceil((endNs - startNs) / NS_PER_SECOND), { at: 'end' })
  }

  #edge(second: number, of: WindowEdge): void {
    const host = readHostTime()
    const front = this.#readFront()
    const cpu = process.cpuUsage()
    const cpuUs = cpu.user + cpu.system
    const reading = this.#watch.edge(of)
    this.#timeline.read(second, reading)
    this.#edges.push(reading.then((server) => ({ server, front, host, cpuUs })))
  }
}
