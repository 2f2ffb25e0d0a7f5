import type { ChildProcess } from 'node:child_process'
import { ended, startModule } from '../child-process.ts'
import type { FromWorker, ToWorker, WorkerPlan } from './messages.ts'

const PATIENCE_MS = 5_000

/** The worker processes of one run. */
export class Crew {
  readonly #workers: readonly ChildProcess[]
  readonly #lost = new Set<number>()
  #stopping = false

  /**
   * Starts a worker for each plan.
   *
   * @param hear called with every message and the index of the worker that sent it
   * @param lose called when a worker ends before it was told to
   */
  constructor(
    plans: readonly WorkerPlan[],
    hear: (worker: number, message: FromWorker) => void,
    lose: (worker: number) => void,
  ) {
    this.#workers = plans.map((plan, index) => {
      const worker = startModule('worker-process', import.meta.url)
      worker.on('message', (message: FromWorker) => hear(index, message))
      worker.on('error', () => {})
      worker.once('exit', () => {
        if (this.#stopping) return
        this.#lost.add(index)
        lose(index)
      })
      worker.send({ type: 'start', plan } satisfies ToWorker)
      return worker
    })
  }

  /** Workers that are at work. */
  get present(): number {
    return this.#workers.length - this.#lost.size
  }

  get lost(): ReadonlySet<number> {
    return this.#lost
  }

  tell(message: ToWorker): void {
    for (const [index, worker] of this.#workers.entries()) {
      if (!this.#lost.has(index) && worker.connected) worker.send(message, () => {})
    }
  }

  /** Resolves when every process is gone. */
  async stop(): Promise<void> {
    this.tell({ type: 'stop' })
    this.#stopping = true
    await Promise.all(this.#workers.map((worker) => ended(worker, PATIENCE_MS)))
  }
}
