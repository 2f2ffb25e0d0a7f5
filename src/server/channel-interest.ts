import type { ChannelRouting } from '../backplane/backplane.ts'

/** A channel that nobody has asked for in this time, and that nobody listens to, is left. */
const IDLE_MS = 60_000
const LOOK_MS = 10_000

/** What the channels are entered for. */
interface Desk {
  /** Somebody listens to it just now. */
  isHeard(channel: string): boolean
  /** Its events come, and those up to a position may be missing. */
  entered(channel: string, lostUpTo: number): void
  left(channel: string): void
}

interface Entry {
  /** Null when it has come. */
  entering: Promise<void> | null
  askedAtMs: number
}

/** The channels that an instance has entered on its bus: those that somebody asked for lately. */
export class ChannelInterest {
  readonly #routing: ChannelRouting
  readonly #desk: Desk
  readonly #entries = new Map<string, Entry>()

  constructor(routing: ChannelRouting, desk: Desk) {
    this.#routing = routing
    this.#desk = desk
    setInterval(() => this.leaveIdle(performance.now() - IDLE_MS), LOOK_MS).unref()
  }

  /** As a hub's. */
  enter(channels: readonly string[]): Promise<void> | null {
    const now = performance.now()
    const entering: Promise<void>[] = []
    for (const channel of channels) {
      const entry = this.#entries.get(channel) ?? this.#open(channel)
      entry.askedAtMs = now
      if (entry.entering !== null) entering.push(entry.entering)
    }
    return entering.length === 0 ? null : Promise.all(entering).then(() => {})
  }

  /** Leaves those that nobody has asked for since a moment. */
  leaveIdle(sinceMs: number): void {
    for (const [channel, { entering, askedAtMs }] of this.#entries) {
      if (entering !== null || askedAtMs > sinceMs || this.#desk.isHeard(channel)) continue
      this.#entries.delete(channel)
      this.#routing.leave(channel)
      this.#desk.left(channel)
    }
  }

  #open(channel: string): Entry {
    const entry: Entry = { entering: null, askedAtMs: 0 }
    this.#entries.set(channel, entry)
    entry.entering = this.#routing.enter(channel).then(
      (lostUpTo) => {
        entry.entering = null
        this.#desk.entered(channel, lostUpTo)
      },
      (error: Error) => {
        // Who asks next tries again.
        this.#entries.delete(channel)
        throw error
      },
    )
    return entry
  }
}
