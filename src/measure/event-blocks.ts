import { NS_PER_MS, NS_PER_US } from './clock.ts'

/** A window is cut into so many blocks of equal length. */
const BLOCKS = 60

/** Of each of them, milliseconds. */
export function blockMsOf({ startNs, endNs }: Window): number {
  return (endNs - startNs) / NS_PER_MS / BLOCKS
}

/** Below, each microsecond has a bucket of its own; above, each octave has as many as that. */
const SUB_BITS = 10
const SUB_BUCKETS = 2 ** SUB_BITS
const LINEAR_US = 2 * SUB_BUCKETS
const BUCKETS = LINEAR_US + (32 - SUB_BITS - 1) * SUB_BUCKETS

/** Latencies are known to the microsecond, rounded down, and moments to two of such figures. */
const ROUNDED_US = 2

interface Window {
  readonly startNs: number
  readonly endNs: number
}

/** Latencies and when each was received. */
export interface TimedSamples {
  /** Microseconds. */
  readonly latenciesUs: Uint32Array
  /** Microseconds after `sinceNs`, the moment of the last take. */
  readonly receivedUs: Uint32Array
  readonly sinceNs: number
}

/** Block by block how many deliveries there are, and what is asked about: how many of them, or a sum. */
export interface BlockSeries {
  readonly counts: Float64Array
  readonly amounts: Float64Array
}

/**
 * Latencies by when their *event* was intended, so that all deliveries of a broadcast, and all that
 * one delay touched, stay together. They are counted in log-linear buckets, to three digits.
 */
export class EventBlocks {
  /** Block by block; empty until there is a window. */
  #counts = new Uint32Array(0)
  readonly #totals = new Float64Array(BLOCKS)
  readonly #sumsUs = new Float64Array(BLOCKS)
  #startNs = 0
  #blockUs = 0
  /** One beyond the highest bucket in use. */
  #top = 0

  /** Until then nothing is recorded. */
  begin(window: Window): void {
    this.#counts = new Uint32Array(BLOCKS * BUCKETS)
    this.#startNs = window.startNs
    this.#blockUs = blockMsOf(window) * 1e3
  }

  recordAll({ latenciesUs, receivedUs, sinceNs }: TimedSamples): void {
    for (let at = 0; at < latenciesUs.length; at++) {
      const latencyUs = latenciesUs[at] as number
      this.record(sinceNs + ((receivedUs[at] as number) - latencyUs) * NS_PER_US, latencyUs)
    }
  }

  record(intendedNs: number, latencyUs: number, times = 1): void {
    if (this.#counts.length === 0) return
    // An event that is due just when a block begins belongs to it with all its deliveries.
    const sinceUs = (intendedNs - this.#startNs) / NS_PER_US + ROUNDED_US
    const block = Math.max(0, Math.min(BLOCKS - 1, Math.floor(sinceUs / this.#blockUs)))
    const bucket = bucketOf(latencyUs)
    if (bucket >= this.#top) this.#top = bucket + 1
    const index = block * BUCKETS + bucket
    this.#counts[index] = (this.#counts[index] as number) + times
    this.#totals[block] = (this.#totals[block] as number) + times
    this.#sumsUs[block] = (this.#sumsUs[block] as number) + times * latencyUs
  }

  /** How many blocks there are up to a moment: a window may be cut short. */
  until(endNs: number): number {
    if (this.#blockUs === 0) return 0
    const spanUs = (endNs - this.#startNs) / NS_PER_US
    return Math.max(0, Math.min(BLOCKS, Math.round(spanUs / this.#blockUs)))
  }

  get blockMs(): number {
    return this.#blockUs / 1e3
  }

  /** The deliveries of the first blocks, and the sum of their latencies, microseconds. */
  sums(blocks: number): BlockSeries {
    return { counts: this.#totals.slice(0, blocks), amounts: this.#sumsUs.slice(0, blocks) }
  }

  /**
   * For each share how many deliveries are among that share of the fastest, to three digits.
   * @param shares of 0 to 1, rising
   */
  below(shares: readonly number[], blocks: number): readonly BlockSeries[] {
    const all = new Float64Array(this.#top)
    for (let block = 0; block < blocks; block++) {
      const first = block * BUCKETS
      for (let bucket = 0; bucket < this.#top; bucket++) {
        all[bucket] = (all[bucket] as number) + (this.#counts[first + bucket] as number)
      }
    }
    const { counts } = this.sums(blocks)
    const total = counts.reduce((sum, count) => sum + count, 0)
    const amounts = new Float64Array(blocks)
    let end = 0
    let passed = 0
    return shares.map((share) => {
      const from = end
      for (; end < this.#top && passed < share * total; end++) passed += all[end] as number
      for (let block = 0; block < blocks; block++) {
        const first = block * BUCKETS
        let sum = amounts[block] as number
        for (let at = first + from; at < first + end; at++) sum += this.#counts[at] as number
        amounts[block] = sum
      }
      return { counts, amounts: amounts.slice() }
    })
  }

  /**
   * The latency that a share of the deliveries of some blocks does not exceed, microseconds, to three digits;
   * null without any.
   */
  quantileUs(share: number, from: number, end: number): number | null {
    const { counts } = this.sums(end)
    const total = counts.subarray(from).reduce((sum, count) => sum + count, 0)
    let passed = 0
    for (let bucket = 0; bucket < this.#top; bucket++) {
      for (let block = from; block < end; block++) {
        passed += this.#counts[block * BUCKETS + bucket] as number
      }
      if (passed > 0 && passed >= share * total) return highestOf(bucket)
    }
    return null
  }

  /** The deliveries of the first blocks, and how many of them took longer than so many microseconds. */
  above(limitUs: number, blocks: number): BlockSeries {
    const { counts } = this.sums(blocks)
    const first = bucketOf(Math.min(Math.floor(limitUs), 2 ** 32 - 1)) + 1
    const amounts = counts.map((_, block) =>
      this.#counts
        .subarray(block * BUCKETS + first, block * BUCKETS + Math.max(first, this.#top))
        .reduce((sum, count) => sum + count, 0),
    )
    return { counts, amounts }
  }
}

/** The highest latency that is counted in a bucket. */
function highestOf(bucket: number): number {
  if (bucket < LINEAR_US) return bucket
  const octave = Math.floor(bucket / SUB_BUCKETS) - 1
  return (bucket - octave * SUB_BUCKETS + 1) * 2 ** octave - 1
}

/** @param us whole microseconds below 2 ** 32 */
function bucketOf(us: number): number {
  if (us < LINEAR_US) return us
  const octave = 31 - Math.clz32(us) - SUB_BITS
  return octave * SUB_BUCKETS + (us >>> octave)
}
