import { type Clock, NS_PER_MS, nowNs } from '../measure/clock.ts'

const STEP_MS = 1_000
/** A server that is started anew within this time is not lost: its outage is what was measured. */
const GONE_MS = 5_000

/** What a guard looks at. */
export interface Guarded {
  /** Whether a client of the swarm is connected. */
  isHeld(): boolean
  /** Whether the server answers. */
  isThere(): Promise<boolean>
}

/**
 * Notices that a server is gone which is nobody's child, so that no exit tells: for a while it holds
 * no connection, and does not answer. One that is merely stopped, or out of reach, holds them still.
 */
export class ServerGuard {
  readonly #guarded: Guarded
  readonly #lose: () => void
  readonly #clock: Clock
  readonly #ticker: NodeJS.Timeout
  #goneSinceNs: number | null = null
  #isLooking = false
  #isStopped = false

  /** @param lose called once, when it is gone */
  constructor(guarded: Guarded, lose: () => void, clock: Clock = nowNs) {
    this.#guarded = guarded
    this.#lose = lose
    this.#clock = clock
    this.#ticker = setInterval(() => void this.look(), STEP_MS)
  }

  /** Looks whether it is there; done once a second. Never rejects. */
  async look(): Promise<void> {
    if (this.#isLooking || this.#isStopped) return
    this.#isLooking = true
    const atNs = this.#clock()
    const isThere = this.#guarded.isHeld() || (await this.#guarded.isThere())
    this.#isLooking = false
    if (isThere || this.#isStopped) {
      this.#goneSinceNs = null
      return
    }
    this.#goneSinceNs ??= atNs
    if (atNs - this.#goneSinceNs < GONE_MS * NS_PER_MS) return
    this.stop()
    this.#lose()
  }

  stop(): void {
    this.#isStopped = true
    clearInterval(this.#ticker)
  }
}
