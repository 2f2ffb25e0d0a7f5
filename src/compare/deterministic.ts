import type { RecordedScenario } from '../result/document.ts'
import { theoreticalEmptyRatio } from '../result/empty-theory.ts'
import { formatShare } from '../scenario/units.ts'
import { changeOf, type Finding, plainFinding } from './finding.ts'
import type { DeterministicMetric } from './metric.ts'
import { BEYOND_CHANCE, scheduleNoise, sharedAnswers } from './schedule-noise.ts'
import type { CountedRun } from './side.ts'
import { median } from './statistics.ts'

/** From this share on it is the server's pace that decides how often a client asks. */
const MOST_SHARED = 0.05

/**
 * Whether how often clients ask depends on speed: those that ask again at once do it as fast as they
 * are answered, and those that are answered at once take more events by an answer when it is slow.
 * Then a figure of requests has noise of its own, and is judged over repetitions.
 */
export function asksByPace({ intervalMs }: RecordedScenario, runs: readonly CountedRun[]): boolean {
  const [first] = runs
  if (first === undefined || first.run.exchanges.emptyRatio === null) return false
  return first.run.technique.traits.keepsInterval
    ? intervalMs === 0
    : sharedAnswers(runs) > MOST_SHARED
}

interface DeterministicComparison {
  readonly metric: DeterministicMetric
  /** By which both sides were measured. */
  readonly scenario: RecordedScenario
  readonly baseline: readonly CountedRun[]
  readonly candidate: readonly CountedRun[]
}

/**
 * Judges a figure that the protocol and the schedule fix, by the tolerance of its metric and what
 * other schedules do to it. An empty ratio that theory knows is held against it on either side, and
 * where both sides keep to it or neither does, against the other one: of one schedule they are nearer
 * to each other than to theory.
 */
export function judgeDeterministic({
  metric,
  scenario,
  baseline,
  candidate,
}: DeterministicComparison): Finding {
  const before = figureOf(metric, baseline)
  const after = figureOf(metric, candidate)
  const change = changeOf(before, after)
  const absent = Number.isNaN(before) ? 'baseline' : Number.isNaN(after) ? 'candidate' : null
  if (absent !== null) {
    return plainFinding('inconclusive', null, `inconclusive: the ${absent} has no such figure`)
  }
  const tolerance = (one: readonly CountedRun[], other: readonly CountedRun[]): number =>
    metric.tolerance + BEYOND_CHANCE * scheduleNoise(metric.noise, scenario, one, other)
  const theory = theoryOf(metric, scenario, candidate)
  const told = `theory says ${formatShare(theory ?? Number.NaN)}`
  const wasOff = theory !== null && Math.abs(before - theory) > tolerance(baseline, [])
  const isOff = theory !== null && Math.abs(after - theory) > tolerance(candidate, [])
  if (isOff && !wasOff) {
    return plainFinding('regressed', change, `${told}, and the baseline keeps to it`)
  }
  if (wasOff && !isOff) {
    return plainFinding('improved', change, `${told}, and the baseline is off it`)
  }
  const scale = metric.unit === 'ratio' ? 1 : before
  const allowed = tolerance(baseline, candidate)
  const points = metric.unit === 'ratio' ? ' in absolute terms' : ''
  const limit = `${formatShare(allowed)}${points}`
  const keepsTheory = theory !== null && !isOff
  if (Math.abs(after - before) <= allowed * scale) {
    return plainFinding('unchanged', change, keepsTheory ? `as ${told}` : `within ${limit}`)
  }
  const which = keepsTheory ? `${told}, and both sides are near it, but apart ` : ''
  const verdict = after > before ? 'regressed' : 'improved'
  return plainFinding(verdict, change, `${which}by more than ${limit}`)
}

function figureOf({ figure }: DeterministicMetric, runs: readonly CountedRun[]): number {
  return median(runs.map(({ run }) => figure(run)).filter((value) => value !== null))
}

/**
 * Null where there is none of the metric, and of polls that are held: it is of the long run, and how
 * near a window comes to it depends on who serves them.
 */
function theoryOf(
  { noise }: DeterministicMetric,
  scenario: RecordedScenario,
  [first]: readonly CountedRun[],
): number | null {
  if (noise !== 'emptyRatio' || first === undefined) return null
  const { keepsInterval } = first.run.technique.traits
  return keepsInterval ? theoreticalEmptyRatio(scenario, first.run) : null
}
