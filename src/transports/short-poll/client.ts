import type { Session, Target } from '../client-side.ts'
import { perTarget } from '../dialect.ts'
import { PollDialect, referencePoll } from '../poll-dialect.ts'
import { PollingClient } from '../polling-client.ts'
import { PollSlots } from './slots.ts'

const REFERENCE = referencePoll('/poll?channel={channel}')
const dialectOf = perTarget((target) => new PollDialect(target, REFERENCE))

/**
 * Asks at its slots, or at once where there are none. A server that closes the connection between two
 * requests does no wrong: the next one opens another.
 */
export class ShortPollClient extends PollingClient {
  readonly #slots: PollSlots
  #closedIdle = false

  constructor(target: Target, session: Session) {
    super(dialectOf(target), session)
    this.#slots = new PollSlots(session)
  }

  override start(): void {
    super.start()
    this.#slots.start(this)
  }

  override stop(): void {
    this.#slots.stop()
    super.stop()
  }

  protected override closedIdle(): void {
    if (this.#slots.areNone) this.connect()
    else this.#closedIdle = true
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
    else if (this.#closedIdle) {
      this.#closedIdle = false
      this.connect()
    }
  }
}
