import type { ChildProcess } from 'node:child_process'
import { ended, firstMessage, hear, startModule } from '../child-process.ts'
import { RtbenchError } from '../error.ts'
import type { Silenced, Upstream } from './forwarder.ts'

export type ToForwarder =
  | { readonly type: 'start'; readonly upstreams: readonly Upstream[] }
  | { readonly type: 'silence'; readonly id: number; readonly what: Silenced }
  | { readonly type: 'restore'; readonly id: number }

export type FromForwarder =
  | { readonly type: 'listening'; readonly ports: readonly number[] }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'silenced'; readonly id: number }
  | { readonly type: 'usage'; readonly cpuUs: number }

/** A forwarder that runs in a process of its own. */
export class RunningForwarder {
  /** Before each upstream; 0 before a path. */
  readonly ports: readonly number[]
  /** Processor time that it has taken, as it said last, microseconds. */
  cpuUs = 0
  readonly #child: ChildProcess
  readonly #awaited = new Map<number, () => void>()
  #last = 0

  private constructor(child: ChildProcess, ports: readonly number[]) {
    this.ports = ports
    this.#child = child
    hear(child, {
      name: 'forwarder',
      isMessage: isFromForwarder,
      onMessage: (message) => {
        if (message.type === 'usage') this.cpuUs = message.cpuUs
        if (message.type === 'silenced') this.#awaited.get(message.id)?.()
      },
      onNonsense: () => {},
    })
    child.once('exit', () => {
      for (const tell of this.#awaited.values()) tell()
    })
  }

  static async start(upstreams: readonly Upstream[]): Promise<RunningForwarder> {
    const child = startModule('forwarder-process', import.meta.url)
    child.send({ type: 'start', upstreams } satisfies ToForwarder, () => {})
    try {
      const message = await firstMessage(child, 'forwarder', isFromForwarder)
      if (message.type === 'listening') return new RunningForwarder(child, message.ports)
      const why = message.type === 'failed' ? message.message : 'it says nothing of its ports'
      throw new RtbenchError('cannot-run', `the forwarder could not start: ${why}`)
    } catch (error) {
      await ended(child, 0)
      throw error
    }
  }

  /** Resolves, when they are silent, with what lets them speak again. */
  async silence(what: Silenced): Promise<() => void> {
    const id = ++this.#last
    await new Promise<void>((resolve) => {
      this.#awaited.set(id, resolve)
      this.#tell({ type: 'silence', id, what })
      if (!this.#child.connected) resolve()
    })
    this.#awaited.delete(id)
    return () => this.#tell({ type: 'restore', id })
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL')
    await ended(this.#child, 0)
  }

  #tell(message: ToForwarder): void {
    if (this.#child.connected) this.#child.send(message, () => {})
  }
}

function isFromForwarder(said: unknown): said is FromForwarder {
  const { type } = (said ?? {}) as Partial<FromForwarder>
  return ['listening', 'failed', 'silenced', 'usage'].includes(type ?? '')
}
