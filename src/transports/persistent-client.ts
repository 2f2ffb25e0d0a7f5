import { NS_PER_MS } from '../measure/clock.ts'
import { backoffMs, FIRST_DELAY_MS, LONGEST_DELAY_MS } from '../wire/backoff.ts'
import type { Session, Sleeper, VirtualClient } from './client-side.ts'

const NEVER = Number.POSITIVE_INFINITY
/** Deadlines are looked at in steps of this, for ten thousand of them in one wake-up. */
const DEADLINE_STEP_NS = 250 * NS_PER_MS

/**
 * What the client sides of both engines have in common: a deadline for what the server owes, and
 * another attempt after each cut. How a connection is made and read is the subclass's part.
 */
export abstract class PersistentClient implements VirtualClient, Sleeper {
  protected readonly session: Session
  /** Ceiling of the first wait after a cut, milliseconds; a server may tell another one. */
  protected firstDelayMs = FIRST_DELAY_MS
  #attempt = 0
  #connectAtNs = NEVER
  #connectedAtNs = NEVER
  /** By when the peer owes us something. */
  #deadlineNs = NEVER
  /** The earliest wake-up that is set, so that moving the deadline sets no second one. */
  #alarmNs = NEVER

  constructor(session: Session) {
    this.session = session
  }

  /** Begins a connection, or the request that needs one. */
  protected abstract dial(): void
  /** Closes at once; nothing that happens on the connection is told any more. */
  protected abstract hangUp(): void
  /** The connection is gone: forget what was half done on it. */
  protected abstract forget(): void
  /** What was owed did not come in time. */
  protected abstract overdue(): void

  start(): void {
    this.connect()
  }

  stop(): void {
    this.#connectAtNs = NEVER
    this.#deadlineNs = NEVER
    this.hangUp()
  }

  /** The peer must send something within so many milliseconds. */
  protected expectWithin(milliseconds: number): void {
    this.#deadlineNs = this.session.alarms.nowNs() + milliseconds * NS_PER_MS
    this.#armDeadline()
  }

  /** Nothing is owed. */
  protected expectNothing(): void {
    this.#deadlineNs = NEVER
  }

  /**
   * The server did its part, so that the next cut starts again with a short wait. That it takes
   * subscriptions is not enough: it may cut each of them.
   */
  protected served(): void {
    // Almost always it is: memory that is not written need not be written back.
    if (this.#attempt !== 0) this.#attempt = 0
  }

  /** A connection stands. */
  protected connected(): void {
    this.#connectedAtNs = this.session.alarms.nowNs()
  }

  /** The connection is gone for a cause: tells it, and tries again later. */
  protected lost(cause: string): void {
    this.#deadlineNs = NEVER
    this.forget()
    const now = this.session.alarms.nowNs()
    if (now - this.#connectedAtNs > LONGEST_DELAY_MS * NS_PER_MS) this.#attempt = 0
    this.#connectedAtNs = NEVER
    const waitMs = backoffMs(this.#attempt++, this.session.random(), this.firstDelayMs)
    this.#connectAtNs = now + waitMs * NS_PER_MS
    this.#arm(this.#connectAtNs)
    // Last, since the session may answer by stopping the client.
    this.session.cut(cause)
  }

  wake(atNs: number): void {
    if (atNs >= this.#alarmNs) this.#alarmNs = NEVER
    const now = this.session.alarms.nowNs()
    if (now >= this.#connectAtNs) this.connect()
    else if (now >= this.#deadlineNs) this.overdue()
    else {
      // An older alarm woke us: what is still awaited may have none of its own.
      this.#arm(this.#connectAtNs)
      this.#armDeadline()
    }
  }

  protected connect(): void {
    this.#connectAtNs = NEVER
    this.dial()
  }

  #armDeadline(): void {
    this.#arm(Math.ceil(this.#deadlineNs / DEADLINE_STEP_NS) * DEADLINE_STEP_NS)
  }

  #arm(atNs: number): void {
    if (atNs >= this.#alarmNs) return
    this.#alarmNs = atNs
    this.session.alarms.set(atNs, this)
  }
}
