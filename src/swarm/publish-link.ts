import type { Client, Dispatcher } from 'undici'
import type { Target } from '../transports/transport.ts'
import { controlClient, controlHeaders } from './control.ts'

/** Bytes of a request from which on it is sent: far below what a server refuses. */
const FULL_BATCH_BYTES = 256 * 1024

/** The publisher's connection to one server instance: gathers events and sends them in batches. */
export class PublishLink {
  readonly #client: Client
  readonly #path: string
  readonly #headers: Record<string, string>
  #bodies: string[] = []
  #bodiesBytes = 0
  /** Of the gathered ones, those that are counted. */
  #counted = 0
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
    this.#bodies.push(body)
    this.#bodiesBytes += body.length
    if (counted) this.#counted++
    if (this.#bodiesBytes >= FULL_BATCH_BYTES) this.flush()
  }

  /** Sends what was gathered. */
  flush(): void {
    if (this.#bodies.length === 0) return
    const counted = this.#counted
    const body = `[${this.#bodies.join()}]`
    this.#bodies = []
    this.#bodiesBytes = 0
    this.#counted = 0
    this.outstanding++
    this.unanswered += counted
    const settle = (accepted: boolean): void => {
      this.outstanding--
      this.unanswered -= counted
      if (accepted) this.accepted += counted
      else this.dropped += counted
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

  async close(): Promise<void> {
    await this.#client.destroy()
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
