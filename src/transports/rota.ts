const SLICES = 400

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

  /** Returns the member's slice, by which it leaves. */
  add(member: Member): number {
    const slice = this.#joined++ % SLICES
    this.#slices[slice]?.add(member)
    return slice
  }

  delete(member: Member, slice: number): void {
    this.#slices[slice]?.delete(member)
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
