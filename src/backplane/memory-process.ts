/** The entry of the memory bus's own process: the path of its socket comes over the process channel. */
import { beChild } from '../child-process.ts'
import { giveWay, keepToSide } from '../process-settings.ts'
import { MemoryBus } from './memory-bus.ts'
import type { FromBus, ToBus } from './memory-start.ts'

function say(message: FromBus): void {
  process.send?.(message)
}

beChild('bus')
giveWay()
keepToSide('server')
process.on('message', ({ path }: ToBus) => {
  new MemoryBus().listen(path).then(
    () => say({ type: 'listening' }),
    (error: Error) => {
      say({ type: 'failed', message: error.message })
      process.disconnect()
    },
  )
})
