/** A server of known latency in a process of its own, and what it says of the events it served. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { ended, firstMessage, startModule } from '../../child-process.ts'
import type { LatencyName } from './known-latency.conformance.ts'
import type { Precedence } from './precedence.conformance.ts'

const PATIENCE_MS = 5_000

/** One event as the server had it; times are nanoseconds of the monotonic clock. */
export interface ServedEvent {
  /** As its mark says; 0 for one without a mark. */
  readonly run: number
  readonly channel: number
  readonly sequence: number
  /** When its publisher wanted it sent. */
  readonly intendedAtNs: number
  /** When the last packet of its publish had been read. */
  readonly readAtNs: number
  readonly takesMs: number
  /** When it ought to have been written. */
  readonly dueAtNs: number
  /** When its write began. */
  readonly writtenAtNs: number
}

export type ToKnownServer =
  | { readonly type: 'start'; readonly latency: LatencyName; readonly seed: number }
  | { readonly type: 'take' }
export type FromKnownServer =
  | { readonly type: 'listening'; readonly port: number; readonly precedence: Precedence }
  | { readonly type: 'served'; readonly events: readonly ServedEvent[] }

function isFromKnownServer(message: unknown): message is FromKnownServer {
  return typeof message === 'object' && message !== null && 'type' in message
}

export interface KnownServer {
  readonly port: number
  readonly precedence: Precedence
  /** What was served since the last time, in the order in which it was written. */
  take(): Promise<readonly ServedEvent[]>
  stop(): Promise<void>
}

export async function startKnownServer(latency: LatencyName, seed: number): Promise<KnownServer> {
  const child = startModule('known-server-process.conformance', import.meta.url)
  tell(child, { type: 'start', latency, seed })
  const message = await firstMessage(child, 'server of known latency', isFromKnownServer)
  if (message.type !== 'listening') throw new Error(`it said ${message.type} first`)
  return {
    port: message.port,
    precedence: message.precedence,
    async take() {
      tell(child, { type: 'take' })
      const [answer] = (await once(child, 'message')) as [FromKnownServer]
      return answer.type === 'served' ? answer.events : []
    },
    async stop() {
      child.disconnect()
      await ended(child, PATIENCE_MS)
    },
  }
}

function tell(child: ChildProcess, message: ToKnownServer): void {
  child.send(message)
}

/** The scenario's part that says how to speak to it. */
export function knownTarget(port: number): object {
  return {
    url: `http://127.0.0.1:${port}`,
    target: {
      publish: {
        path: '/publish/{channel}',
        headers: { 'Content-Type': 'text/plain' },
        body: '{data}',
        accepted: 202,
      },
      sse: { path: '/sse/{channel}' },
      websocket: { path: '/ws/{channel}', subscribe: null },
    },
  }
}
