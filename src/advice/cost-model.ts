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

/** So many times more or less than a run had is nearly that. */
const NEAR = 3

type Column = (load: Load) => number
type Shape = readonly Column[]

/** Estimates a cost for a load, from runs of a technique; null without any. */
export function costModel(
  observations: readonly Observation[],
  question: CostQuestion,
): ((load: Load) => Amount) | null {
  if (observations.length === 0) return null
  const { terms, noise } = question
  const shapes = shapesOf(question)
  const known: Column = (load) => sumOf(question.known ?? {}, load)
  const all = predictor(observations, shapes, { terms, known, noise })
  const missed = foldsOf(observations, terms).flatMap(({ left, rest, isBetween }) => {
    if (rest.length === 0) return []
    const predict = predictor(rest, shapes, { terms, known, noise })
    return left
      .map(({ load, value }) => ({ predict, isBetween, off: offBy(predict(load).value, value) }))
      .filter(({ off }) => Number.isFinite(off))
  })
  return (load) => {
    const { value, low, high } = all(load)
    const between = isBetween(load, observations, terms)
      ? missed.filter((one) => one.isBetween)
      : missed
    const counted = between.length > 0 ? between : missed
    // Jackknife+, at its widest (R. Barber et al., Predictive inference with the jackknife+, Annals of
    // Statistics 49, 2021): what each fit without a run says, and by how much it was wrong there.
    const ends = counted.map(({ predict, off }) => ({
      at: predict(load).value,
      off: Math.max(off, noise),
    }))
    const most = Math.max(high, ...ends.map(({ at, off }) => at * Math.exp(off)))
    return {
      value,
      low: Math.min(low, ...ends.map(({ at, off }) => at * Math.exp(-off))),
      high: Number.isFinite(most) ? most : null,
      error: counted.length === 0 ? null : Math.expm1(Math.max(...counted.map(({ off }) => off))),
      runs: observations.length,
    }
  }
}

/** How far apart two figures are as a ratio: the logarithm. */
function offBy(one: number, other: number): number {
  return one === other ? 0 : Math.abs(Math.log(one / other))
}

interface Fold {
  readonly left: readonly Observation[]
  readonly rest: readonly Observation[]
  /** What is left out lies among the rest: else it tells what going further is worth, and not what an estimate in between is. */
  readonly isBetween: boolean
}

function foldsOf(observations: readonly Observation[], terms: readonly Term[]): readonly Fold[] {
  const count = Math.min(MOST_FOLDS, observations.length)
  return Array.from({ length: count }, (_, fold) => {
    const left = observations.filter((_, i) => i % count === fold)
    const rest = observations.filter((one) => !left.includes(one))
    return { left, rest, isBetween: left.every(({ load }) => isBetween(load, rest, terms)) }
  })
}

/** Whether a load has of each term as much as some runs have, or so many times more or less at most. */
function isBetween(load: Load, runs: readonly Observation[], terms: readonly Term[]): boolean {
  return terms.every((term) => {
    const those = runs.map((one) => one.load[term])
    return load[term] >= Math.min(...those) / NEAR && load[term] <= Math.max(...those) * NEAR
  })
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
   * out, by which the runs themselves are.
   */
  readonly error: number
}

/** More than this is wrong, by whatever. */
const MOST_OFF = 5
/** From so many runs on one can be left out, and the rest still has two to compare. */
const ENOUGH = 3

/** What all sets of terms have in common. */
interface Context {
  readonly terms: readonly Term[]
  readonly known: Column
  readonly noise: number
}

/** The middle of what all sets of terms say that are believed, and the ends. */
function predictor(
  observations: readonly Observation[],
  shapes: readonly Shape[],
  { terms, known, noise }: Context,
): (load: Load) => Pick<Amount, 'value' | 'low'> & { readonly high: number } {
  const folds = observations.length >= ENOUGH ? foldsOf(observations, terms) : []
  const fitted = shapes.flatMap((shape): readonly Fitted[] => {
    const coefficients = coefficientsOf(observations, shape, known)
    if (coefficients === null) return []
    const one = { shape, coefficients }
    const error =
      folds.length > 0 ? leftOutError(folds, one, known) : ownError(observations, one, known)
    return error === null ? [] : [{ ...one, error }]
  })
  const best = Math.min(...fitted.map(({ error }) => error))
  const believed = fitted.filter(({ error }) => error <= Math.max(best * AS_GOOD, best + noise))
  return (load) => {
    const says = believed.map((one) => figureAt(one, load, known))
    if (says.length === 0) return { value: Number.NaN, low: 0, high: Number.POSITIVE_INFINITY }
    return { value: median(says), low: Math.min(...says), high: Math.max(...says) }
  }
}

/** Null where a set of terms takes all of the runs. A run that lies beyond the others is one to be explained, and not foretold. */
function leftOutError(
  folds: readonly Fold[],
  { shape, coefficients }: Pick<Fitted, 'shape' | 'coefficients'>,
  known: Column,
): number | null {
  const offs: number[] = []
  for (const { left, rest, isBetween } of folds) {
    const by = isBetween ? coefficientsOf(rest, shape, known) : coefficients
    if (by === null) return null
    for (const { load, value } of left) {
      offs.push(
        Math.min(MOST_OFF, offBy(figureAt({ shape, coefficients: by }, load, known), value)),
      )
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
