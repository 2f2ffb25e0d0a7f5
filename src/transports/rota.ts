const SLICES = 100

/**
 * Visits every member once a period, a slice of them at a time: a heartbeat to ten thousand
 * connections in one go would stall the events behind it. A member keeps its slice, so that its
 * visits are a whole period apart whoever else comes and goes.
 */
export class Rota<Member> {
  readonly #slices = Array.from({ length: SLICES }, () => new Set<Member>())
  readonly #visit: (member: Member) => void
  readonly #timer: NodeJS.Timeout
  #joined = 0
  #turns = 0

  constructor(periodMs: number, visit: (member: Member) => void) {
    this.#visit = visit
    this.#timer = setInterval(this.#turn, Math.max(1, periodMs / SLICES))
    this.#timer.unref()
  }

  add(member: Member): void {
    this.#slices[this.#joined++ % SLICES]?.add(member)
  }

  delete(member: Member): void {
    for (const slice of this.#slices) if (slice.delete(member)) return
  }

  /** Ends the visits and hands out the members. */
  stop(): Iterable<Member> {
    clearInterval(this.#timer)
    return this.#slices.flatMap((slice) => [...slice])
  }

  readonly #turn = (): void => {
    this.#slices[this.#turns++ % SLICES]?.forEach(this.#visit)
  }
}
