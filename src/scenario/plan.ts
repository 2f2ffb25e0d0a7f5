import { type Layer, nameLayer } from './layer.ts'
import { lineOf, usageError } from './problem.ts'
import { examineScenario, type Resolution, type Swept } from './resolve.ts'
import type { Scenario } from './scenario.ts'
import { formatSwept, type Sweep, sweptFigure } from './sweep.ts'

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
  if (sweep === null) {
    if (problems.length > 0) throw usageError(problems)
    return { scenario, sweep: null }
  }
  // What is wrong with the rest is found at each of its values.
  refuseSecondSource(layers, sweep)
  const name = nameLayer(`sweep-${sweep.wish.key}`)
  const points = sweep.wish.values.map((_, index) =>
    examineScenario([pointLayer(sweep, index), ...layers, name], {
      ...resolution,
      randomSeed: () => scenario.seed,
    }),
  )
  const lines = points.map(({ problems }) => new Set(problems.map(lineOf)))
  const found = points.flatMap(({ problems }, index) => {
    const value = `${sweep.wish.key}=${sweep.wish.values[index]}`
    return problems.map((problem) =>
      problem.place.label === placeOf(sweep, index).label ||
      lines.every((told) => told.has(lineOf(problem)))
        ? problem
        : { ...problem, text: `${problem.text} (at ${value})` },
    )
  })
  const distinct = new Map(found.map((problem) => [lineOf(problem), problem]))
  if (distinct.size > 0) throw usageError([...distinct.values()])
  const scenarios = points.map((point) => point.scenario)
  const swept = sweepOf(sweep, scenarios, resolution)
  return { scenario: swept.points[0].scenario, sweep: swept }
}

function sweepOf(
  { wish: { key, values }, layer }: Swept,
  scenarios: readonly Scenario[],
  { concerns }: Resolution,
): Sweep {
  const refusal = (text: string) => usageError([{ place: layer.place('sweep'), text }])
  const [first, ...rest] = scenarios
    .map((scenario, index) => {
      const value = sweptFigure(key, scenario)
      if (value !== null) return { value, scenario }
      throw refusal(`${values[index]} is no number of ${key}; expected numbers`)
    })
    .sort((one, other) => one.value - other.value)
  if (first === undefined) throw refusal('no value; expected at least two')
  const twice = rest.find(({ value }, index) => value === [first, ...rest][index]?.value)
  if (twice !== undefined) {
    const value = `${key}=${formatSwept(key, twice.value)}`
    throw refusal(`${value} is listed twice; expected each value once`)
  }
  const { transports } = first.scenario
  if (!transports.some((name) => concerns(key, name))) {
    const text = `${key} changes nothing for ${transports.join(', ')}; expected a key that does, or another transport`
    throw refusal(text)
  }
  return { key, points: [first, ...rest] }
}

/** The layer of one value, above all others. */
function pointLayer(sweep: Swept, index: number): Layer {
  const { key, values } = sweep.wish
  return { values: { [key]: values[index] }, problems: [], place: () => placeOf(sweep, index) }
}

function placeOf({ wish, layer }: Swept, index: number) {
  return wish.isMap ? layer.place('sweep', wish.key, index) : layer.place('sweep')
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
