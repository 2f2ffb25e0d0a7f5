import { PollDialect, referencePoll } from '../poll-dialect.ts'
import { PollingClient } from '../polling-client.ts'
import { perTarget } from '../reconnecting-client.ts'
import type { Session, Target, Waiter } from '../transport.ts'
import { Holds } from './holds.ts'

const REFERENCE = referencePoll('/long-poll?channel={channel}&hold={hold}')
const dialectOf = perTarget((target) => new PollDialect(target, REFERENCE))

/** Asks again as soon as an answer is in; the server holds the request until there is an event. */
export class LongPollClient extends PollingClient implements Waiter {
  readonly #holds = new Holds(this.session)

  constructor(target: Target, session: Session) {
    super(dialectOf(target), session)
  }

  override start(): void {
    this.#holds.start()
    super.start()
  }

  protected override get heldMs(): number {
    return this.session.pace.holdMs
  }

  protected override nextHoldMs(): number {
    return this.#holds.next()
  }

  protected override brought(events: number): void {
    if (events > 0) this.#holds.delivered()
  }

  protected answered(): void {
    this.session.afterReads(this)
  }

  goOn(): void {
    // Whoever has lost the connection meanwhile asks on the next one.
    if (this.idle) this.ask()
  }

  protected override closedIdle(): void {
    this.connect()
  }
}
