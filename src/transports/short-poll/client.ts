import { NS_PER_MS } from '../../measure/clock.ts'
import { PollDialect, referencePoll } from '../poll-dialect.ts'
import { PollingClient } from '../polling-client.ts'
import { perTarget } from '../reconnecting-client.ts'
import type { Session, Sleeper, Target } from '../transport.ts'

const REFERENCE = referencePoll('/poll?channel={channel}')
const dialectOf = perTarget((target) => new PollDialect(target, REFERENCE))

/**
 * Asks at its slots, or at once where there are none. A server that closes the connection between two
 * requests does no wrong: the next one opens another.
 */
export class ShortPollClient extends PollingClient {
  readonly #slots: PollSlots
  #closedIdle = false

  constructor(target: Target, session: Session) {
    super(dialectOf(target), session)
    this.#slots = new PollSlots(session)
  }

  override start(): void {
    super.start()
    this.#slots.start(this)
  }

  override stop(): void {
    this.#slots.stop()
    super.stop()
  }

  protected override closedIdle(): void {
    if (this.#slots.areNone) this.connect()
    else this.#closedIdle = true
  }

  protected answered(): void {
    if (this.#slots.areNone) this.ask()
  }

  override wake(atNs: number): void {
    if (!this.#slots.take(atNs, this)) {
      super.wake(atNs)
      return
    }
    // A slot that finds the last answer still outstanding is left out, as a page that polls does.
    if (this.idle) this.ask()
    else if (this.#closedIdle) {
      this.#closedIdle = false
      this.connect()
    }
  }
}

/**
 * When a short poller asks: on a fixed schedule whose phase is random, as independent users would. An
 * answer that is late does not move the next slot. With an interval of 0 there are no slots: the
 * client asks again as soon as it is answered.
 */
export class PollSlots {
  readonly #session: Session
  readonly #intervalNs: number
  #nextAtNs = Number.POSITIVE_INFINITY

  constructor(session: Session) {
    this.#session = session
    this.#intervalNs = session.pace.intervalMs * NS_PER_MS
  }

  get areNone(): boolean {
    return this.#intervalNs === 0
  }

  /** Sets the first slot, at which the poller is woken. */
  start(poller: Sleeper): void {
    if (this.areNone) return
    const { alarms } = this.#session
    this.#nextAtNs = alarms.nowNs() + this.#session.random() * this.#intervalNs
    alarms.set(this.#nextAtNs, poller)
  }

  stop(): void {
    this.#nextAtNs = Number.POSITIVE_INFINITY
  }

  /** Whether this alarm is a slot's, and not one of the connection's; then the next slot is set. */
  take(atNs: number, poller: Sleeper): boolean {
    // By its very time: when alarms come late, another one may be later than the slot that is due.
    if (atNs !== this.#nextAtNs) return false
    this.#nextAtNs += this.#intervalNs
    this.#session.alarms.set(this.#nextAtNs, poller)
    return true
  }
}
