import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ended, firstMessage, startModule } from '../child-process.ts'
import { RtbenchError } from '../error.ts'

/** A message to the bus's process: where its socket is to be, and the folder that goes with it. */
export interface ToBus {
  readonly path: string
  readonly folder: string
  /** That serve together. */
  readonly processes: number
}

export type FromBus =
  | { readonly type: 'listening' }
  | { readonly type: 'failed'; readonly message: string }

export interface MemoryBusProcess {
  /** Of the backplane that its members open. */
  readonly url: string
  /** Of the process that serves now. */
  readonly pid: number
  /** Kills it, with all that it has, and starts it again after a while; resolves when it serves. */
  restart(downMs: number): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts the memory bus in a process of its own. One that ends by itself is started again on the same
 * socket, with an empty store.
 * @param processes that serve together, itself among them
 */
export async function startMemoryBus(processes = 1): Promise<MemoryBusProcess> {
  const folder = makeFolder()
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  let isStopping = false
  /** How long it is to be away when it ends. */
  let downMs = 0
  let child: ChildProcess | null = null
  let starting: Promise<void> = Promise.resolve()
  const path =
    process.platform === 'win32'
      ? `\\\\.\\pipe\\rtbench-bus-${randomBytes(8).toString('hex')}`
      : join(folder, 'bus')
  const start = async (): Promise<void> => {
    if (isStopping) return
    rmSync(path, { force: true })
    const started = startModule('memory-process', import.meta.url)
    child = started
    started.send({ path, folder, processes } satisfies ToBus, () => {})
    const message = await firstMessage(started, 'bus', isFromBus)
    if (message.type === 'failed') {
      throw new RtbenchError('cannot-run', `the bus could not start: ${message.message}`)
    }
    started.once('exit', () => {
      const awayMs = downMs
      downMs = 0
      if (!isStopping)
        starting = sleep(awayMs)
          .then(start)
          .catch(() => {})
    })
  }
  const restart = async (awayMs: number): Promise<void> => {
    const killed = child
    if (killed === null || isStopping) return
    downMs = awayMs
    const isGone = new Promise((resolve) => killed.once('exit', resolve))
    killed.kill('SIGKILL')
    await isGone
    await starting
  }
  const stop = async (): Promise<void> => {
    isStopping = true
    await starting
    child?.kill('SIGKILL')
    if (child !== null) await ended(child, 0)
    process.off('exit', remove)
    remove()
  }
  try {
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url: `memory://${path}`,
    get pid() {
      return child?.pid ?? 0
    },
    restart,
    stop,
  }
}

function makeFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'rtbench-bus-'))
  } catch (error) {
    const text = `no folder for the bus's socket could be made in ${tmpdir()}: ${(error as Error).message}; set TMPDIR to one that can be written to`
    throw new RtbenchError('cannot-run', text, error)
  }
}

function isFromBus(said: unknown): said is FromBus {
  const { type } = (said ?? {}) as Partial<FromBus>
  return type === 'listening' || type === 'failed'
}
