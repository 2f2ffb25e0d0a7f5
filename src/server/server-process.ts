/**
 * The entry of a server instance started by a run: options come over the process channel, the port
 * goes back, and the end of the channel is the end of the process, however its parent went.
 */
import { beChild } from '../child-process.ts'
import { type ServerOptions, startServer } from './reference-server.ts'

/** What an instance says to its parent. */
export type ServerMessage =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'failed'; readonly message: string }

function say(message: ServerMessage): void {
  process.send?.(message)
}

beChild('server')
process.once('message', (options: ServerOptions) => {
  startServer(options).then(
    (server) => {
      say({ type: 'listening', port: server.port })
      process.once('SIGTERM', () => {
        void server.drain().then(() => process.exit(0))
      })
    },
    (error: Error) => {
      say({ type: 'failed', message: error.message })
      process.disconnect()
    },
  )
})
