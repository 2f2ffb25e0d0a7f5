import type { ChildProcess } from 'node:child_process'
import { ended, firstMessage, hear, startModule } from '../child-process.ts'
import type { HistoryBatch } from '../history/recorder.ts'
import { QUIET_HEAP_FLAGS } from '../process-settings.ts'
import { tell } from '../tell.ts'
import { isFromPublisher, type PublisherReport } from './heard.ts'
import type { PublisherPlan, PublishSchedule, ToPublisher } from './messages.ts'

/** How long the publisher may take to go. */
const PUBLISHER_MS = 1_000

/** The publisher's process, as the coordinator sees it. */
export class PublisherLink {
  readonly #child: ChildProcess
  #stopping = false
  /** What was published; null when the process is gone without a word, undefined until one of the two. */
  report: PublisherReport | null | undefined

  private constructor(
    child: ChildProcess,
    lose: () => void,
    onHistory: (batch: HistoryBatch) => void,
  ) {
    this.#child = child
    hear(child, {
      name: 'publisher',
      isMessage: isFromPublisher,
      onMessage: (message) => {
        if (message.type === 'published') this.report = message.report
        else if (message.type === 'history') onHistory(message.batch)
      },
      onNonsense: (why) => tell(`rtbench: ${why}`),
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
  static async start(
    plan: PublisherPlan,
    lose: () => void = () => {},
    onHistory: (batch: HistoryBatch) => void = () => {},
  ): Promise<PublisherLink> {
    const child = startModule('publisher-process', import.meta.url, QUIET_HEAP_FLAGS)
    child.send({ type: 'start', plan } satisfies ToPublisher)
    try {
      await firstMessage(child, 'publisher', isFromPublisher)
      return new PublisherLink(child, lose, onHistory)
    } catch (error) {
      await ended(child, 0)
      throw error
    }
  }

  publish(schedule: PublishSchedule): void {
    this.#tell({ type: 'publish', schedule })
  }

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
