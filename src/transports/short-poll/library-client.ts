import { NS_PER_MS } from '../../measure/clock.ts'
import { LibraryPollingClient } from '../library-polling-client.ts'

/** Asks on the same schedule as the lean client; connections are undici's business. */
export class ShortPollLibraryClient extends LibraryPollingClient {
  protected readonly path = '/poll'
  protected readonly heldMs = 0
  #nextAtNs = Number.POSITIVE_INFINITY

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

  get #intervalNs(): number {
    return this.session.pace.intervalMs * NS_PER_MS
  }

  protected answered(): void {
    if (this.#intervalNs === 0) this.ask()
  }

  override wake(atNs: number): void {
    // By its very time: when alarms come late, another one may be later than the slot that is due.
    if (atNs !== this.#nextAtNs) {
      super.wake(atNs)
      return
    }
    this.#nextAtNs += this.#intervalNs
    this.session.alarms.set(this.#nextAtNs, this)
    // A slot that finds the last answer still outstanding is left out, as a page that polls does.
    if (this.idle) this.ask()
  }
}
