import { LibraryPollingClient } from '../library-polling-client.ts'

/** Asks again as soon as an answer is in; the server holds the request until there is an event. */
export class LongPollLibraryClient extends LibraryPollingClient {
  protected readonly path = '/long-poll'

  protected get heldMs(): number {
    return this.session.pace.holdMs
  }

  protected answered(): void {
    this.ask()
  }
}
