import type { ClientSocket, SocketOwner } from './socket.ts'

/** A refusal is a page, of which the status alone is looked at. */
const MOST_HEAD_BYTES = 16 * 1024
const END = '\r\n\r\n'

/**
 * Asks a forward proxy for a tunnel to the server (RFC 9110, section 9.3.6) before its owner hears of the
 * connection, which is then one to the server.
 */
export class Tunnel implements SocketOwner {
  readonly #to: string
  readonly #owner: SocketOwner
  readonly #socket: () => ClientSocket | null
  /** Null once the tunnel is there. */
  #head: string | null = ''
  #refusal: string | null = null

  /**
   * @param to the server's authority
   * @param socket the connection to the proxy, once there is one
   */
  constructor(to: string, owner: SocketOwner, socket: () => ClientSocket | null) {
    this.#to = to
    this.#owner = owner
    this.#socket = socket
  }

  onConnected(): void {
    this.#socket()?.write(`CONNECT ${this.#to} HTTP/1.1\r\nHost: ${this.#to}\r\n\r\n`)
  }

  onBytes(bytes: Buffer, length: number): void {
    if (this.#head === null) {
      this.#owner.onBytes(bytes, length)
      return
    }
    if (this.#refusal !== null) return
    this.#head += bytes.toString('latin1', 0, length)
    const end = this.#head.indexOf(END)
    if (end < 0) {
      if (this.#head.length > MOST_HEAD_BYTES) this.#refuse('proxy-connect')
      return
    }
    const [, status = ''] = /^HTTP\/1\.[01] (\d{3})/.exec(this.#head) ?? []
    // The server says nothing before it is asked.
    const isEmpty = end + END.length === this.#head.length
    if (!status.startsWith('2') || !isEmpty) {
      this.#refuse(status === '' ? 'proxy-connect' : `proxy-connect-${status}`)
      return
    }
    this.#head = null
    this.#owner.onConnected()
  }

  onClosed(cause: string | null): void {
    this.#owner.onClosed(this.#refusal ?? cause ?? (this.#head === null ? null : 'proxy-connect'))
  }

  #refuse(cause: string): void {
    this.#refusal = cause
    this.#socket()?.break('fin')
  }
}
