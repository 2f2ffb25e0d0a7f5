import { Crew } from './crew.ts'
import type { FromWorker, PublisherReport, Span, WorkerPlan } from './messages.ts'
import type { Tally } from './tally.ts'
import type { Waiting } from './waiting.ts'

/** How long a worker may take to answer. */
const ANSWER_MS = 5_000

/** Some clients in processes of their own, led through the phases of a run. */
export class Swarm {
  readonly tally: Tally
  readonly #crew: Crew
  readonly #waiting: Waiting
  readonly #ramped = new Set<number>()
  readonly #settled = new Set<number>()

  /**
   * Starts a process for each plan; their clients connect.
   *
   * @param tally gets what they tell
   * @param lose called when a worker was lost; in a line why, where it said what it should not
   */
  constructor(
    plans: readonly WorkerPlan[],
    tally: Tally,
    waiting: Waiting,
    lose: (why: string | null) => void = () => {},
  ) {
    this.tally = tally
    this.#waiting = waiting
    this.#crew = new Crew(plans, (worker, message) => this.#hear(worker, message), lose)
  }

  /** Workers that are at work. */
  get present(): number {
    return this.#crew.present
  }

  /** Workers that are not any more. */
  get lost(): ReadonlySet<number> {
    return this.#crew.lost
  }

  /** Every client is subscribed. */
  get isRamped(): boolean {
    return this.#crew.every((worker) => this.#ramped.has(worker))
  }

  /** Deliveries are still owed, to workers that may yet tell of them. */
  get isOwed(): boolean {
    return this.present > 0 && this.tally.settlement.lost > 0
  }

  /** Waits until every client is subscribed or the patience is over. */
  rampUp(patienceMs: number): Promise<void> {
    return this.#waiting.until(() => this.isRamped, patienceMs, 0)
  }

  /** Measures the window. */
  measure(window: Span): void {
    this.#crew.tell({ type: 'window', window })
  }

  /** Ends the window now. */
  cut(): void {
    this.#crew.tell({ type: 'close' })
  }

  /** Waits for every worker's word on the window's end. */
  closed(): Promise<void> {
    return this.#answers((worker) => this.tally.isClosed(worker))
  }

  /** Asks every worker what it is still owed, and waits for the answers. */
  settle({ first, last }: Pick<PublisherReport, 'first' | 'last'>): Promise<void> {
    this.#settled.clear()
    this.#crew.tell({ type: 'settle', first, last })
    return this.#answers((worker) => this.#settled.has(worker))
  }

  /** Waits for no more word of anybody: every process ends at once, and none counts as lost. */
  drop(): void {
    this.#crew.drop()
  }

  /** Resolves when every process is gone. */
  stop(): Promise<void> {
    return this.#crew.stop()
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
      case 'settled':
        this.tally.settle(worker, message.snapshot, message.settlement)
        this.#settled.add(worker)
        break
    }
  }

  /** Waits for every worker's answer, and gives up those that do not answer. */
  async #answers(given: (worker: number) => boolean): Promise<void> {
    await this.#waiting.until(() => this.#crew.every(given), ANSWER_MS, ANSWER_MS)
    this.#crew.keep(given)
  }
}
