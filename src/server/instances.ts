import type { ChildProcess } from 'node:child_process'
import { z } from 'zod'
import { startMemoryBus } from '../backplane/memory-start.ts'
import { openBackplane } from '../backplane/registry.ts'
import { ended, firstMessage, startAll, startModule } from '../child-process.ts'
import { RtbenchError } from '../error.ts'
import type { BusMembership, ServerOptions } from './reference-server.ts'

const PATIENCE_MS = 5_000

const fromServer = z.discriminatedUnion('type', [
  z.object({ type: z.literal('listening'), ports: z.array(z.int().min(1)).min(1) }),
  z.object({ type: z.literal('failed'), message: z.string() }),
])

/** A message of an instance to its parent. */
export type FromServer = z.infer<typeof fromServer>

/** A message to an instance; `stop` drains it and ends it. */
export type ToServer =
  | {
      readonly type: 'start'
      readonly options: ServerOptions
      /** That serve together, a bus of their own among them. */
      readonly processes: number
    }
  | { readonly type: 'stop' }

export type Instances = Awaited<ReturnType<typeof startInstances>>

/** What is to connect instances: `memory`, `none` or a bus's URL. */
export interface Connecting extends Pick<BusMembership, 'namespace' | 'routing'> {
  readonly backplane: string
  /** The namespace is theirs alone: the bus keeps nothing of it when they have stopped. */
  readonly isOwner?: boolean
}

/** As {@link startInstances}, on a bus: with `memory` on one that is started with them, if they are several. */
export async function startConnected(
  count: number,
  options: ServerOptions,
  { backplane, isOwner = false, ...membership }: Connecting,
  ports?: readonly number[],
): Promise<Instances> {
  if (backplane === 'none' || (backplane === 'memory' && count === 1)) {
    return startInstances(count, { ...options, bus: null }, ports)
  }
  const own = backplane === 'memory' ? await startMemoryBus(processesOf(count)) : null
  const url = own?.url ?? backplane
  // Before all of them and after: a bus that cannot be used is told of at once, and what killed ones left goes too.
  const owner =
    own === null && isOwner
      ? await openBackplane(url, { ...membership, retain: options.logSize, isOwner })
      : null
  const end = async (): Promise<void> => {
    await owner?.close()
    await own?.stop()
  }
  try {
    const instances = await startInstances(
      count,
      { ...options, bus: { ...membership, url } },
      ports,
    )
    const stop = async (hurry?: AbortSignal): Promise<void> => {
      await instances.stop(hurry)
      await end()
    }
    return { ...instances, stop }
  } catch (error) {
    await end()
    throw error
  }
}

/**
 * Starts so many server instances in processes of their own; when one cannot, none is left.
 * @param ports one for each; by default that of the options
 */
export async function startInstances(
  count: number,
  options: ServerOptions,
  ports: readonly number[] = [],
) {
  const children = startAll(count, () => startModule('server-process', import.meta.url))
  let stopping = false
  /** Drains all, no more as soon as `hurry` is aborted; resolves when every process is gone. */
  const stop = async (hurry?: AbortSignal): Promise<void> => {
    stopping = true
    for (const child of children) tellTo(child, { type: 'stop' })
    await Promise.all(children.map((child) => ended(child, PATIENCE_MS, hurry)))
  }
  try {
    const allPorts = await Promise.all(
      children.map((child, index) =>
        listening(child, { ...options, port: ports[index] ?? options.port }, processesOf(count)),
      ),
    )
    return {
      /** The first port of each. */
      ports: allPorts.map(([first = 0]) => first),
      allPorts,
      /** Tells of an instance that ends before it was told to. */
      onLost(tell: () => void): void {
        for (const child of children) {
          child.once('exit', () => {
            if (!stopping) tell()
          })
        }
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Of so many instances: several have a bus. */
function processesOf(count: number): number {
  return count === 1 ? 1 : count + 1
}

async function listening(
  child: ChildProcess,
  options: ServerOptions,
  processes: number,
): Promise<readonly number[]> {
  tellTo(child, { type: 'start', options, processes })
  const isFromServer = (said: unknown): said is FromServer => fromServer.safeParse(said).success
  const message = await firstMessage(child, 'server', isFromServer)
  if (message.type === 'listening') return message.ports
  throw new RtbenchError('cannot-run', `the server could not start: ${message.message}`)
}

function tellTo(child: ChildProcess, message: ToServer): void {
  if (child.connected) child.send(message, () => {})
}
