import type { Publication, Replay } from '../transports/transport.ts'
import { EventHub } from './hub.ts'

/**
 * Bugs that a push server may have and that no flag turns on: checkers are held against them. What `--fault` does
 * hits events; these hit promises.
 */
export const FLAWS = {
  'no-replay': 'who resumes gets nothing of what was missed',
  'short-replay': 'who resumes gets all but the first event that was missed',
  'swapped-replay': 'who resumes gets the first two events in the wrong order',
  'untold-gap': 'nobody is told of a gap',
  'early-answer': 'a publish is acknowledged before it is logged',
} as const
export type Flaw = keyof typeof FLAWS

/** As long as an event is acknowledged and not logged. */
const EARLY_MS = 300

/** A hub that does all as it should, but for one thing. */
export class FlawedHub extends EventHub {
  readonly #flaw: Flaw

  constructor(flaw: Flaw, ...rest: ConstructorParameters<typeof EventHub>) {
    super(...rest)
    this.#flaw = flaw
  }

  override replay(channels: readonly string[], afterId: string, maxBytes: number): Replay {
    const replay = super.replay(channels, afterId, maxBytes)
    const { events } = replay
    switch (this.#flaw) {
      case 'no-replay':
        return { ...replay, events: [], isWhole: true }
      case 'short-replay':
        return { ...replay, events: events.slice(1) }
      case 'swapped-replay': {
        const [first, second, ...others] = events
        if (first === undefined || second === undefined) return replay
        return { ...replay, events: [second, first, ...others] }
      }
      case 'untold-gap':
        return { ...replay, gap: false }
      case 'early-answer':
        return replay
    }
  }

  override publish(publications: readonly Publication[]): Promise<void> {
    if (this.#flaw !== 'early-answer') return super.publish(publications)
    setTimeout(() => {
      // Nobody is there any more whom it could be told.
      super.publish(publications).catch(() => {})
    }, EARLY_MS)
    return Promise.resolve()
  }

  protected override miss(afterId: string): void {
    if (this.#flaw !== 'untold-gap') super.miss(afterId)
  }
}
