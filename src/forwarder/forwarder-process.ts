/** The entry of a forwarder's own process: what it is to do comes over the process channel. */
import { beChild } from '../child-process.ts'
import { giveWay } from '../process-settings.ts'
import { Forwarder } from './forwarder.ts'
import type { FromForwarder, ToForwarder } from './start.ts'

const USAGE_MS = 500

const forwarder = new Forwarder()
const silenced = new Map<number, () => void>()

function say(message: FromForwarder): void {
  if (process.connected) process.send?.(message)
}

beChild('forwarder')
giveWay()
process.on('message', (message: ToForwarder) => {
  switch (message.type) {
    case 'start':
      forwarder.listen(message.upstreams).then(
        (ports) => say({ type: 'listening', ports }),
        (error: Error) => say({ type: 'failed', message: error.message }),
      )
      setInterval(() => {
        const { user, system } = process.cpuUsage()
        say({ type: 'usage', cpuUs: user + system })
      }, USAGE_MS)
      break
    case 'silence': {
      silenced.set(message.id, forwarder.silence(message.what).restore)
      say({ type: 'silenced', id: message.id })
      break
    }
    case 'restore':
      silenced.get(message.id)?.()
      silenced.delete(message.id)
      break
  }
})
