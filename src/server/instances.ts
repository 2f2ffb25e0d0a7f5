import type { ChildProcess } from 'node:child_process'
import { z } from 'zod'
import { startMemoryBus } from '../backplane/memory-start.ts'
import { openBackplane } from '../backplane/registry.ts'
import { ended, firstMessage, hear, startAll, startModule } from '../child-process.ts'
import { RtbenchError } from '../error.ts'
import { type BusForwarder, forwardBus } from './bus-forwarder.ts'
import { freeze } from './freezing.ts'
import type { BusMembership, ServerOptions } from './reference-server.ts'

const PATIENCE_MS = 5_000

const fromServer = z.discriminatedUnion('type', [
  z.object({ type: z.literal('listening'), ports: z.array(z.int().min(1)).min(1) }),
  z.object({ type: z.literal('failed'), message: z.string() }),
  z.object({ type: z.literal('leaving'), clients: z.int().min(0) }),
])

/** A message of an instance to its parent. */
export type FromServer = z.infer<typeof fromServer>

/** A message to an instance; `stop` drains it and ends it, `leave` only sends its clients away. */
export type ToServer =
  | {
      readonly type: 'start'
      readonly options: ServerOptions
      /** That serve together, a bus of their own among them. */
      readonly processes: number
    }
  | { readonly type: 'leave'; readonly withinMs: number }
  | { readonly type: 'stop' }

export type Instances = Awaited<ReturnType<typeof startInstances>> & {
  /** Null where nothing connects them that is theirs. */
  readonly bus: OwnBus | null
}

/** What can be done to the bus of instances. */
interface OwnBus {
  /** Kills it, and starts it again after a while; null where somebody else started it. */
  readonly restart: ((downMs: number) => Promise<void>) | null
  /** Parts an instance from it until the answer is called; null where no forwarder stands before it. */
  readonly part: ((instance: number) => Promise<() => void>) | null
}

/** What is to connect instances: `memory`, `none` or a bus's URL. */
export interface Connecting extends Pick<BusMembership, 'namespace' | 'routing'> {
  readonly backplane: string
  /** The namespace is theirs alone: the bus keeps nothing of it when they have stopped. */
  readonly isOwner?: boolean
  /** A forwarder is to stand between each of them and the bus, so that one can be parted from it. */
  readonly isPartable?: boolean
}

/** As {@link startInstances}, on a bus: with `memory` on one that is started with them, if they are several. */
export async function startConnected(
  count: number,
  options: ServerOptions,
  { backplane, isOwner = false, isPartable = false, ...membership }: Connecting,
  ports?: readonly number[],
): Promise<Instances> {
  if (backplane === 'none' || (backplane === 'memory' && count === 1)) {
    const alone = await startInstances(count, { ...options, bus: null }, ports)
    return { ...alone, bus: null }
  }
  const own = backplane === 'memory' ? await startMemoryBus(processesOf(count)) : null
  const url = own?.url ?? backplane
  // Before all of them and after: a bus that cannot be used is told of at once, and what killed ones left goes too.
  const owner =
    own === null && isOwner
      ? await openBackplane(url, { ...membership, retain: options.logSize, isOwner })
      : null
  let between: BusForwarder | null = null
  const end = async (): Promise<void> => {
    await owner?.close()
    await between?.stop()
    await own?.stop()
  }
  try {
    between = isPartable ? await forwardBus(url, count) : null
    const urls = between?.urls
    const instances = await startInstances(
      count,
      (index) => ({ ...options, bus: { ...membership, url: urls?.[index] ?? url } }),
      ports,
    )
    const stop = async (hurry?: AbortSignal): Promise<void> => {
      await instances.stop(hurry)
      await end()
    }
    const bus = {
      restart: own === null ? null : (downMs: number) => own.restart(downMs),
      part: between?.part ?? null,
    }
    return { ...instances, stop, bus }
  } catch (error) {
    await end()
    throw error
  }
}

/**
 * Starts so many server instances in processes of their own; when one cannot, none is left.
 * @param options of all, or of each by its index
 * @param ports one for each; by default that of the options
 */
export async function startInstances(
  count: number,
  options: ServerOptions | ((index: number) => ServerOptions),
  ports: readonly number[] = [],
) {
  const start = (): ChildProcess => startModule('server-process', import.meta.url)
  const optionsOf = (index: number): ServerOptions =>
    typeof options === 'function' ? options(index) : options
  const children = startAll(count, start)
  let stopping = false
  /** Processes that were ended on purpose. */
  const killed = new WeakSet<ChildProcess>()
  const losses: (() => void)[] = []
  const watch = (child: ChildProcess): void => {
    child.once('exit', () => {
      if (stopping || killed.has(child)) return
      for (const tell of losses) tell()
    })
  }
  /** Drains all, no more as soon as `hurry` is aborted; resolves when every process is gone. */
  const stop = async (hurry?: AbortSignal): Promise<void> => {
    stopping = true
    for (const child of children) tellTo(child, { type: 'stop' })
    await Promise.all(children.map((child) => ended(child, PATIENCE_MS, hurry)))
  }
  try {
    const allPorts = await Promise.all(
      children.map((child, index) => {
        const own = optionsOf(index)
        return listening(child, { ...own, port: ports[index] ?? own.port }, processesOf(count))
      }),
    )
    for (const child of children) watch(child)
    return {
      /** The first port of each. */
      ports: allPorts.map(([first = 0]) => first),
      allPorts,
      /** Tells of an instance that ends before it was told to. */
      onLost(tell: () => void): void {
        losses.push(tell)
      },
      stop,
      /** Ends an instance at once, as a crash does; resolves when it is gone. */
      async kill(index: number): Promise<void> {
        const child = children[index]
        if (child === undefined) return
        killed.add(child)
        child.kill('SIGKILL')
        await ended(child, PATIENCE_MS)
      },
      /** Starts it again, at the same ports. */
      async revive(index: number): Promise<void> {
        if (stopping) return
        const child = start()
        children[index] = child
        const samePorts = allPorts[index] ?? []
        const own = { ...optionsOf(index), port: samePorts[0] ?? 0, samePorts }
        await listening(child, own, processesOf(count))
        watch(child)
        if (stopping) tellTo(child, { type: 'stop' })
      },
      /** Stops an instance's process, until the answer is called or this process is gone. */
      freeze(index: number): () => void {
        const child = children[index]
        const isThere = child?.exitCode === null && child.signalCode === null
        return isThere && child.pid !== undefined ? freeze([child.pid]) : () => {}
      },
      /** Sends an instance's clients away, spread over a time; resolves with how many it holds. */
      leave(index: number, withinMs: number): Promise<number> {
        const child = children[index]
        if (child === undefined) return Promise.resolve(0)
        return new Promise((resolve) => {
          const stopHearing = hear<FromServer>(child, {
            name: 'server',
            isMessage: isFromServer,
            onMessage: (message) => {
              if (message.type !== 'leaving') return
              stopHearing()
              resolve(message.clients)
            },
            onNonsense: () => resolve(0),
          })
          child.once('exit', () => resolve(0))
          tellTo(child, { type: 'leave', withinMs })
        })
      },
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

function isFromServer(said: unknown): said is FromServer {
  return fromServer.safeParse(said).success
}

async function listening(
  child: ChildProcess,
  options: ServerOptions,
  processes: number,
): Promise<readonly number[]> {
  tellTo(child, { type: 'start', options, processes })
  const message = await firstMessage(child, 'server', isFromServer)
  if (message.type === 'listening') return message.ports
  const why = message.type === 'failed' ? message.message : 'it says nothing of its ports'
  throw new RtbenchError('cannot-run', `the server could not start: ${why}`)
}

function tellTo(child: ChildProcess, message: ToServer): void {
  if (child.connected) child.send(message, () => {})
}
