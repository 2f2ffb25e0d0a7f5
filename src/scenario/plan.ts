import type { RtbenchError } from '../error.ts'
import type { SweepWish } from './field.ts'
import { type Layer, nameLayer } from './layer.ts'
import { type Problem, usageError } from './problem.ts'
import { examineScenario, type Resolution } from './resolve.ts'
import type { Scenario } from './scenario.ts'
import { formatSwept, type Sweep, type SweepKey, type SweepPoint, sweptFigure } from './sweep.ts'

/** What is to be measured: a scenario, or one for each value of a sweep. */
export interface Plan {
  /** Of a sweep the one of its first value. */
  readonly scenario: Scenario
  readonly sweep: Sweep | null
}

/**
 * Resolves a scenario and each value of its sweep, which is checked as if its own flag had given it.
 *
 * @param layers highest precedence first: flags, environment, file
 * @throws RtbenchError `usage` with one line per problem
 */
export function resolvePlan(layers: readonly Layer[], resolution: Resolution): Plan {
  const { scenario, problems, sweep } = examineScenario(layers, resolution)
  // With a sweep, what is wrong with the rest is found at each of its values.
  if (sweep === null) {
    if (problems.length > 0) throw usageError(problems)
    return { scenario, sweep: null }
  }
  refuseSecondSource(layers, sweep)
  const { wish, layer } = sweep
  const { seed } = scenario
  const points = wish.values.map((_, index) =>
    examineScenario([pointLayer(sweep, index), ...layers, nameLayer(`sweep-${wish.key}`)], {
      ...resolution,
      randomSeed: () => seed,
    }),
  )
  const found = points.flatMap(({ problems }, index) => {
    const value = `${wish.key}=${wish.values[index]}`
    const everywhere = (problem: Problem): boolean =>
      points.every((other) => other.problems.some((one) => isSame(one, problem)))
    return problems.map((problem) =>
      problem.place.label === placeOf(sweep, index).label || everywhere(problem)
        ? problem
        : { ...problem, text: `${problem.text} (at ${value})` },
    )
  })
  if (found.length > 0) throw usageError(distinct(found))
  const [first, ...rest] = points
    .map(({ scenario }, index) => pointOf(scenario, sweep, index))
    .sort((one, other) => one.value - other.value)
  if (first === undefined) throw refusal(layer, 'no value; expected at least two')
  refuseTwice([first, ...rest], sweep)
  refuseUnconcerned(first.scenario, sweep, resolution)
  return { scenario: first.scenario, sweep: { key: wish.key, points: [first, ...rest] } }
}

/** A sweep as a layer has it. */
interface Swept {
  readonly wish: SweepWish<SweepKey>
  readonly layer: Layer
}

/** The layer of one value, above all others. */
function pointLayer(sweep: Swept, index: number): Layer {
  const { key, values } = sweep.wish
  return {
    values: { [key]: values[index] },
    problems: [],
    place: () => placeOf(sweep, index),
  }
}

function placeOf({ wish, layer }: Swept, index: number) {
  return wish.isMap ? layer.place('sweep', wish.key, index) : layer.place('sweep')
}

function pointOf(scenario: Scenario, { wish, layer }: Swept, index: number): SweepPoint {
  const value = sweptFigure(wish.key, scenario)
  if (value !== null) return { value, scenario }
  throw refusal(layer, `${wish.values[index]} is no number of ${wish.key}; expected numbers`)
}

/** The value that the key has elsewhere would count nowhere: somebody meant something else. */
function refuseSecondSource(layers: readonly Layer[], { wish, layer }: Swept): void {
  const above = layers.slice(0, layers.indexOf(layer) + 1)
  const other = above.find(({ values }) => values[wish.key] !== undefined)
  if (other === undefined) return
  const text = `is swept, too, by ${layer.place('sweep').label}; expected one of them${
    other === layer ? '' : ', or --sweep none'
  }`
  throw usageError([{ place: other.place(wish.key), text }])
}

function refuseTwice(points: readonly SweepPoint[], { wish, layer }: Swept): void {
  const twice = points.find(({ value }, index) => value === points[index + 1]?.value)
  if (twice === undefined) return
  const value = `${wish.key}=${formatSwept(wish.key, twice.value)}`
  throw refusal(layer, `${value} is listed twice; expected each value once`)
}

function refuseUnconcerned(
  { transports }: Scenario,
  { wish, layer }: Swept,
  { concerns }: Resolution,
): void {
  if (transports.some((name) => concerns(wish.key, name))) return
  const text = `${wish.key} changes nothing for ${transports.join(', ')}; expected a key that does, or another transport`
  throw refusal(layer, text)
}

function refusal(layer: Layer, text: string): RtbenchError {
  return usageError([{ place: layer.place('sweep'), text }])
}

function distinct(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter(
    (problem, index) => problems.findIndex((other) => isSame(problem, other)) === index,
  )
}

function isSame(one: Problem, other: Problem): boolean {
  return one.place.label === other.place.label && one.text === other.text
}
