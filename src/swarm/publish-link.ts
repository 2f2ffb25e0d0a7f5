import type { Client, Dispatcher } from 'undici'
import type { Target } from '../transports/transport.ts'
import { controlClient, controlHeaders } from './control.ts'

/** Bytes of a request from which on it is sent: far below what a server refuses. */
const FULL_BATCH_BYTES = 256 * 1024
/**
 * Requests without an answer, from which on events are gathered until one comes. A server that
 * stood still shall find events when it goes on, not one request for each wake-up of ours: taking
 * thousands of requests in would last, and be told as a part of the standstill. A server that is far
 * away comes to it, too: at 100 ms events are gathered for 3 ms at most.
 */
const MAX_OUTSTANDING = 32

/** Events that are sent in one request. */
interface Batch {
  readonly bodies: string[]
  bytes: number
  /** Events that are counted. */
  counted: number
}

/** The publisher's connection to one server instance: gathers events and sends them in batches. */
export class PublishLink {
  readonly #client: Client
  readonly #path: string
  readonly #headers: Record<string, string>
  /** Not sent yet; the last one takes what is added. */
  readonly #batches: Batch[] = []
  outstanding = 0
  /** Counted events that were accepted. */
  accepted = 0
  /** Counted events that were not. */
  dropped = 0
  /** Counted events of which nothing is known yet. */
  unanswered = 0

  constructor(target: Target) {
    this.#client = controlClient(target)
    this.#path = `${target.basePath}/publish`
    this.#headers = { ...controlHeaders(target), 'content-type': 'application/json' }
  }

  add(body: string, counted: boolean): void {
    const batch = this.#openBatch()
    batch.bodies.push(body)
    batch.bytes += body.length
    if (counted) {
      batch.counted++
      this.unanswered++
    }
    if (batch.bytes >= FULL_BATCH_BYTES) this.flush()
  }

  /** Sends what was gathered, as soon as answers allow. */
  flush(): void {
    this.#sendWhile(MAX_OUTSTANDING)
  }

  /** Sends the rest of it at once: nothing will be gathered any more. */
  finish(): void {
    this.#sendWhile(Number.POSITIVE_INFINITY)
  }

  #sendWhile(maxOutstanding: number): void {
    while (this.outstanding < maxOutstanding) {
      const batch = this.#batches.shift()
      if (batch === undefined) return
      this.#send(batch)
    }
  }

  async close(): Promise<void> {
    await this.#client.destroy()
  }

  #openBatch(): Batch {
    const last = this.#batches.at(-1)
    if (last !== undefined && last.bytes < FULL_BATCH_BYTES) return last
    const batch = { bodies: [], bytes: 0, counted: 0 }
    this.#batches.push(batch)
    return batch
  }

  #send({ bodies, counted }: Batch): void {
    const body = `[${bodies.join()}]`
    this.outstanding++
    const settle = (accepted: boolean): void => {
      this.outstanding--
      this.unanswered -= counted
      if (accepted) this.accepted += counted
      else this.dropped += counted
      this.flush()
    }
    this.#client.dispatch(
      {
        method: 'POST',
        path: this.#path,
        headers: this.#headers,
        body,
        // Both let requests be pipelined.
        idempotent: true,
        blocking: false,
      },
      new Acceptance(settle),
    )
  }
}

/** Waits for the status of one request. */
class Acceptance implements Dispatcher.DispatchHandler {
  readonly #settle: (accepted: boolean) => void
  #status = 0
  #sent = false

  constructor(settle: (accepted: boolean) => void) {
    this.#settle = settle
  }

  // After a cut undici sends again all of a pipeline but its first; what comes twice at the server
  // would look like its fault.
  onRequestStart(): void {
    if (this.#sent) throw new Error('the connection was cut')
    this.#sent = true
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status
  }

  onResponseData(): void {}

  onResponseEnd(): void {
    this.#settle(this.#status === 202)
  }

  onResponseError(): void {
    this.#settle(false)
  }
}
