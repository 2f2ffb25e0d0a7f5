import { NS_PER_MS, nowNs } from '../measure/clock.ts'

const STEP_MS = 10

/** The waits of a run: none outlasts its patience, and a signal cuts them short. */
export class Waiting {
  readonly #signal: AbortSignal
  readonly #hurry: AbortSignal | undefined
  #cutAtNs = Number.POSITIVE_INFINITY
  readonly #cut = (): void => {
    this.#cutAtNs = nowNs()
  }

  /** @param hurry ends all waits at once */
  constructor(signal: AbortSignal, hurry?: AbortSignal) {
    this.#signal = signal
    this.#hurry = hurry
    if (signal.aborted) this.#cut()
    else signal.addEventListener('abort', this.#cut, { once: true })
  }

  /** Nothing waits any more: the signal, which may live on, lets go of it. */
  end(): void {
    this.#signal.removeEventListener('abort', this.#cut)
  }

  /** A signal has cut the waits short. */
  get over(): boolean {
    return this.#signal.aborted
  }

  /** Resolves when it holds or the patience is over, of which a signal leaves so much. */
  async until(holds: () => boolean, patienceMs: number, leftMs: number): Promise<void> {
    const deadlineNs = nowNs() + patienceMs * NS_PER_MS
    while (!holds() && nowNs() < this.deadline(deadlineNs, leftMs)) {
      await new Promise((resolve) => setTimeout(resolve, STEP_MS))
    }
  }

  /** A deadline, or the earlier one that a signal leaves of it. */
  deadline(atNs: number, leftMs: number): number {
    if (this.#hurry?.aborted) return 0
    return Math.min(atNs, this.#cutAtNs + leftMs * NS_PER_MS)
  }

  /** Resolves at the time, or at once with a signal. */
  sleepUntil(atNs: number): Promise<void> {
    const signal = this.#signal
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      const timer = setTimeout(wake, Math.max(0, (atNs - nowNs()) / NS_PER_MS))
      signal.addEventListener('abort', wake)
    })
  }
}
