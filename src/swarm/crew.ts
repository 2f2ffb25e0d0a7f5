import type { ChildProcess } from 'node:child_process'
import { ended, hear, startAll, startModule } from '../child-process.ts'
import { COLLECTING_FLAGS, QUIET_HEAP_FLAGS } from '../process-settings.ts'
import { isFromWorker } from './message-schema.ts'
import type { FromWorker, ToWorker, WorkerPlan } from './messages.ts'

const PATIENCE_MS = 5_000

/** Node's flags for every worker. */
const WORKER_FLAGS = [...QUIET_HEAP_FLAGS, ...COLLECTING_FLAGS]

/**
 * Node's flags for workers of the lean engine; an application's clients have the young generation that
 * Node gives them. It grows while ten thousand clients connect and never shrinks again: 16 MB of it by
 * default, times three, for garbage of a few bytes per delivery afterwards.
 */
export const LEAN_FLAGS = [...WORKER_FLAGS, '--max-semi-space-size=4']

/** The worker processes of one run. */
export class Crew {
  readonly #workers: readonly ChildProcess[]
  readonly #lost = new Set<number>()
  readonly #lose: (why: string | null) => void
  #stopping = false

  /**
   * Starts a worker for each plan.
   *
   * @param onMessage called with every message and the index of the worker that sent it
   * @param lose called when a worker was lost: it ended before it was told to, or was given up; in a
   *   line why, where it said what it should not
   */
  constructor(
    plans: readonly WorkerPlan[],
    onMessage: (worker: number, message: FromWorker) => void,
    lose: (why: string | null) => void,
  ) {
    this.#lose = lose
    this.#workers = startAll(plans.length, (index) =>
      startModule(
        'worker-process',
        import.meta.url,
        plans[index]?.engine === 'library' ? WORKER_FLAGS : LEAN_FLAGS,
      ),
    )
    for (const [index, plan] of plans.entries()) {
      const worker = this.#workers[index] as ChildProcess
      hear(worker, {
        name: 'worker',
        isMessage: isFromWorker,
        onMessage: (message) => onMessage(index, message),
        onNonsense: (why) => this.#miss(index, why),
      })
      // What cannot be told to a process that ends; its exit follows.
      worker.on('error', () => {})
      worker.once('exit', () => this.#miss(index))
      worker.send({ type: 'start', plan } satisfies ToWorker)
    }
  }

  /** Workers that are at work. */
  get present(): number {
    return this.#workers.length - this.#lost.size
  }

  /** Workers that are not any more. */
  get lost(): ReadonlySet<number> {
    return this.#lost
  }

  /** Whether something holds of every worker that is at work. */
  every(holds: (worker: number) => boolean): boolean {
    return this.#workers.every((_, index) => this.#lost.has(index) || holds(index))
  }

  tell(message: ToWorker): void {
    for (const [index, worker] of this.#workers.entries()) {
      if (!this.#lost.has(index) && worker.connected) worker.send(message, () => {})
    }
  }

  /** Gives up the workers of which something does not hold: they do not answer any more. */
  keep(holds: (worker: number) => boolean): void {
    if (this.#stopping) return
    for (const [index, worker] of this.#workers.entries()) {
      if (this.#lost.has(index) || holds(index)) continue
      worker.kill('SIGKILL')
      this.#miss(index)
    }
  }

  /** Ends every process at once; none of them counts as lost. */
  drop(): void {
    this.#stopping = true
    for (const worker of this.#workers) worker.kill('SIGKILL')
  }

  /** Resolves when every process is gone. */
  async stop(): Promise<void> {
    this.tell({ type: 'stop' })
    this.#stopping = true
    await Promise.all(this.#workers.map((worker) => ended(worker, PATIENCE_MS)))
  }

  #miss(index: number, why: string | null = null): void {
    if (this.#stopping || this.#lost.has(index)) return
    this.#lost.add(index)
    this.#lose(why)
  }
}
