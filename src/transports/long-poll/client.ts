import type { Session, Target } from '../client-side.ts'
import { perTarget } from '../dialect.ts'
import { PollDialect, referencePoll } from '../poll-dialect.ts'
import { PollingClient } from '../polling-client.ts'

const REFERENCE = referencePoll('/long-poll')
const dialectOf = perTarget((target) => new PollDialect(target, REFERENCE))

/** Asks again as soon as an answer is in; the server holds the request until there is an event. */
export class LongPollClient extends PollingClient {
  constructor(target: Target, session: Session) {
    super(dialectOf(target), session)
  }

  protected override get heldMs(): number {
    return this.session.pace.holdMs
  }

  protected answered(): void {
    this.ask()
  }

  protected override closedIdle(): void {
    this.connect()
  }
}
