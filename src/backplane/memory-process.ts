/** The entry of the memory bus's own process: the path of its socket comes over the process channel. */
import { rmSync } from 'node:fs'
import { beChild } from '../child-process.ts'
import { giveWay, keepToSide } from '../process-settings.ts'
import { MemoryBus } from './memory-bus.ts'
import type { FromBus, ToBus } from './memory-start.ts'

function say(message: FromBus): void {
  process.send?.(message)
}

beChild('bus')
giveWay()
process.on('message', ({ path, folder, processes }: ToBus) => {
  keepToSide('server', processes)
  // Whoever started it may be gone without a word.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  new MemoryBus().listen(path).then(
    () => say({ type: 'listening' }),
    (error: Error) => {
      say({ type: 'failed', message: error.message })
      process.disconnect()
    },
  )
})
