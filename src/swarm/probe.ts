import { MIN_SAMPLES_P99 } from '../measure/histogram.ts'
import type { Run } from '../result/document.ts'
import type { WorkerPlan } from './messages.ts'
import type { RunOrder } from './run-order.ts'
import { Swarm } from './swarm.ts'
import { Tally } from './tally.ts'
import type { Waiting } from './waiting.ts'

/** How long the probe may take to start and to subscribe. */
const PATIENCE_MS = 5_000

export type ProbeReading = NonNullable<Run['probe']>

/**
 * The control probe: a swarm of one client, which has a process for itself and nothing else to do.
 * It connects when the swarm has, so that it stands last in a fan-out: what a client of the swarm
 * reads later than the probe was late in the generator, not at the server. Whatever becomes of it,
 * the run goes on.
 */
export class Probe {
  /** Null where the system starts no more processes. */
  readonly swarm: Swarm | null
  readonly #tally = new Tally(1)

  constructor(plan: WorkerPlan, waiting: Waiting) {
    this.swarm = Probe.#start(plan, this.#tally, waiting)
  }

  static #start(plan: WorkerPlan, tally: Tally, waiting: Waiting): Swarm | null {
    try {
      return new Swarm([plan], tally, waiting)
    } catch {
      return null
    }
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

  /** Ends its process, and frees the histograms. */
  async stop(): Promise<void> {
    await this.swarm?.stop()
    this.#tally.destroy()
  }
}

/**
 * What the check of the generator looks at. A poll queues up anew for every delivery, so that the
 * probe's may stand first in a fan-out; and a poller that asks at an interval meets even arrivals
 * at one and the same distance each time.
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
