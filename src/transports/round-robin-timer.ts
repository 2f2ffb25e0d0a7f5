const SLICES = 400
/**
 * From one member's slice to the next one's: the golden section of the period, which spreads any number
 * of them evenly (a Kronecker sequence). It has no divisor in common with the slices: each is taken.
 */
const STRIDE = 247

/**
 * Visits every member once a period, a slice of them at a time: a heartbeat to ten thousand connections
 * in one go would stall the events behind it. A member keeps its slice, so that its visits are a whole
 * period apart, and a part of the period sees that part of the visits.
 */
export class RoundRobinTimer<Member> {
  readonly #slices = Array.from({ length: SLICES }, () => new Set<Member>())
  readonly #visit: (member: Member) => void
  readonly #turnMs: number
  /** Only while there are members: each turn wakes the process. */
  #timer: NodeJS.Timeout | null = null
  #size = 0
  #joined = 0
  /** Since `#beganMs`. */
  #turns = 0
  #beganMs = 0
  readonly #nowMs: () => number

  /** @param nowMs a clock that is never set */
  constructor(
    periodMs: number,
    visit: (member: Member) => void,
    nowMs = (): number => performance.now(),
  ) {
    this.#visit = visit
    this.#turnMs = periodMs / SLICES
    this.#nowMs = nowMs
  }

  /** Returns the member's slice, by which it leaves. */
  add(member: Member): number {
    const slice = (this.#joined++ * STRIDE) % SLICES
    this.#slices[slice]?.add(member)
    this.#size++
    if (this.#timer === null) {
      this.#beganMs = this.#nowMs() - this.#turns * this.#turnMs
      this.#timer = setInterval(this.#turn, Math.max(1, this.#turnMs)).unref()
    }
    return slice
  }

  delete(member: Member, slice: number): void {
    if (this.#slices[slice]?.delete(member) && --this.#size === 0) this.#rest()
  }

  /** Ends the visits and hands out the members. */
  stop(): Iterable<Member> {
    this.#rest()
    return this.members
  }

  get members(): readonly Member[] {
    return this.#slices.flatMap((slice) => [...slice])
  }

  #rest(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  /** By the clock: a timer's delays would add up, most of all where the loop is busy. */
  readonly #turn = (): void => {
    const due = Math.floor((this.#nowMs() - this.#beganMs) / this.#turnMs)
    // After a pause of the process nobody is visited twice.
    this.#turns = Math.max(this.#turns, due - SLICES)
    while (this.#turns < due) this.#slices[this.#turns++ % SLICES]?.forEach(this.#visit)
  }
}
