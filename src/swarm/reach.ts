import { connect } from 'node:net'
import { RtbenchError } from '../error.ts'
import { writeDuration } from '../scenario/units.ts'
import type { Target } from '../transports/transport.ts'

const PATIENCE_MS = 3_000

/** Resolves when something accepts connections at a target; throws what to do otherwise. */
export async function assertReachable({ host, port, authority, basePath }: Target): Promise<void> {
  const cause = await new Promise<string | null>((resolve) => {
    const socket = connect({ host, port, timeout: PATIENCE_MS })
    const end = (why: string | null): void => {
      socket.destroy()
      resolve(why)
    }
    socket.once('connect', () => end(null))
    socket.once('timeout', () => end(`no answer within ${writeDuration(PATIENCE_MS)}`))
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.name))
  })
  if (cause === null) return
  throw new RtbenchError(
    'cannot-run',
    `no server answers at ${authority}${basePath} (${cause}); is it running?`,
  )
}
