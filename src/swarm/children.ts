/**
 * The processes of a run, as the coordinator sees them: the worker pool and the publisher, and whether
 * what they say can be what it says it is. That stands here and not beside the types of messages.ts,
 * since the children have no use for a schema library, nor the memory for it.
 */

import type { ChildProcess } from 'node:child_process'
import { z } from 'zod'
import { ended, firstMessage, hear, startAll, startModule } from '../child-process.ts'
import { COLLECTING_FLAGS, QUIET_HEAP_FLAGS } from '../process-settings.ts'
import {
  type FromPublisher,
  type FromWorker,
  noAudit,
  noCounts,
  noLateness,
  noSettlement,
  type PublisherPlan,
  type PublisherReport,
  type PublishSchedule,
  type ToPublisher,
  type ToWorker,
  type WorkerPlan,
} from './messages.ts'

const amount = z.number().min(0)
const samples = z.instanceof(Uint32Array)
const perCause = z.record(z.string(), amount)

/** Every key of a template, as an amount: a counter that is new there is asked for here. */
function amounts(template: object): z.ZodType {
  return z.looseObject(Object.fromEntries(Object.keys(template).map((key) => [key, amount])))
}

const snapshot = z.looseObject({
  atNs: amount,
  second: z.int().min(0).nullable(),
  counts: amounts(noCounts()),
  live: amount,
  openSockets: amount,
  rssBytes: amount,
  audit: amounts(noAudit()),
  errors: perCause,
  disguises: perCause,
  lateness: amounts(noLateness()),
  stalls: z.array(z.looseObject({ endNs: amount, lengthNs: amount })),
  latenciesUs: samples,
  latenessesUs: samples,
  servableUs: samples,
  receivedUs: samples,
  sinceNs: amount,
  serviceLatenciesUs: samples,
  connectsUs: samples,
})
const loop = z.looseObject({})

const fromWorker = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('snapshot'), snapshot }),
  z.looseObject({ type: z.literal('ramped') }),
  z.looseObject({ type: z.literal('window-start'), snapshot }),
  z.looseObject({ type: z.literal('window-end'), snapshot, loop }),
  z.looseObject({
    type: z.literal('settled'),
    snapshot,
    settlement: amounts(noSettlement()),
  }),
])

const fromPublisher = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('ready') }),
  z.looseObject({
    type: z.literal('published'),
    report: z.looseObject({
      published: amount,
      sentInTime: amount,
      due: amount,
      accepted: amount,
      dropped: amount,
      unknown: amount,
      unheard: amount,
      refusals: perCause,
      first: samples,
      last: samples,
      perSecond: samples,
      slipMeanUs: z.number().nullable(),
      slipP99Us: amount.nullable(),
      slipMaxUs: amount.nullable(),
      cpuUs: amount,
      waitedUs: amount,
      longestStallUs: amount,
      loop,
    }),
  }),
])

export function isFromWorker(message: unknown): message is FromWorker {
  return fromWorker.safeParse(message).success
}

export function isFromPublisher(message: unknown): message is FromPublisher {
  return fromPublisher.safeParse(message).success
}

/** How long a worker, and the publisher, may take to go. */
const WORKER_MS = 5_000
const PUBLISHER_MS = 1_000

/** Node's flags for every worker. */
const WORKER_FLAGS = [...QUIET_HEAP_FLAGS, ...COLLECTING_FLAGS]

/**
 * Node's flags for workers of the lean engine; an application's clients have the young generation that
 * Node gives them. It grows while ten thousand clients connect and never shrinks again: 16 MB of it by
 * default, times three, for garbage of a few bytes per delivery afterwards.
 */
export const LEAN_FLAGS = [...WORKER_FLAGS, '--max-semi-space-size=4']

/** The worker processes of one run. */
export class WorkerPool {
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
  protected every(holds: (worker: number) => boolean): boolean {
    return this.#workers.every((_, index) => this.#lost.has(index) || holds(index))
  }

  protected tell(message: ToWorker): void {
    for (const [index, worker] of this.#workers.entries()) {
      if (!this.#lost.has(index) && worker.connected) worker.send(message, () => {})
    }
  }

  /** Gives up the workers of which something does not hold: they do not answer any more. */
  protected keep(holds: (worker: number) => boolean): void {
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
    await Promise.all(this.#workers.map((worker) => ended(worker, WORKER_MS)))
  }

  #miss(index: number, why: string | null = null): void {
    if (this.#stopping || this.#lost.has(index)) return
    this.#lost.add(index)
    this.#lose(why)
  }
}

/** The publisher's process, as the coordinator sees it. */
export class PublisherLink {
  readonly #child: ChildProcess
  #stopping = false
  /** What was published; null when the process is gone without a word, undefined until one of the two. */
  report: PublisherReport | null | undefined

  private constructor(child: ChildProcess, lose: () => void) {
    this.#child = child
    hear(child, {
      name: 'publisher',
      isMessage: isFromPublisher,
      onMessage: (message) => {
        if (message.type === 'published') this.report = message.report
      },
      onNonsense: (why) => process.stderr.write(`rtbench: ${why}\n`),
    })
    child.once('exit', () => {
      if (this.report !== undefined) return
      this.report = null
      if (!this.#stopping) lose()
    })
  }

  /**
   * Resolves when the process is ready to publish.
   * @param lose called when it ends before it has reported
   */
  static async start(plan: PublisherPlan, lose: () => void = () => {}): Promise<PublisherLink> {
    const child = startModule('publisher-process', import.meta.url, QUIET_HEAP_FLAGS)
    child.send({ type: 'start', plan } satisfies ToPublisher)
    try {
      await firstMessage(child, 'publisher', isFromPublisher)
      return new PublisherLink(child, lose)
    } catch (error) {
      await ended(child, 0)
      throw error
    }
  }

  /** Publishes to the window's end. */
  publish(schedule: PublishSchedule): void {
    this.#tell({ type: 'publish', schedule })
  }

  /** Publishes no more, and reports soon. */
  finish(): void {
    this.#tell({ type: 'finish' })
  }

  /** Ends the process at once; it does not count as lost. */
  drop(): void {
    this.#stopping = true
    this.#child.kill('SIGKILL')
  }

  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#child.connected) this.#child.disconnect()
    await ended(this.#child, PUBLISHER_MS)
  }

  #tell(message: ToPublisher): void {
    if (this.#child.connected) this.#child.send(message, () => {})
  }
}
