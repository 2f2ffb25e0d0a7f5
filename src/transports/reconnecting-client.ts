import { NS_PER_MS } from '../measure/clock.ts'
import { backoffMs, FIRST_DELAY_MS, LONGEST_DELAY_MS } from '../wire/backoff.ts'
import { type SocketOwner, WireSocket } from '../wire/socket.ts'
import { WireError } from '../wire/wire-error.ts'
import type { Session, Sleeper, Target, VirtualClient } from './client-side.ts'

const NEVER = Number.POSITIVE_INFINITY
/** Deadlines are looked at in steps of this, for ten thousand of them in one wake-up. */
const DEADLINE_STEP_NS = 250 * NS_PER_MS

/**
 * What the client sides have in common: one connection that is opened, watched by a deadline and
 * opened again after a cut. A subclass speaks its protocol on it.
 */
export abstract class ReconnectingClient implements VirtualClient, SocketOwner, Sleeper {
  protected readonly target: Target
  protected readonly session: Session
  protected socket: WireSocket | null = null
  /** Ceiling of the first wait after a cut, milliseconds; a server may tell another one. */
  protected firstDelayMs = FIRST_DELAY_MS
  #attempt = 0
  #connectAtNs = NEVER
  #connectedAtNs = NEVER
  /** By when the peer owes us something. */
  #deadlineNs = NEVER
  /** The earliest wake-up that is set, so that moving the deadline sets no second one. */
  #alarmNs = NEVER

  constructor(target: Target, session: Session) {
    this.target = target
    this.session = session
  }

  /** The connection is open: send the first bytes. */
  protected abstract greet(): void
  /** Bytes came; a WireError thrown here closes the connection. */
  protected abstract read(bytes: Buffer, length: number): void
  /** The connection is gone: forget what was half done on it. */
  protected abstract forget(): void
  /** The peer closed in order; a subclass may find that the answer was not complete. */
  protected finish(): void {}

  start(): void {
    this.connect()
  }

  stop(): void {
    this.#connectAtNs = NEVER
    this.#deadlineNs = NEVER
    this.socket?.destroy()
    this.socket = null
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
    this.#attempt = 0
  }

  /** What was owed did not come in time. */
  protected overdue(): void {
    this.abandon('timeout')
  }

  /** The peer may close the connection in order: it owes nothing, nor do we. */
  protected get idle(): boolean {
    return false
  }

  /** It closed the idle connection: the subclass connects when it needs one. */
  protected closedIdle(): void {}

  /** Closes the connection for a cause and tries again later. */
  protected abandon(cause: string): void {
    // Stopped meanwhile, in a callback: nothing is to be tried again.
    if (this.socket === null) return
    this.socket.destroy()
    this.#lost(cause)
  }

  onConnected(): void {
    this.#connectedAtNs = this.session.alarms.nowNs()
    this.greet()
  }

  onBytes(bytes: Buffer, length: number): void {
    try {
      this.read(bytes, length)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      this.abandon(error.code)
    }
  }

  onClosed(cause: string | null): void {
    if (cause === null && this.idle) {
      this.socket = null
      this.forget()
      this.closedIdle()
      return
    }
    let reason = cause ?? 'closed'
    try {
      if (cause === null) this.finish()
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      reason = error.code
    }
    this.#lost(reason)
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
    this.expectWithin(this.session.pace.timeoutMs)
    this.socket = new WireSocket(this.target, this.session.reader, this)
  }

  #lost(cause: string): void {
    this.socket = null
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

  #armDeadline(): void {
    this.#arm(Math.ceil(this.#deadlineNs / DEADLINE_STEP_NS) * DEADLINE_STEP_NS)
  }

  #arm(atNs: number): void {
    if (atNs >= this.#alarmNs) return
    this.#alarmNs = atNs
    this.session.alarms.set(atNs, this)
  }
}
