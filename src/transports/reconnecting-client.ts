import { NS_PER_MS } from '../measure/clock.ts'
import { type ClientSocket, type Connect, connectWire, type SocketOwner } from '../wire/socket.ts'
import { Tunnel } from '../wire/tunnel.ts'
import { WireError } from '../wire/wire-error.ts'
import { backoffMs } from './backoff.ts'
import type { Session, Sleeper, Target, VirtualClient } from './transport.ts'

/** What the server at a target speaks over one transport: all that its clients keep of it, and share. */
export interface Dialect {
  readonly target: Target
}

/** Makes a dialect once for each target. */
export function perTarget<D extends Dialect>(make: (target: Target) => D): (target: Target) => D {
  const made = new WeakMap<Target, D>()
  return (target) => {
    const dialect = made.get(target) ?? make(target)
    made.set(target, dialect)
    return dialect
  }
}

const NEVER = Number.POSITIVE_INFINITY
/** A connection that has lived for so long was a good one, whatever came on it. */
const LONG_LIFE_MS = 5_000
/** Deadlines are looked at in steps of this, for ten thousand of them in one wake-up. */
const DEADLINE_STEP_NS = 250 * NS_PER_MS

/**
 * The base of the client sides of both engines: a deadline for what the server owes, and another
 * attempt after each cut.
 */
export abstract class PersistentClient implements VirtualClient, Sleeper {
  protected readonly session: Session
  /** The least wait before each attempt, as the server told; 0 where it did not. */
  protected retryMs = 0
  /** The same of the next attempt alone. */
  #retryAfterMs = 0
  #attempt = 0
  #connectAtNs = NEVER
  #connectedAtNs = NEVER
  /** The time by which the peer owes us something. */
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
  /** The peer did not send in time what it owed. */
  protected abstract overdue(): void

  start(): void {
    this.connect()
  }

  stop(): void {
    this.#connectAtNs = NEVER
    this.#deadlineNs = NEVER
    this.hangUp()
  }

  /** Another attempt is to be made. */
  protected get isWaiting(): boolean {
    return this.#connectAtNs !== NEVER
  }

  /** The peer must send something within this time. */
  protected expectWithin(milliseconds: number): void {
    this.#deadlineNs = this.session.alarms.nowNs() + milliseconds * NS_PER_MS
    this.#armDeadline()
  }

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

  protected connected(): void {
    this.#connectedAtNs = this.session.alarms.nowNs()
    this.session.reached()
  }

  /** The server refuses, and said in its answer how long to wait (RFC 9110, section 10.2.3). */
  protected retryAfter(milliseconds: number): void {
    this.#retryAfterMs = milliseconds
  }

  /** The connection is gone: tells it, and tries again later. */
  protected lost(cause: string): void {
    this.#deadlineNs = NEVER
    this.forget()
    const now = this.session.alarms.nowNs()
    if (now - this.#connectedAtNs > LONG_LIFE_MS * NS_PER_MS) this.#attempt = 0
    this.#connectedAtNs = NEVER
    const { pace } = this.session
    const toldMs = Math.max(this.retryMs, this.#retryAfterMs)
    this.#retryAfterMs = 0
    const waitMs = backoffMs(pace.backoff, this.#attempt++, this.session.random(), toldMs)
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
    this.session.dialled()
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

/** The base of the lean client sides: a connection on which a subclass speaks its protocol. */
export abstract class ReconnectingClient<D extends Dialect = Dialect>
  extends PersistentClient
  implements SocketOwner
{
  protected readonly dialect: D
  protected socket: ClientSocket | null = null
  ticket: Buffer | null = null
  readonly #connect: Connect

  constructor(dialect: D, session: Session, connect: Connect = connectWire) {
    super(session)
    this.dialect = dialect
    this.#connect = connect
  }

  /** The connection is open: send the first bytes. */
  protected abstract greet(): void
  /** A WireError thrown here closes the connection. */
  protected abstract read(bytes: Buffer, length: number): void
  /** The peer closed in order; a subclass may find that the answer was not complete. */
  protected finish(): void {}

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
    this.hangUp()
    this.lost(cause)
  }

  protected dial(): void {
    this.expectWithin(this.session.pace.timeoutMs)
    this.socket = this.#connect(this.dialect.target, this.session.reader, this.#owner())
  }

  protected hangUp(): void {
    this.socket?.destroy()
    this.socket = null
  }

  protected overdue(): void {
    this.abandon('timeout')
  }

  get carriedBytes(): number {
    return (this.socket?.bytesRead ?? 0) + (this.socket?.bytesWritten ?? 0)
  }

  get localPort(): number {
    return this.socket?.localPort ?? 0
  }

  break(way: 'rst' | 'fin'): void {
    this.socket?.break(way)
  }

  onConnected(): void {
    this.connected()
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
    const reason = cause ?? this.#endOf()
    // Stopped meanwhile, by what ended with the connection.
    if (this.socket === null) return
    this.socket = null
    if (reason === null) {
      this.expectNothing()
      this.forget()
      this.closedIdle()
    } else this.lost(reason)
  }

  /** Who hears of the connection: itself, once there is a tunnel where it takes one. */
  #owner(): SocketOwner {
    const { tunnel } = this.dialect.target
    return tunnel === undefined ? this : new Tunnel(tunnel, this, () => this.socket)
  }

  /** The fault of a close in order; null where the peer was free to close. */
  #endOf(): string | null {
    try {
      this.finish()
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      return error.code
    }
    return this.idle ? null : 'closed'
  }
}
