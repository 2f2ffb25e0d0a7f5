const SLICES = 100

/**
 * Visits every member once a period, a slice of them at a time: a heartbeat to ten thousand
 * connections in one go would stall the events behind it.
 */
export class Rota<Member> {
  readonly #members = new Set<Member>()
  readonly #visit: (member: Member) => void
  readonly #timer: NodeJS.Timeout

  constructor(periodMs: number, visit: (member: Member) => void) {
    this.#visit = visit
    this.#timer = setInterval(this.#turn, Math.max(1, periodMs / SLICES))
    this.#timer.unref()
  }

  add(member: Member): void {
    this.#members.add(member)
  }

  delete(member: Member): void {
    this.#members.delete(member)
  }

  /** Ends the visits and hands out the members. */
  stop(): Iterable<Member> {
    clearInterval(this.#timer)
    return this.#members
  }

  readonly #turn = (): void => {
    let due = Math.ceil(this.#members.size / SLICES)
    for (const member of this.#members) {
      if (due-- === 0) return
      // To the end of the order: its next turn is a period away.
      this.#members.delete(member)
      this.#members.add(member)
      this.#visit(member)
    }
  }
}
