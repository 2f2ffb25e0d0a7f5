import type { ChildProcess } from 'node:child_process'
import { ended, startModule } from '../child-process.ts'
import { RtbenchError } from '../error.ts'
import type {
  FromPublisher,
  PublisherPlan,
  PublisherReport,
  Span,
  ToPublisher,
} from './messages.ts'

const PATIENCE_MS = 1_000

/** The publisher's process, as the coordinator sees it. */
export class PublisherLink {
  readonly #child: ChildProcess
  readonly #report: Promise<PublisherReport | null>

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#report = new Promise((resolve) => {
      child.on('message', (message: FromPublisher) => {
        if (message.type === 'published') resolve(message.report)
      })
      child.once('exit', () => resolve(null))
    })
  }

  /** Resolves when the process is ready to publish. */
  static start(plan: PublisherPlan): Promise<PublisherLink> {
    const child = startModule('publisher-process', import.meta.url)
    return new Promise((resolve, reject) => {
      child.on('error', reject)
      child.once('exit', (code, signal) => {
        reject(new RtbenchError('cannot-run', `the publisher ended at once (${signal ?? code})`))
      })
      child.once('message', () => resolve(new PublisherLink(child)))
      child.send({ type: 'start', plan } satisfies ToPublisher)
    })
  }

  /** Publishes from a moment to the window's end; told again, it ends the window earlier. */
  publish(startNs: number, window: Span): void {
    if (!this.#child.connected) return
    this.#child.send({ type: 'publish', startNs, window } satisfies ToPublisher, () => {})
  }

  /** What was published; null when the process was lost. */
  get report(): Promise<PublisherReport | null> {
    return this.#report
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    await ended(this.#child, PATIENCE_MS)
  }
}
