/** The disruptions of a run: each is made at its time in the window, and undone. */
import { setTimeout as sleep } from 'node:timers/promises'
import { NS_PER_MS, NS_PER_US, nowNs } from '../measure/clock.ts'
import { MIN_SAMPLES_P99 } from '../measure/histogram.ts'
import { seededRandom } from '../measure/random.ts'
import type { Run } from '../result/document.ts'
import { type Disruption, disruptionOf } from '../scenario/disruption.ts'
import type { Disrupted } from './heard.ts'
import type { DisruptOrder, Outage, Span } from './messages.ts'
import type { RunOrder } from './run-order.ts'

/** After those by which clients are chosen. */
const INSTANCE_STREAM = 2_000_000
/** What is to be undone may take so long. */
const UNDO_MS = 10_000
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** What was done, and to whom. */
export interface Made {
  readonly written: string
  readonly disruption: Disruption
  /** Null where it could not be made. */
  readonly fromNs: number | null
  /** When it was over; null while it lasts. */
  readonly toNs: number | null
  readonly instance: number | null
  /** Connections that it met; null where nobody counts them. */
  readonly hit: number | null
  /** Whether a client's connection may have been met. */
  meets(client: number): boolean
  /** In a line, what went wrong. */
  readonly problem: string | null
}

interface Disruptable {
  disrupt(order: DisruptOrder): Promise<readonly Disrupted[]>
}

/** What making one says of itself. */
type Doing = Pick<Made, 'instance' | 'hit' | 'meets'> & {
  /** Resolves when it is over; missing where it is at once. */
  readonly undo?: () => unknown
}

const anybody = (): boolean => true

export class Disruptions {
  readonly #order: RunOrder
  readonly #swarm: Disruptable
  readonly #onMade: (made: Made) => void
  readonly #stopped = new AbortController()
  readonly #made: Made[] = []
  #under: Promise<unknown> = Promise.resolve()

  /** @param onMade is told of each as it is made */
  constructor(order: RunOrder, swarm: Disruptable, onMade: (made: Made) => void = () => {}) {
    this.#order = order
    this.#swarm = swarm
    this.#onMade = onMade
  }

  /** Makes all of them at their times in the window. */
  begin({ startNs }: Pick<Span, 'startNs'>): void {
    const { disruptions } = this.#order.scenario
    this.#under = Promise.all(
      disruptions.map((written, index) => this.#run(written, index, startNs)),
    )
  }

  get made(): readonly Made[] {
    return this.#made
  }

  /** The longest that one may take yet, milliseconds; one without an end takes none. */
  get leftMs(): number {
    const left = this.#made.map(({ disruption, fromNs, toNs }) =>
      toNs !== null || fromNs === null || disruption.forMs === null
        ? 0
        : (fromNs - nowNs()) / NS_PER_MS + disruption.forMs,
    )
    return Math.max(0, ...left)
  }

  /** Makes no more, and undoes what lasts. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    await Promise.race([this.#under, sleep(UNDO_MS, undefined, { ref: false })])
  }

  async #run(written: string, index: number, startNs: number): Promise<void> {
    const disruption = disruptionOf(written)
    await this.#sleepUntil(startNs + disruption.atMs * NS_PER_MS)
    if (this.#stopped.signal.aborted) return
    const fromNs = nowNs()
    const blank = { written, disruption, toNs: null, instance: null, hit: null, meets: anybody }
    let made: Made = { ...blank, fromNs, problem: null }
    let at = -1
    try {
      const doing = await this.#make(disruption, index)
      made = { ...made, ...doing }
      at = this.#made.push(made) - 1
      this.#onMade(made)
      if (doing.undo === undefined) return
      const { forMs } = disruption
      await this.#sleepUntil(forMs === null ? Number.POSITIVE_INFINITY : fromNs + forMs * NS_PER_MS)
      await doing.undo()
      this.#made[at] = { ...made, toNs: nowNs() }
    } catch (error) {
      const problem = (error as Error).message.split('\n', 1)[0] ?? ''
      if (at < 0) this.#made.push({ ...made, problem })
      else this.#made[at] = { ...made, problem }
    }
  }

  async #make(disruption: Disruption, index: number): Promise<Doing> {
    const { instances = null, blackhole = null, targets, scenario, front } = this.#order
    const { kind, share, way, forMs } = disruption
    if (kind === 'cut' || kind === 'blackhole') {
      const met = await this.#swarm.disrupt({
        index,
        share: share ?? 1,
        way: kind === 'cut' ? way : null,
      })
      const clients = new Set(met.flatMap((part) => [...part.clients]))
      const doing = {
        instance: null,
        hit: clients.size,
        meets: (client: number) => clients.has(client),
      }
      if (kind === 'cut') return doing
      if (blackhole === null) throw new Error('nothing here lets connections go silent')
      const undo = await blackhole.open(met.flatMap((part) => [...part.ports]))
      return { ...doing, undo }
    }
    if (instances === null) throw new Error('there are no instances of its own')
    const random = seededRandom(scenario.seed, INSTANCE_STREAM + index)
    const instance = Math.floor(random() * targets.length)
    // Through a front nobody knows who is where.
    const isDirect = front == null
    const meets = (client: number): boolean => !isDirect || client % targets.length === instance
    const first = Math.ceil((scenario.clients - instance) / targets.length)
    const one = { instance, hit: isDirect ? first : null, meets }
    switch (kind) {
      case 'kill-instance':
        await instances.kill(instance)
        return { ...one, undo: () => instances.revive(instance) }
      case 'stop-instance':
        return { ...one, undo: instances.freeze(instance) }
      case 'drain':
        await instances.leave(instance, forMs ?? 0)
        return { ...one, undo: () => {} }
      case 'restart-backplane':
        await instances.restartBus(forMs ?? 0)
        return { instance: null, hit: null, meets: () => false }
      case 'partition':
        return { instance, hit: null, meets: () => false, undo: await instances.part(instance) }
    }
  }

  async #sleepUntil(atNs: number): Promise<void> {
    const { signal } = this.#stopped
    // A timer may be early by a millisecond.
    while (!signal.aborted) {
      const ms = (atNs - nowNs()) / NS_PER_MS
      if (ms <= 0) return
      await sleep(Math.min(Math.ceil(ms), LONGEST_TIMER_MS), undefined, { signal }).catch(() => {})
    }
  }
}

/** The outages that each disruption caused, in the order in which they were made. */
export function outagesOf(
  made: readonly Made[],
  outages: readonly Outage[],
): ReadonlyMap<Made, readonly Outage[]> {
  const inOrder = [...made].sort((one, other) => (one.fromNs ?? 0) - (other.fromNs ?? 0))
  const theirs = new Map<Made, Outage[]>(inOrder.map((one) => [one, []]))
  for (const outage of outages) {
    // The latest one that can have been the cause.
    const cause = inOrder.findLast(
      ({ fromNs, meets }) =>
        fromNs !== null && fromNs <= outage.noticedAtNs && meets(outage.client),
    )
    if (cause !== undefined) theirs.get(cause)?.push(outage)
  }
  return theirs
}

/** What a document says of the disruptions of a run. */
export function disruptionsOf(
  made: readonly Made[],
  outages: readonly Outage[],
  { startNs }: Span,
): NonNullable<Run['disruptions']> {
  return [...outagesOf(made, outages)].map(([one, own]) => {
    const { fromNs, toNs, written, disruption, instance, hit, problem } = one
    const ofWindow = (ns: number): number => (ns - startNs) / NS_PER_MS
    const after = (ns: number): number => Math.max(0, (ns - (fromNs ?? 0)) / NS_PER_US)
    const back = own.flatMap(({ backAtNs }) => backAtNs ?? [])
    const causes: Record<string, number> = {}
    for (const { cause } of own) causes[cause] = (causes[cause] ?? 0) + 1
    return {
      what: written,
      kind: disruption.kind,
      fromMs: fromNs === null ? null : ofWindow(fromNs),
      toMs: toNs === null ? null : ofWindow(toNs),
      instance,
      hit,
      causes,
      noticed: spanOf(own.map(({ noticedAtNs }) => after(noticedAtNs))),
      back: spanOf(back.map(after)),
      attempts: own.reduce((sum, { attempts }) => sum + attempts, 0),
      problem,
    }
  })
}

/** Times since something, microseconds. */
function spanOf(times: readonly number[]) {
  const sorted = [...times].sort((one, other) => one - other)
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0
  return {
    count: sorted.length,
    p50Us: sorted.length === 0 ? null : at(0.5),
    p99Us: sorted.length < MIN_SAMPLES_P99 ? null : at(0.99),
    maxUs: sorted.length === 0 ? null : at(1),
  }
}
