/** The entry of a server instance started by a run: options come over the process channel, ports go back. */
import { beChild } from '../child-process.ts'
import { giveWay, keepToSide } from '../process-settings.ts'
import type { FromServer, ToServer } from './instances.ts'
import { type RunningServer, startServer } from './reference-server.ts'

let server: RunningServer | null = null

function say(message: FromServer): void {
  process.send?.(message)
}

beChild('server')
giveWay()
process.on('message', (message: ToServer) => {
  if (message.type === 'start') {
    keepToSide('server', message.processes)
    startServer(message.options).then(
      (started) => {
        server = started
        say({ type: 'listening', ports: server.ports })
      },
      (error: Error) => {
        say({ type: 'failed', message: error.message })
        process.disconnect()
      },
    )
  } else if (message.type === 'leave') {
    say({ type: 'leaving', clients: server?.leave(message.withinMs) ?? 0 })
  } else if (server === null) process.exit(0)
  else void server.drain().then(() => process.exit(0))
})
