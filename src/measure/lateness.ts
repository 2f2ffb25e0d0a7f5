import { openSync, readSync } from 'node:fs'
import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { NS_PER_MS, nowNs } from './clock.ts'

/** How often the loop shows that it is alive: a stall is known to begin within so much. */
const BEAT_MS = 20
/** Timers are late by up to a millisecond and a half, and garbage is collected. */
const LATE_NS = 5 * NS_PER_MS
/** A poll that waited less than this had something to tell from its beginning on. */
const BLOCKED_NS = 20_000
/** A turn below this can hold no wait that matters, and is not asked for it. */
const SHORT_TURN_NS = 100_000
/** Waits below this are part of what any wake-up takes. */
const LEAST_WAIT_NS = 100_000
/** Asking the scheduler takes 1.6 µs: where the poll cannot have waited, it is asked so often only. */
const ASK_NS = NS_PER_MS

/** Readings of a process that a loop watch takes; all but the beat are counted from some moment on. */
export interface LoopView {
  nowNs(): number
  /** Time that the event loop spent waiting in its poll. */
  idleNs(): number
  /** Time that the thread was ready to run and had no processor. */
  waitedNs(): number
  /** Time that the thread had one. */
  ranNs(): number
  /** Calls back when the loop has told all that its poll found. */
  afterTurn(call: () => void): void
}

/** Lateness of a read: by how much it came later than it could have, and why; nanoseconds. */
export interface Lateness {
  /** The loop was at work. */
  busyNs: number
  /** The thread waited for a processor before the loop went on. */
  waitNs: number
  /** The process stood still. */
  stallNs: number
}

/** A time in which the process waited for a processor, nanoseconds. */
export interface Wait {
  readonly startNs: number
  readonly endNs: number
  /** How much of the span, which may have been work for the rest. */
  readonly waitNs: number
  /**
   * Waits before the span that the loop has not caught up with. A span without length says when it
   * had, and with how much.
   */
  readonly behindNs: number
}

/** A time in which the process stood still though it had something to do. */
export interface Stall {
  readonly endNs: number
  readonly lengthNs: number
}

/**
 * Watches this thread's event loop, and says of each read how late it may be at most. Whatever a
 * socket has is found by the loop's poll; a turn is all that follows from one. What is read in it came
 *
 * - where the poll had to wait for it, not before that wait was over: it is late by the turn so far,
 *   by what the thread then waited for a processor, and by whatever kept the loop from its poll;
 * - where the poll found it at once, not before the poll before that;
 * - after a stall, at any time of it. A process that is stopped is in its poll mostly, and seems to be
 *   idle: a beat that was due and did not come tells.
 */
export class LoopWatch {
  readonly #view: LoopView
  readonly #late: Lateness = { busyNs: 0, waitNs: 0, stallNs: 0 }
  readonly #onWait: (wait: Wait) => void
  #isOpen = false
  #openedAtNs: number
  #closedAtNs: number
  #idleNs: number
  #waitedNs: number
  #ranNs: number
  /** When the scheduler was asked last. */
  #askedAtNs: number
  /** When the next beat is late; a loop that has not begun to beat is not known to stand still. */
  #dueNs = Number.POSITIVE_INFINITY
  #stalls: Stall[] = []
  /** Waits since the poll last had nothing to tell. */
  #behindNs = 0
  #beat: NodeJS.Timeout | null = null

  /** @param onWait told of each wait for a processor of a tenth of a millisecond or more, and of the end of such */
  constructor(view: LoopView = ownLoop(), onWait: (wait: Wait) => void = () => {}) {
    this.#view = view
    this.#onWait = onWait
    const now = view.nowNs()
    this.#openedAtNs = now
    this.#closedAtNs = now
    this.#idleNs = view.idleNs()
    this.#waitedNs = view.waitedNs()
    this.#ranNs = view.ranNs()
    this.#askedAtNs = now
  }

  /** Beats from now on; the process is not kept alive by it. */
  start(): this {
    this.#beat = setInterval(() => this.beat(), BEAT_MS).unref()
    return this
  }

  stop(): void {
    if (this.#beat !== null) clearInterval(this.#beat)
  }

  /** The loop shows that it is alive. */
  beat(): void {
    this.enter()
    this.#dueNs = this.#view.nowNs() + BEAT_MS * NS_PER_MS
  }

  /** Something begins: call it first in whatever the loop calls. */
  enter(): void {
    if (!this.#isOpen) this.#open(this.#view.nowNs())
  }

  /** How late what is read now may be; the object is the same each time. */
  at(nowNs: number): Readonly<Lateness> {
    if (!this.#isOpen) this.#open(nowNs)
    this.#late.busyNs = Math.max(0, nowNs - this.#openedAtNs) + this.#before.busyNs
    this.#late.waitNs = this.#before.waitNs
    this.#late.stallNs = this.#before.stallNs
    return this.#late
  }

  /** Time that the thread waited for a processor so far. */
  get waitedNs(): number {
    return this.#view.waitedNs()
  }

  /** Since the last time. */
  takeStalls(): readonly Stall[] {
    return this.#stalls.splice(0)
  }

  /** At the turn's beginning. */
  readonly #before: Lateness = { busyNs: 0, waitNs: 0, stallNs: 0 }

  #open(now: number): void {
    const view = this.#view
    const before = this.#before
    const gapNs = now - this.#closedAtNs
    const idleNs = view.idleNs() - this.#idleNs
    const asks = gapNs > BLOCKED_NS || now - this.#askedAtNs > ASK_NS
    const waitNs = asks ? Math.min(gapNs, view.waitedNs() - this.#waitedNs) : 0
    // A poll tells of no more than a thousand sockets: the next one finds the rest of them at once.
    const priorNs = before.waitNs + before.stallNs
    const overdueNs = now - this.#dueNs - waitNs
    // A thread that loses its processor in a poll that has something to tell seems to be idle there.
    const isBlocked = idleNs - waitNs > BLOCKED_NS
    if (isBlocked) this.#catchUp()
    this.#isOpen = true
    before.waitNs = waitNs
    before.stallNs = 0
    if (overdueNs > LATE_NS && this.#closedAtNs < this.#dueNs) {
      // It began somewhere between the last sign of life and the beat that did not come.
      before.busyNs = 0
      before.stallNs = gapNs - waitNs
      this.#stalls.push({ endNs: now, lengthNs: overdueNs })
      this.#dueNs = now + BEAT_MS * NS_PER_MS
    } else if (isBlocked) {
      before.busyNs = Math.max(0, gapNs - Math.max(idleNs, waitNs))
    } else before.busyNs = now - this.#openedAtNs - waitNs + priorNs
    this.#wait(now - waitNs, now, waitNs)
    this.#openedAtNs = now
    // What is waited for between two readings of the clock and the account is the next span's.
    this.#waitedNs += waitNs
    if (asks) {
      this.#ranNs = view.ranNs()
      this.#askedAtNs = now
    }
    view.afterTurn(this.#close)
  }

  readonly #close = (): void => {
    const view = this.#view
    const now = view.nowNs()
    this.#isOpen = false
    this.#closedAtNs = now
    this.#idleNs = view.idleNs()
    const lengthNs = now - this.#openedAtNs
    if (lengthNs < SHORT_TURN_NS) return
    const waitNs = Math.min(lengthNs, view.waitedNs() - this.#waitedNs)
    this.#waitedNs += waitNs
    this.#wait(this.#openedAtNs, now, waitNs)
    const stoodNs = lengthNs - waitNs - (view.ranNs() - this.#ranNs)
    if (stoodNs > LATE_NS) this.#stalls.push({ endNs: now, lengthNs: stoodNs })
  }

  #wait(startNs: number, endNs: number, waitNs: number): void {
    const behindNs = this.#behindNs
    this.#behindNs += waitNs
    if (waitNs >= LEAST_WAIT_NS) this.#onWait({ startNs, endNs, waitNs, behindNs })
  }

  /** All that had come was done when the last turn ended. */
  #catchUp(): void {
    const behindNs = this.#behindNs
    const atNs = this.#closedAtNs
    this.#behindNs = 0
    if (behindNs >= LEAST_WAIT_NS) this.#onWait({ startNs: atNs, endNs: atNs, waitNs: 0, behindNs })
  }
}

/** This thread's own loop. Where the system tells of no waits (other than Linux), there are none. */
function ownLoop(): LoopView {
  const schedule = new ScheduleAccount()
  return {
    nowNs,
    idleNs: () => performance.nodeTiming.idleTime * NS_PER_MS,
    waitedNs: () => schedule.read().waitedNs,
    ranNs: () => schedule.ranNs,
    afterTurn: setImmediate,
  }
}

/** The scheduler's account of this thread: `/proc/thread-self/schedstat` of proc(5). */
export class ScheduleAccount {
  readonly #buffer = Buffer.allocUnsafeSlow(96)
  readonly #file: number | null
  /** Time on a processor, and time that it was waited for, nanoseconds; 0 where nobody tells. */
  ranNs = 0
  waitedNs = 0

  constructor(path = '/proc/thread-self/schedstat') {
    try {
      this.#file = openSync(path, 'r')
    } catch {
      this.#file = null
    }
  }

  /** Reads both anew, in a microsecond, and without garbage. */
  read(): this {
    if (this.#file === null) return this
    const bytes = this.#buffer
    const length = readSync(this.#file, bytes, 0, bytes.length, 0)
    let value = 0
    let field = 0
    for (let at = 0; at < length && field < 2; at++) {
      const digit = (bytes[at] as number) - 0x30
      if (digit >= 0 && digit <= 9) value = value * 10 + digit
      else {
        if (field === 0) this.ranNs = value
        else this.waitedNs = value
        value = 0
        field++
      }
    }
    return this
  }
}

/** How often the delay is sampled; a sample contains this much, and wakes the process. */
const RESOLUTION_MS = 50

/** The event loop's delay and utilisation since the last reset. */
export interface LoopReading {
  /** Resolution subtracted, microseconds; never below 0. */
  readonly delayP50Us: number
  readonly delayP99Us: number
  readonly delayMaxUs: number
  /** How many samples the delays rest on: twenty a second, fewer of a loop that stood still. */
  readonly samples: number
  /** Share of the time in which the loop was not waiting, 0 to 1. */
  readonly utilisation: number
}

/** Watches this process's event loop. */
export class LoopMeter {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  #before: EventLoopUtilization = performance.eventLoopUtilization()

  constructor() {
    this.#delay.enable()
  }

  /** Begins a new window. */
  reset(): void {
    this.#delay.reset()
    this.#before = performance.eventLoopUtilization()
  }

  read(): LoopReading {
    return {
      delayP50Us: withoutResolution(this.#delay.percentile(50)),
      delayP99Us: withoutResolution(this.#delay.percentile(99)),
      delayMaxUs: withoutResolution(this.#delay.max),
      samples: this.#delay.count,
      utilisation: performance.eventLoopUtilization(this.#before).utilization,
    }
  }
}

function withoutResolution(delayNs: number): number {
  return Math.max(0, Math.round(delayNs / 1e3 - RESOLUTION_MS * 1e3))
}
