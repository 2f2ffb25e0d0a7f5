import { NS_PER_MS } from '../../measure/clock.ts'
import type { PollSchedule } from '../polling-client.ts'
import type { Session, Sleeper } from '../transport.ts'

/**
 * When a short poller asks: on a fixed schedule whose phase is random, as independent users would. An
 * answer that is late does not move the next slot. With an interval of 0 there are no slots: the
 * client asks again as soon as it is answered.
 */
export class PollSlots implements PollSchedule {
  readonly #session: Session
  readonly #intervalNs: number
  #nextAtNs = Number.POSITIVE_INFINITY

  constructor(session: Session) {
    this.#session = session
    this.#intervalNs = session.pace.intervalMs * NS_PER_MS
  }

  get next(): 'at-slot' | 'at-once' {
    return this.#intervalNs === 0 ? 'at-once' : 'at-slot'
  }

  get heldMs(): number {
    return 0
  }

  start(poller: Sleeper): void {
    if (this.#intervalNs === 0) return
    const { alarms } = this.#session
    this.#nextAtNs = alarms.nowNs() + this.#session.random() * this.#intervalNs
    alarms.set(this.#nextAtNs, poller)
  }

  stop(): void {
    this.#nextAtNs = Number.POSITIVE_INFINITY
  }

  take(atNs: number, poller: Sleeper): boolean {
    // By its very time: when alarms come late, another one may be later than the slot that is due.
    if (atNs !== this.#nextAtNs) return false
    this.#nextAtNs += this.#intervalNs
    this.#session.alarms.set(this.#nextAtNs, poller)
    return true
  }

  nextHoldMs(): number {
    return 0
  }

  delivered(): void {}
}
