import { ended, firstMessage, startModule } from '../child-process.ts'
import type { FromEcho, ToEcho } from './echo-process.ts'

/**
 * What a bare echo takes on this machine: how fast it is at what a measurement asks of it, whatever
 * is measured. Two states of one machine are told apart by it.
 */
export interface Echo {
  /** From the first write of a burst of small messages to the last answer, the median; microseconds. */
  readonly burstUs: number
  /** CPU time of both ends for each message, microseconds. */
  readonly cpuUsPerMessage: number
}

/** How long an end may take to go. */
const PATIENCE_MS = 1_000

/**
 * Measures it by two fresh processes over loopback, in about half a second. Never throws: null where
 * that cannot be done.
 */
export async function measureEcho(): Promise<Echo | null> {
  const started: ReturnType<typeof startModule>[] = []
  const say = (told: ToEcho): Promise<FromEcho> => {
    const child = startModule('echo-process', import.meta.url)
    started.push(child)
    child.send(told)
    return firstMessage<FromEcho>(child, 'echo')
  }
  try {
    const answering = await say({ role: 'answer' })
    if (!('port' in answering)) return null
    const echo = await say({ role: 'ask', port: answering.port })
    return 'port' in echo ? null : echo
  } catch {
    return null
  } finally {
    for (const child of started) if (child.connected) child.disconnect()
    await Promise.all(started.map((child) => ended(child, PATIENCE_MS)))
  }
}
