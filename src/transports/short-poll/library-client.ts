import { LibraryPollingClient } from '../library-polling-client.ts'
import { PollSlots } from './client.ts'

/** Asks at the same slots as the lean client; connections are undici's business. */
export class ShortPollLibraryClient extends LibraryPollingClient {
  protected readonly path = '/poll'
  protected readonly heldMs = 0
  readonly #slots = new PollSlots(this.session)

  override start(): void {
    super.start()
    this.#slots.start(this)
  }

  override stop(): void {
    this.#slots.stop()
    super.stop()
  }

  protected answered(): void {
    if (this.#slots.areNone) this.ask()
  }

  override wake(atNs: number): void {
    if (!this.#slots.take(atNs, this)) {
      super.wake(atNs)
      return
    }
    // A slot that finds the last answer still outstanding is left out, as a page that polls does.
    if (this.idle) this.ask()
  }
}
