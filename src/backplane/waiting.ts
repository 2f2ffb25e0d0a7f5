import type { BusMessage } from './backplane.ts'

/** How long what is published waits for a bus that cannot be reached, milliseconds. */
export const WAIT_MS = 4_000
/** The most that waits at one instance; a single call may be larger. */
const MOST = { events: 20_000, bytes: 32 * 1024 * 1024 }

/** Bounds what waits for a bus, by the number of events and by their bytes. */
export class WaitingRoom {
  #events = 0
  #bytes = 0

  /** @throws Error where there is no room */
  enter(messages: readonly BusMessage[]): void {
    const bytes = bytesOf(messages)
    const isOver = this.#events + messages.length > MOST.events || this.#bytes + bytes > MOST.bytes
    if (isOver && this.#events > 0) throw new Error('too many events wait for the bus already')
    this.#events += messages.length
    this.#bytes += bytes
  }

  /** Of who has entered, once. */
  leave(messages: readonly BusMessage[]): void {
    this.#events -= messages.length
    this.#bytes -= bytesOf(messages)
  }
}

/** A call of `publish` that waits. */
interface Waiter {
  readonly messages: readonly BusMessage[]
  readonly sinceMs: number
  readonly timer: NodeJS.Timeout
  readonly resolve: (taken: Promise<void>) => void
  readonly reject: (error: Error) => void
}

/**
 * What is published while a bus cannot be reached: it waits, in the order of the calls, and nothing of it
 * has been handed to a bus, so that what is refused was not taken.
 */
export class Waiting {
  readonly #room = new WaitingRoom()
  readonly #waiters = new Set<Waiter>()

  /**
   * Resolves when it was handed over and taken.
   * @param refusal why it is refused when the bus does not come back in time, or there is no room
   */
  add(messages: readonly BusMessage[], refusal: (why: string) => Error): Promise<void> {
    return new Promise((resolve, reject) => {
      try {
        this.#room.enter(messages)
      } catch (error) {
        reject(refusal((error as Error).message))
        return
      }
      const timer = setTimeout(() => {
        this.#remove(waiter)
        reject(refusal(`it did not come back within ${WAIT_MS / 1_000} s`))
      }, WAIT_MS)
      const waiter = { messages, sinceMs: performance.now(), timer, resolve, reject }
      this.#waiters.add(waiter)
    })
  }

  /** The bus is there: hands all over, at once and in order. */
  handOver(publish: (messages: readonly BusMessage[], waitedMs: number) => Promise<void>): void {
    const now = performance.now()
    for (const waiter of this.#waiters) {
      this.#remove(waiter)
      waiter.resolve(publish(waiter.messages, now - waiter.sinceMs))
    }
  }

  refuse(error: Error): void {
    for (const waiter of this.#waiters) {
      this.#remove(waiter)
      waiter.reject(error)
    }
  }

  #remove(waiter: Waiter): void {
    clearTimeout(waiter.timer)
    this.#waiters.delete(waiter)
    this.#room.leave(waiter.messages)
  }
}

function bytesOf(messages: readonly BusMessage[]): number {
  return messages.reduce((sum, { data }) => sum + Buffer.byteLength(data), 0)
}
