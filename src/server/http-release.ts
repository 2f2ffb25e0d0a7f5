import type { Server } from 'node:http'
import type { Visit } from '../transports/server-side.ts'

/**
 * Lets go of what Node's HTTP server keeps of a request while its response lasts, which for a stream
 * is as long as the connection: 2.5 KiB each of request, response and headers. To the server the
 * response is over, though nothing marks its end on the wire; the rest is written by whoever takes
 * the connection.
 *
 * A client that wants the connection closed after the response keeps everything: Node would close
 * it now.
 */
export function releaseHttp({ request, response }: Visit, server: Server): void {
  if (!response.shouldKeepAlive || response.writableEnded) return
  request.resume()
  // An idle kept connection is closed after a while; this one is not idle. To take the timer back
  // would leave it where each write looks after it.
  const { keepAliveTimeout } = server
  server.keepAliveTimeout = 0
  // The one thing that Node's server listens to for the end of a response.
  response.emit('finish')
  server.keepAliveTimeout = keepAliveTimeout
}
