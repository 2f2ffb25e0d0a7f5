import { NS_PER_MS } from '../../measure/clock.ts'
import type { PollSchedule } from '../polling-client.ts'
import type { Pace, Session } from '../transport.ts'

/**
 * How long a long poller asks to be held: for the whole hold, save at first, when it asks for what would
 * be left of its hold if it had been there for ever. Otherwise all holds would run out together one hold
 * after the ramp-up, and a shorter window would see no empty answer at all.
 *
 * What counts is when the hold ends that is under way as events begin, which nobody knows before the last
 * client is there. So polls asked until then end in the warm-up, at a time of their own, and the next one
 * asks for what is left then. Where those are too many for the warm-up, the time at which events begin is
 * estimated, by each further request better.
 */
export class Holds implements PollSchedule {
  readonly #session: Session
  /** The rest of the hold when events begin. */
  #residualMs = 0
  /** The time from then on to ask a poll of before anew; null where it is not asked. */
  #anewMs: number | null = null
  /** The end of the first hold, unless an event comes before. */
  #firstEndNs = 0
  #isProvisional = false
  #settled = false

  constructor(session: Session) {
    this.#session = session
  }

  get next(): 'after-reads' {
    return 'after-reads'
  }

  get heldMs(): number {
    return this.#session.pace.holdMs
  }

  /** Draws the client's part: here, since clients start in one order whatever the network does. */
  start(): void {
    const { pace, firstEventMs, settlingMs } = this.#session
    const u = this.#session.random()
    this.#residualMs =
      firstEventMs === null ? residualHoldMs(u, pace) : residualBeforeMs(firstEventMs, pace)
    if (settlingMs > 0) this.#anewMs = this.#session.random() * settlingMs
  }

  stop(): void {}

  take(): boolean {
    return false
  }

  nextHoldMs(): number {
    const { pace } = this.#session
    if (this.#settled) return pace.holdMs
    const { alarms, eventsFromNs } = this.#session
    const nowNs = alarms.nowNs()
    const haveBegun = nowNs >= eventsFromNs
    if (!haveBegun && this.#anewMs !== null) {
      this.#isProvisional = true
      const anewNs = eventsFromNs + this.#anewMs * NS_PER_MS
      return Math.min(Math.ceil((anewNs - nowNs) / NS_PER_MS), pace.holdMs)
    }
    if (!haveBegun || this.#isProvisional) {
      this.#firstEndNs = eventsFromNs + this.#residualMs * NS_PER_MS
      // Without an event it would have been asked again, for the whole hold.
      while (this.#firstEndNs <= nowNs) this.#firstEndNs += pace.holdMs * NS_PER_MS
      this.#isProvisional = false
    }
    const leftMs = Math.ceil((this.#firstEndNs - nowNs) / NS_PER_MS)
    if (leftMs <= 0) this.#settled = true
    else if (leftMs < pace.holdMs) return leftMs
    // It is too early for that one: a hold before it, which is over when it is time to ask.
    else if (leftMs > pace.holdMs) return Math.min(leftMs - pace.holdMs, pace.holdMs)
    return pace.holdMs
  }

  /** An answer brought an event: from then on the client is as old as its last answer. */
  delivered(): void {
    if (this.#settled) return
    const { alarms, eventsFromNs } = this.#session
    // What comes before events begin is no part of the workload.
    this.#settled = alarms.nowNs() >= eventsFromNs
  }
}

/**
 * What is left of the hold of a poll that is found waiting where events come by a Poisson process of
 * rate λ: `u` on [0, 1) gives a draw, in milliseconds.
 *
 * The age `a` of a poll has a density in proportion to the probability that it gets so old
 * (D. R. Cox, Renewal Theory, 5.2), e^(−λa) up to the hold H, and the next event does not depend on it.
 * So what is left has the density λ e^(λt) / (e^(λH) − 1) on [0, H]: uniform where there are no events.
 */
export function residualHoldMs(u: number, { holdMs, rate }: Pick<Pace, 'holdMs' | 'rate'>): number {
  if (rate === 0) return u * holdMs
  const perMs = rate / 1000
  return Math.max(0, holdMs + Math.log1p((1 - u) * Math.expm1(-perMs * holdMs)) / perMs)
}

/** The same where events come evenly, and the next one after so many milliseconds. */
export function residualBeforeMs(
  firstEventMs: number,
  { holdMs, rate }: Pick<Pace, 'holdMs' | 'rate'>,
): number {
  // Since the last event, of those that would have been before.
  const sinceMs = Math.max(0, 1000 / rate - firstEventMs)
  return holdMs - (sinceMs % holdMs)
}
