import type { CapacityStep } from '../result/capacity.ts'

/** What the search wants to know next: whether this value is kept. */
export type Question = Pick<CapacityStep, 'value' | 'phase'>

export interface Bracket {
  /** The least value, tried first. */
  readonly from: number
  /** The greatest one. */
  readonly to: number
  /** 0.1: on the way up, the greatest value kept and the least not kept come within 10 %. */
  readonly precision: number
  /** A sensible value near one that was computed. */
  round(value: number): number
}

/** Ways down, each twice as far as the one before, after which there is no answer. */
const MOST_WAYS_DOWN = 4

/** Whether a value was kept; null when the measurement is no evidence either way. */
export type Told = boolean | null

type Search<Found> = Generator<Question, Found, Told>

/**
 * Searches the greatest value that is kept twice. Pure: it yields what is to be measured, is told
 * whether it was kept, and returns the answer, or null. The way up doubles the value; between the
 * greatest that was kept and the least that was not it goes on by their geometric mean; then the
 * former is measured once more, and where it is not kept again, lower ones are.
 *
 * The number of questions is bounded: some twenty, since `to / from` counts by its logarithm only.
 */
export function* searchCapacity(bracket: Bracket): Search<number | null> {
  const { from, to, precision, round } = bracket
  // The first measurement of all meets cold caches; an answer must not depend on it alone.
  const first = yield* ask(from, 'double')
  if (first === null) return null
  if (!first && (yield* ask(from, 'confirm')) !== true) return null
  /** All that were kept once, in their order. */
  const rungs = [from]
  let kept = from
  let missed = Number.POSITIVE_INFINITY
  while (kept < to && missed > to) {
    const value = Math.min(to, round(2 * kept))
    if (yield* isKept(value, 'double')) {
      kept = value
      rungs.push(value)
    } else missed = value
  }
  while (missed <= to && missed / kept > 1 + precision) {
    const value = round(Math.sqrt(kept * missed))
    if (value <= kept || value >= missed) break
    if (yield* isKept(value, 'bisect')) {
      kept = value
      rungs.push(value)
    } else missed = value
  }
  if (yield* isKept(kept, 'confirm')) return kept
  return yield* wayDown(rungs, bracket)
}

/** From the greatest value that was kept once, and not again, to one that is kept twice. */
function* wayDown(
  rungs: readonly number[],
  { from, precision, round }: Bracket,
): Search<number | null> {
  let value = rungs.at(-1) ?? from
  let ratio = 1 + precision
  for (let ways = 0; ways < MOST_WAYS_DOWN && value > from; ways++) {
    const failed = value
    // Among a few clients a small ratio may round to nothing.
    while (value >= failed) {
      value = Math.max(from, round(failed / ratio))
      ratio *= ratio
    }
    // One on the way that was kept already is nearer, and lacks its second measurement only.
    const rung = rungs.findLast((one) => one < failed && one >= value)
    value = rung ?? value
    if (rung === undefined && !(yield* isKept(value, 'step-down'))) continue
    if (yield* isKept(value, 'confirm')) return value
  }
  return null
}

/** Where what is told is no evidence, asks once again. */
function* ask(value: number, phase: Question['phase']): Search<Told> {
  return (yield { value, phase }) ?? (yield { value, phase: 'repeat' })
}

function* isKept(value: number, phase: Question['phase']): Search<boolean> {
  return (yield* ask(value, phase)) === true
}

/**
 * Rounds to two significant digits, as people would choose them, or to three where two are coarser
 * than the precision.
 */
export function roundedTo(precision: number, whole: boolean): (value: number) => number {
  const digits = precision < 0.1 ? 3 : 2
  return (value) => {
    const rounded = Number(value.toPrecision(digits))
    return whole ? Math.max(1, Math.round(rounded)) : rounded
  }
}
