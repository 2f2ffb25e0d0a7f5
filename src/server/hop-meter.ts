import { NS_PER_MS, NS_PER_US } from '../measure/clock.ts'

/** Blocks that are kept; what comes later counts for the last one. */
const MAX_BLOCKS = 64
/** Values below have a bucket each; above, each octave has half as many, so that they are known to 0.8 %. */
const EXACT_US = 128
const EXACT_BITS = 7

/**
 * The account of how long events took over the bus, block by block of a window. It is begun by who asks for
 * it, and costs a tenth of a microsecond an event.
 */
export class HopMeter {
  #startNs = 0
  #blockNs = 0
  /** By block: how often each time came up, by the middle of its bucket, microseconds. */
  #blocks: Map<number, number>[] = []
  /** Somewhere an event came before it was accepted: the clocks are not one. */
  #isForeign = false

  /** @param blockMs 0 begins nothing */
  begin(startNs: number, blockMs: number): void {
    this.#startNs = startNs
    this.#blockNs = blockMs * NS_PER_MS
    this.#blocks = []
    this.#isForeign = false
  }

  record(receivedAtNs: number, hopNs: number): void {
    if (this.#blockNs === 0) return
    if (hopNs < 0) this.#isForeign = true
    const at = Math.floor((receivedAtNs - this.#startNs) / this.#blockNs)
    const index = Math.max(0, Math.min(MAX_BLOCKS - 1, at))
    while (this.#blocks.length <= index) this.#blocks.push(new Map())
    const block = this.#blocks[index] as Map<number, number>
    const us = middleOf(Math.max(0, hopNs / NS_PER_US))
    block.set(us, (block.get(us) ?? 0) + 1)
  }

  /** Each block as pairs of a time, microseconds, and how often it came up; null where no clock tells it. */
  read(): readonly (readonly number[])[] | null {
    if (this.#blockNs === 0 || this.#isForeign) return null
    return this.#blocks.map((block) => [...block].flat())
  }
}

/** The middle of the bucket of so many microseconds, whole. */
function middleOf(exactUs: number): number {
  const us = Math.round(Math.min(exactUs, 2 ** 31))
  if (us < EXACT_US) return us
  const width = 2 ** (32 - Math.clz32(us) - EXACT_BITS)
  return Math.floor(us / width) * width + width / 2
}
