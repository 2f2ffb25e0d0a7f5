import { NS_PER_MS } from '../../measure/clock.ts'
import type { Pace, Session } from '../client-side.ts'

/**
 * How long a long poller asks to be held: for the whole hold, save for the poll that waits when
 * events begin. That one is asked for as if the client had been there for ever. Otherwise all holds
 * would run out together one hold after the ramp-up, and a window shorter than that would see no
 * empty answer at all.
 *
 * Until then nothing ends a poll but its hold, so that what counts is when the hold ends that is under
 * way at that moment: at first it is asked for by an estimate of the moment, and each further request
 * brings a better one.
 */
export class Holds {
  readonly #session: Session
  /** From the moment at which events begin. */
  #residualMs = 0
  /** When the first hold ends, unless an event does before. */
  #firstEndNs = 0
  #settled = false

  constructor(session: Session) {
    this.#session = session
  }

  /** Draws the client's part: here, since clients start in one order whatever the network does. */
  start(): void {
    const { pace, firstEventMs } = this.#session
    const u = this.#session.random()
    this.#residualMs =
      firstEventMs === null ? residualHoldMs(u, pace) : residualBeforeMs(firstEventMs, pace)
  }

  /** For a request that is sent now, milliseconds. */
  next(): number {
    const { pace } = this.#session
    if (this.#settled) return pace.holdMs
    const { alarms, eventsFromNs } = this.#session
    const nowNs = alarms.nowNs()
    if (nowNs < eventsFromNs) this.#firstEndNs = eventsFromNs + this.#residualMs * NS_PER_MS
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
