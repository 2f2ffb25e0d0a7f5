import type { Dispatcher } from 'undici'
import { libraryCause } from '../transports/library-cause.ts'
import { causeOf } from './error-cause.ts'

/** Waits for the status of one publish, which is sent once or not at all. */
export class Acceptance implements Dispatcher.DispatchHandler {
  readonly #accepts: (status: number) => boolean
  /** Told why it was not accepted: `http-404`, `ECONNREFUSED`; null where it was. */
  readonly #settle: (refusal: string | null) => void
  #status = 0
  #sent = false

  constructor(accepts: (status: number) => boolean, settle: (refusal: string | null) => void) {
    this.#accepts = accepts
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
    this.#settle(this.#accepts(this.#status) ? null : `http-${this.#status}`)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#settle(causeOf(libraryCause(error)))
  }
}
