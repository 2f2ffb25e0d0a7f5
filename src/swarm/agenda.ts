import { type Clock, NS_PER_MS } from '../measure/clock.ts'
import type { Alarms, Sleeper, Waiter } from '../transports/transport.ts'

/** A server that sends without end is asked all the same. */
const MOST_WAITING_NS = 2 * NS_PER_MS

/**
 * The alarms of a whole worker: a binary heap and one timer for its top. A tick wakes everything
 * that is due; a timer for each client would cost more and slip further.
 */
export class Agenda implements Alarms {
  readonly nowNs: Clock
  /** When whoever is being woken wanted to be; null when nobody is. */
  dueNs: number | null = null
  readonly #onTick: () => void
  readonly #times: number[] = []
  readonly #sleepers: Sleeper[] = []
  #timer: NodeJS.Timeout | undefined
  #timerAtNs = Number.POSITIVE_INFINITY
  #ticking = false
  /** Whoever waits until what has come is read, and since when each wanted to go on. */
  readonly #waiters: Waiter[] = []
  readonly #wishes: number[] = []
  #waitingSinceNs = 0
  /** At the end of the turn before. */
  #waitingBefore = 0

  /** @param onTick called before somebody is woken */
  constructor(clock: Clock, onTick: () => void = () => {}) {
    this.nowNs = clock
    this.#onTick = onTick
  }

  set(atNs: number, sleeper: Sleeper): void {
    this.#push(atNs, sleeper)
    if (!this.#ticking) this.#arm()
  }

  /**
   * Lets it go on when what has come is read: as long as a turn of the loop brings somebody else
   * who waits, there may be more.
   * @param dueNs when it wanted to
   */
  afterReads(dueNs: number, waiter: Waiter): void {
    this.#waiters.push(waiter)
    this.#wishes.push(dueNs)
    if (this.#waiters.length > 1) return
    this.#waitingSinceNs = this.nowNs()
    setImmediate(this.#afterTurn)
  }

  readonly #afterTurn = (): void => {
    const waiting = this.#waiters.length
    const isLong = this.nowNs() - this.#waitingSinceNs > MOST_WAITING_NS
    if (waiting > this.#waitingBefore && !isLong) {
      this.#waitingBefore = waiting
      setImmediate(this.#afterTurn)
      return
    }
    this.#waitingBefore = 0
    const wishes = this.#wishes.splice(0)
    for (const [at, waiter] of this.#waiters.splice(0).entries()) {
      this.dueNs = wishes[at] as number
      waiter.goOn()
    }
    this.dueNs = null
  }

  stop(): void {
    this.#waiters.length = 0
    this.#wishes.length = 0
    this.#times.length = 0
    this.#sleepers.length = 0
    clearTimeout(this.#timer)
    this.#timerAtNs = Number.POSITIVE_INFINITY
  }

  readonly #tick = (): void => {
    this.#timerAtNs = Number.POSITIVE_INFINITY
    this.#onTick()
    this.#ticking = true
    // The time is read once: what sleepers set for "now" waits for the next tick, so that a tick
    // ends and sockets are read in between.
    const now = this.nowNs()
    while (this.#times.length > 0 && (this.#times[0] as number) <= now) {
      const at = this.#times[0] as number
      this.dueNs = at
      this.#pop().wake(at)
    }
    this.dueNs = null
    this.#ticking = false
    this.#arm()
  }

  #arm(): void {
    const first = this.#times[0]
    if (first === undefined || first >= this.#timerAtNs) return
    clearTimeout(this.#timer)
    this.#timerAtNs = first
    this.#timer = setTimeout(this.#tick, Math.max(0, (first - this.nowNs()) / NS_PER_MS))
  }

  #push(atNs: number, sleeper: Sleeper): void {
    let at = this.#times.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      const parentTime = this.#times[parent] as number
      if (parentTime <= atNs) break
      this.#place(at, parentTime, this.#sleepers[parent] as Sleeper)
      at = parent
    }
    this.#place(at, atNs, sleeper)
  }

  #pop(): Sleeper {
    const top = this.#sleepers[0] as Sleeper
    const time = this.#times.pop() as number
    const sleeper = this.#sleepers.pop() as Sleeper
    const size = this.#times.length
    if (size === 0) return top
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && (this.#times[child + 1] as number) < (this.#times[child] as number)) {
        child++
      }
      const childTime = this.#times[child] as number
      if (childTime >= time) break
      this.#place(at, childTime, this.#sleepers[child] as Sleeper)
      at = child
    }
    this.#place(at, time, sleeper)
    return top
  }

  #place(at: number, atNs: number, sleeper: Sleeper): void {
    this.#times[at] = atNs
    this.#sleepers[at] = sleeper
  }
}
