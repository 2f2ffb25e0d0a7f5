import { LibraryPollingClient } from '../library-polling-client.ts'
import { Holds } from './holds.ts'

/** Asks again as soon as an answer is in; the server holds the request until there is an event. */
export class LongPollLibraryClient extends LibraryPollingClient {
  protected readonly path = '/long-poll'
  readonly #holds = new Holds(this.session)

  override start(): void {
    this.#holds.start()
    super.start()
  }

  protected get heldMs(): number {
    return this.session.pace.holdMs
  }

  protected override get holdQuery(): string {
    return `&hold=${this.#holds.next()}`
  }

  protected override brought(events: number): void {
    if (events > 0) this.#holds.delivered()
  }

  protected answered(): void {
    this.ask()
  }
}
