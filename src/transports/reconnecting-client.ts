import { type SocketOwner, WireSocket } from '../wire/socket.ts'
import { WireError } from '../wire/wire-error.ts'
import type { Session } from './client-side.ts'
import type { Dialect } from './dialect.ts'
import { PersistentClient } from './persistent-client.ts'

/**
 * What the lean client sides have in common: one connection that is opened, watched by a deadline
 * and opened again after a cut. A subclass speaks its protocol on it.
 */
export abstract class ReconnectingClient<D extends Dialect = Dialect>
  extends PersistentClient
  implements SocketOwner
{
  protected readonly dialect: D
  protected socket: WireSocket | null = null

  constructor(dialect: D, session: Session) {
    super(session)
    this.dialect = dialect
  }

  /** The connection is open: send the first bytes. */
  protected abstract greet(): void
  /** Bytes came; a WireError thrown here closes the connection. */
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
    this.socket = new WireSocket(this.dialect.target, this.session.reader, this)
  }

  protected hangUp(): void {
    this.socket?.destroy()
    this.socket = null
  }

  protected overdue(): void {
    this.abandon('timeout')
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

  /** What is wrong with a close in order; null where the peer was free to close. */
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
