import { longPoll } from './long-poll/index.ts'
import { shortPoll } from './short-poll/index.ts'
import { sse } from './sse/index.ts'
import type { Transport } from './transport.ts'
import { websocket } from './websocket/index.ts'

/** Every transport, in the order of the comparison table. */
export const transports: readonly Transport[] = [shortPoll, longPoll, sse, websocket]

/** The transport of this name; a name that passed the scenario's check is always here. */
export function transportNamed(name: string): Transport {
  const found = transports.find((transport) => transport.name === name)
  if (found === undefined) throw new Error(`no transport is named ${name}`)
  return found
}
