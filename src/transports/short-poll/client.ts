import { PollingClient } from '../polling-client.ts'
import type { Session, Target } from '../transport.ts'

const NS_PER_MS = 1e6

/**
 * Asks on a fixed schedule whose phase is random, as independent users would: an answer that is
 * late does not move the next request. With an interval of 0 it asks again at once.
 */
export class ShortPollClient extends PollingClient {
  protected readonly path = '/poll'
  protected readonly heldMs = 0
  readonly #intervalNs: number
  #nextAtNs = Number.POSITIVE_INFINITY

  constructor(target: Target, session: Session) {
    super(target, session)
    this.#intervalNs = session.pace.intervalMs * NS_PER_MS
  }

  override start(): void {
    super.start()
    if (this.#intervalNs === 0) return
    const { alarms } = this.session
    this.#nextAtNs = alarms.nowNs() + this.session.random() * this.#intervalNs
    alarms.set(this.#nextAtNs, this)
  }

  override stop(): void {
    this.#nextAtNs = Number.POSITIVE_INFINITY
    super.stop()
  }

  protected answered(): void {
    if (this.#intervalNs === 0) this.ask()
  }

  override wake(atNs: number): void {
    if (atNs < this.#nextAtNs) {
      super.wake(atNs)
      return
    }
    this.#nextAtNs += this.#intervalNs
    this.session.alarms.set(this.#nextAtNs, this)
    // A slot that finds the last answer still outstanding is left out, as a page that polls does.
    if (this.ready) this.ask()
  }
}
