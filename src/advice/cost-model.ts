/**
 * What a cost is made of, by runs of several loads: so much for the process, a connection, a request, an
 * event, a delivery and a byte of payload, none of them below nothing. Runs that are few or alike leave open
 * which of these it is. So all sets of terms are tried; those that predict a run which they have not seen about as
 * well as the best one does are believed, and an estimate reaches over all of them.
 */
import { median } from '../compare/statistics.ts'
import type { Amount } from '../result/advice.ts'
import { positiveFit } from './least-squares.ts'
import type { Load, Term } from './load.ts'

/** A run's cost, and the load that it had; `idle` is what it took before the load came. */
export interface Observation {
  readonly load: Load
  readonly value: number
  readonly idle?: { readonly load: Load; readonly value: number } | undefined
}

export interface CostQuestion {
  readonly terms: readonly Term[]
  /**
   * Work that finds the server awake costs less than work that wakes it: a further term is how often it is
   * woken, where what comes within a time of the last work is done with it.
   */
  readonly wakes: boolean
  /** Known without a run, of a unit of the term: it is part of every value. */
  readonly known?: Partial<Load>
  /** By which runs of the same load differ, as a share. */
  readonly noise: number
}

/** Milliseconds within which work is done together. */
const TOGETHER_MS = [0.5, 1, 2, 4, 8]
/** More terms than this no handful of runs tells apart. */
const MOST_TERMS = 3
/** A set of terms is believed whose error is so many times that of the best, or more by no more than runs differ anyway. */
const AS_GOOD = 1.5
/** What a server took for a second or two before the load came is known less well than a window. */
const IDLE_WEIGHT = 0.3
/** More runs are left out several at a time. */
const MOST_FOLDS = 8

type Column = (load: Load) => number
type Shape = readonly Column[]

/** Estimates a cost for a load, from runs of a technique; null without any. */
export function costModel(
  observations: readonly Observation[],
  question: CostQuestion,
): ((load: Load) => Amount) | null {
  if (observations.length === 0) return null
  const shapes = shapesOf(question)
  const known: Column = (load) => sumOf(question.known ?? {}, load)
  const all = predictor(observations, shapes, known, question.noise)
  const folds = foldsOf(observations).map((left) => {
    const rest = observations.filter((one) => !left.includes(one))
    return { left, predict: predictor(rest, shapes, known, question.noise) }
  })
  const residuals = folds.flatMap(({ left, predict }) =>
    observations.length < 2
      ? []
      : left.map(({ load, value }) => ({ predict, off: offBy(predict(load).value, value) })),
  )
  const offs = residuals.map(({ off }) => off).filter(Number.isFinite)
  const worst = offs.length === 0 ? null : Math.max(...offs)
  return (load) => {
    const { value, low, high } = all(load)
    // Jackknife+, at its widest (R. Barber et al., Predictive inference with the jackknife+, Annals of
    // Statistics 49, 2021): what each fit without a run says, and by how much it was wrong there.
    const ends = residuals
      .filter(({ off }) => Number.isFinite(off))
      .map(({ predict, off }) => ({ at: predict(load).value, off: Math.max(off, question.noise) }))
    const most = Math.max(high, ...ends.map(({ at, off }) => at * Math.exp(off)))
    return {
      value,
      low: Math.min(low, ...ends.map(({ at, off }) => at * Math.exp(-off))),
      high: Number.isFinite(most) ? most : null,
      error: worst === null ? null : Math.expm1(worst),
      runs: observations.length,
    }
  }
}

/** How far apart two figures are as a ratio: the logarithm. */
function offBy(one: number, other: number): number {
  return one === other ? 0 : Math.abs(Math.log(one / other))
}

function foldsOf(observations: readonly Observation[]): readonly (readonly Observation[])[] {
  const count = Math.min(MOST_FOLDS, observations.length)
  return Array.from({ length: count }, (_, fold) =>
    observations.filter((_, i) => i % count === fold),
  )
}

function sumOf(coefficients: Partial<Load>, load: Load): number {
  return Object.entries(coefficients).reduce(
    (sum, [term, each]) => sum + each * load[term as Term],
    0,
  )
}

/** All sets of terms, small ones first. */
function shapesOf({ terms, wakes }: CostQuestion): readonly Shape[] {
  const columns = terms.map(
    (term): Column =>
      (load) =>
        load[term],
  )
  let sets: readonly Shape[] = [[]]
  for (const column of columns) sets = [...sets, ...sets.map((set) => [...set, column])]
  const plain = sets.filter(({ length }) => length > 0 && length <= MOST_TERMS)
  if (!wakes) return plain
  const woken = TOGETHER_MS.map((ms) => wakesWithin(ms))
  const withWakes = sets
    .filter(({ length }) => length < MOST_TERMS)
    .flatMap((set) => woken.map((column) => [...set, column]))
  return [...plain, ...withWakes]
}

/** How often a second a server is woken that does together what comes within so many milliseconds. */
function wakesWithin(ms: number): Column {
  return ({ requests, events }) => {
    const work = requests + events
    return work / (1 + (work * ms) / 1000)
  }
}

interface Fitted {
  readonly shape: Shape
  readonly coefficients: readonly number[]
  /**
   * Root mean square of the logarithms by which left out runs were missed; of so few runs that none can be left
   * out, by which the runs themselves are. Null where that is not known.
   */
  readonly error: number | null
}

/** From so many runs on one can be left out, and the rest still has two to compare. */
const ENOUGH = 3

/** The middle of what all sets of terms say that are believed, and the ends. */
function predictor(
  observations: readonly Observation[],
  shapes: readonly Shape[],
  known: Column,
  noise: number,
): (load: Load) => Pick<Amount, 'value' | 'low'> & { readonly high: number } {
  const isEnough = observations.length >= ENOUGH
  const fitted = shapes.flatMap((shape): readonly Fitted[] => {
    const coefficients = coefficientsOf(observations, shape, known)
    if (coefficients === null) return []
    const error = isEnough
      ? leftOutError(observations, shape, known)
      : ownError(observations, { shape, coefficients }, known)
    return [{ shape, coefficients, error }]
  })
  const scored = fitted.flatMap((one) => (one.error === null ? [] : [{ ...one, error: one.error }]))
  const best = Math.min(...scored.map(({ error }) => error))
  const believed = scored.filter(({ error }) => error <= Math.max(best * AS_GOOD, best + noise))
  return (load) => {
    const says = believed.map((one) => figureAt(one, load, known))
    if (says.length === 0) return { value: Number.NaN, low: 0, high: Number.POSITIVE_INFINITY }
    return { value: median(says), low: Math.min(...says), high: Math.max(...says) }
  }
}

function leftOutError(
  observations: readonly Observation[],
  shape: Shape,
  known: Column,
): number | null {
  const offs: number[] = []
  for (const left of foldsOf(observations)) {
    const rest = observations.filter((one) => !left.includes(one))
    const coefficients = coefficientsOf(rest, shape, known)
    if (coefficients === null) return null
    for (const { load, value } of left) {
      offs.push(offBy(figureAt({ shape, coefficients }, load, known), value))
    }
  }
  return meanSquare(offs)
}

/** What came before the load counts as much as the load. */
function ownError(
  observations: readonly Observation[],
  fitted: Pick<Fitted, 'shape' | 'coefficients'>,
  known: Column,
): number {
  const all = observations.flatMap(({ idle, ...loaded }) =>
    idle === undefined ? [loaded] : [loaded, idle],
  )
  return meanSquare(
    all.map(({ load, value }) => Math.min(1, Math.abs(figureAt(fitted, load, known) / value - 1))),
  )
}

function meanSquare(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length)
}

/** By relative errors: each run counts alike, whatever it cost. */
function coefficientsOf(
  observations: readonly Observation[],
  shape: Shape,
  known: Column,
): readonly number[] | null {
  const rows: number[][] = []
  const target: number[] = []
  const weights: number[] = []
  const take = ({ load, value }: Pick<Observation, 'load' | 'value'>, weight: number): void => {
    if (!(value > 0)) return
    rows.push(shape.map((column) => column(load)))
    target.push(Math.max(0, value - known(load)))
    weights.push(weight / value)
  }
  for (const { idle, ...loaded } of observations) {
    take(loaded, 1)
    if (idle !== undefined) take(idle, IDLE_WEIGHT)
  }
  return rows.length === 0 ? null : positiveFit(rows, target, weights)
}

function figureAt(
  { shape, coefficients }: Pick<Fitted, 'shape' | 'coefficients'>,
  load: Load,
  known: Column,
): number {
  return shape.reduce((sum, column, i) => sum + (coefficients[i] ?? 0) * column(load), known(load))
}
