import { NS_PER_MS } from '../../measure/clock.ts'
import type { Session, Target } from '../client-side.ts'
import { perTarget } from '../dialect.ts'
import { PollDialect, referencePoll } from '../poll-dialect.ts'
import { PollingClient } from '../polling-client.ts'

const REFERENCE = referencePoll('/poll')
const dialectOf = perTarget((target) => new PollDialect(target, REFERENCE))

/**
 * Asks on a fixed schedule whose phase is random, as independent users would: an answer that is
 * late does not move the next request. With an interval of 0 it asks again at once. A server that
 * closes the connection between two requests does no wrong: the next one opens another.
 */
export class ShortPollClient extends PollingClient {
  readonly #intervalNs: number
  #nextAtNs = Number.POSITIVE_INFINITY
  #closedIdle = false

  constructor(target: Target, session: Session) {
    super(dialectOf(target), session)
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

  protected override closedIdle(): void {
    if (this.#intervalNs === 0) this.connect()
    else this.#closedIdle = true
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
    else if (this.#closedIdle) {
      this.#closedIdle = false
      this.connect()
    }
  }
}
