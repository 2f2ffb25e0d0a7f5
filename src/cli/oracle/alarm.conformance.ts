/**
 * An alarm that is on time, in a process that has to read meanwhile: a thread of its own sleeps until
 * shortly before, to within a tenth of a millisecond, and the event loop, whose timers are off by one,
 * goes round without sleeping for the rest. This module is the thread's, too.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { NS_PER_MS, nowNs } from '../../measure/clock.ts'

/** What a thread's waking, and its message to the event loop, may take. */
const HEAD_START_MS = 0.3
const CELL_BYTES = 16

/** Shared by both threads: how often the alarm was set, and for when. */
interface Cell {
  readonly turn: Int32Array
  readonly atNs: Float64Array
}

function cellOf(memory: SharedArrayBuffer): Cell {
  return { turn: new Int32Array(memory, 0, 1), atNs: new Float64Array(memory, 8, 1) }
}

export class Alarm {
  readonly #ring: () => void
  readonly #cell: Cell
  #atNs = Number.POSITIVE_INFINITY
  #goesRound = false

  /** @param ring called once for each time that was set last, then or later */
  constructor(ring: () => void) {
    this.#ring = ring
    const memory = new SharedArrayBuffer(CELL_BYTES)
    this.#cell = cellOf(memory)
    this.#cell.atNs[0] = this.#atNs
    const sleeper = new Worker(new URL(import.meta.url), { workerData: memory })
    sleeper.on('message', () => this.#goRound())
    sleeper.unref()
  }

  set(atNs: number): void {
    if (atNs === this.#atNs) return
    this.#atNs = atNs
    if (nowNs() >= atNs - HEAD_START_MS * NS_PER_MS) {
      this.#goRound()
      return
    }
    const { turn, atNs: cell } = this.#cell
    cell[0] = atNs
    Atomics.add(turn, 0, 1)
    Atomics.notify(turn, 0)
  }

  #goRound(): void {
    if (this.#goesRound) return
    this.#goesRound = true
    setImmediate(this.#look)
  }

  readonly #look = (): void => {
    const now = nowNs()
    if (now >= this.#atNs) {
      this.#goesRound = false
      this.#atNs = Number.POSITIVE_INFINITY
      this.#ring()
    } else if (now >= this.#atNs - 2 * HEAD_START_MS * NS_PER_MS) setImmediate(this.#look)
    // Set for another time meanwhile: the thread will tell.
    else this.#goesRound = false
  }
}

function sleepAndTell({ turn, atNs }: Cell): void {
  for (;;) {
    const seen = Atomics.load(turn, 0)
    const leftMs = ((atNs[0] as number) - nowNs()) / NS_PER_MS - HEAD_START_MS
    if (leftMs > 0) Atomics.wait(turn, 0, seen, leftMs)
    else {
      parentPort?.postMessage(null)
      Atomics.wait(turn, 0, seen)
    }
  }
}

if (!isMainThread && workerData instanceof SharedArrayBuffer) sleepAndTell(cellOf(workerData))
