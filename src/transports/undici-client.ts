import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import { buildConnector, Client, type Dispatcher } from 'undici'
import { contentCoding, refuseCoding } from '../wire/content-coding.ts'
import { retryAfterMs } from '../wire/retry-after.ts'
import { secureOptions } from '../wire/secure.ts'
import { originOf } from '../wire/socket.ts'
import { WireError } from '../wire/wire-error.ts'
import { countSocket, libraryCause } from './library-engine.ts'
import { PersistentClient } from './reconnecting-client.ts'
import type { Session, Target } from './transport.ts'

/** Above any interval: undici's own 4 s would have a slower poller connect each time. */
const KEEP_ALIVE_MS = 24 * 3_600_000

/** One for all clients with the same time to connect. */
const connectors = new Map<number, ReturnType<typeof buildConnector>>()

/** Over TLS each client has its own, which keeps the client's session for its next connection. */
function connectorOf(target: Target, timeout: number): ReturnType<typeof buildConnector> {
  if (target.secure) return buildConnector({ timeout, ...secureOptions(target) })
  const connector = connectors.get(timeout) ?? buildConnector({ timeout })
  connectors.set(timeout, connector)
  return connector
}

/**
 * The base of the library engine's HTTP clients: an undici Client each, since a Pool would look through
 * all its connections at every request. Attempts after a cut are made as the lean engine makes them.
 */
export abstract class UndiciClient extends PersistentClient implements Dispatcher.DispatchHandler {
  readonly #client: Client
  readonly #target: Target
  protected stopped = false
  #socket: Socket | null = null

  /** @param maxBodyBytes of a response; -1 for a stream that does not end */
  constructor(target: Target, session: Session, maxBodyBytes: number) {
    super(session)
    this.#target = target
    const connect = connectorOf(target, session.pace.timeoutMs)
    this.#client = new Client(originOf(target), {
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      maxResponseSize: maxBodyBytes,
      connect: (options, callback) => {
        connect(options, (...result) => {
          const [error, socket] = result
          if (error === null) {
            countSocket(socket, session.reader)
            this.#socket = socket
            this.connected()
          }
          callback(...result)
        })
      },
    })
  }

  /** A whole response with status 200 has come. */
  abstract onResponseEnd(): void
  abstract onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void

  /**
   * Sends a GET request. The times are the longest without a head, and without a further piece of the
   * body: undici restarts a timer, and sets another one only for another time.
   */
  protected request(
    pathAndQuery: string,
    headers: Readonly<Record<string, string>>,
    headersTimeout: number,
    bodyTimeout: number,
  ): void {
    const { authority, basePath, token, clientKey } = this.#target
    const { key, cookies } = this.session
    this.#client.dispatch(
      {
        method: 'GET',
        path: `${basePath}${pathAndQuery}${clientKey === undefined ? '' : `&${clientKey}=${key}`}`,
        headers: {
          host: authority,
          'user-agent': 'rtbench',
          'accept-encoding': 'identity',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(cookies === '' ? {} : { cookie: cookies }),
          ...headers,
        },
        headersTimeout,
        bodyTimeout,
      },
      this,
    )
  }

  get carriedBytes(): number {
    return (this.#socket?.bytesRead ?? 0) + (this.#socket?.bytesWritten ?? 0)
  }

  protected hangUp(): void {
    this.stopped = true
    this.#client.destroy(null, () => {})
  }

  onRequestStart(): void {
    if (!this.stopped) this.session.requested()
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    // Thrown to undici, which closes the connection and reports it as the request's error.
    const isInterim = status < 200 && status !== 101
    if (isInterim) return
    // A single one is no list to undici.
    for (const field of [headers['set-cookie'] ?? []].flat()) this.session.setCookie(field)
    if (status !== 200) {
      this.retryAfter(retryAfterMs(headers['retry-after'] ?? ''))
      throw new WireError(`http-${status}`, 'not 200')
    }
    // undici undoes none by itself.
    refuseCoding(contentCoding(headers['content-encoding'] ?? ''))
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (!this.stopped) this.lost(libraryCause(error))
  }
}
