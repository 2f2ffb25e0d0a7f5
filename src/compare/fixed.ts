import type { RecordedScenario } from '../result/document.ts'
import type { FixedMetric } from './catalogue.ts'
import { theoreticalEmptyRatio } from './empty-theory.ts'
import { changeOf, type Finding, percent, plainFinding } from './finding.ts'
import { median } from './median.ts'
import { BEYOND_CHANCE, scheduleNoise, sharedAnswers } from './schedule-noise.ts'
import type { CountedRun } from './side.ts'

/** From this share on it is the server's pace that decides how often a client asks. */
const MOST_SHARED = 0.05

/**
 * Whether how often clients ask depends on speed: those that ask again at once do it as fast as they
 * are answered, and those that are answered at once take more events by an answer when it is slow.
 * Then a figure of requests has noise of its own, and is judged over repetitions.
 */
export function isTimed({ intervalMs }: RecordedScenario, runs: readonly CountedRun[]): boolean {
  const [first] = runs
  if (first === undefined || first.run.exchanges.emptyRatio === null) return false
  return first.run.technique.traits.keepsInterval
    ? intervalMs === 0
    : sharedAnswers(runs) > MOST_SHARED
}

/**
 * Judges a figure that the protocol and the schedule fix, by the tolerance of its metric and what
 * other schedules do to it. An empty ratio that theory knows is held against it on either side.
 */
export function judgeFixed(
  metric: FixedMetric,
  scenario: RecordedScenario,
  baseline: readonly CountedRun[],
  candidate: readonly CountedRun[],
): Finding {
  const before = figureOf(metric, baseline)
  const after = figureOf(metric, candidate)
  const change = changeOf(before, after)
  const absent = Number.isNaN(before) ? 'baseline' : Number.isNaN(after) ? 'candidate' : null
  if (absent !== null) {
    return plainFinding('inconclusive', null, `inconclusive: the ${absent} has no such figure`)
  }
  const theory =
    metric.noise === 'emptyRatio' && candidate[0] !== undefined
      ? theoreticalEmptyRatio(scenario, candidate[0].run)
      : null
  if (theory !== null) {
    const told = `theory says ${percent(theory)}`
    const wasOff = isOff(metric, baseline, before, theory)
    const isOffNow = isOff(metric, candidate, after, theory)
    if (!wasOff && !isOffNow) return plainFinding('unchanged', change, `as ${told}`)
    if (!wasOff) return plainFinding('regressed', change, `${told}, and the baseline keeps to it`)
    if (!isOffNow) return plainFinding('improved', change, `${told}, and the baseline is off it`)
  }
  const scale = metric.unit === 'ratio' ? 1 : before
  const noise = scheduleNoise(metric.noise, baseline, candidate)
  const tolerance = metric.tolerance + BEYOND_CHANCE * noise
  const within = Math.abs(after - before) <= tolerance * scale
  const points = metric.unit === 'ratio' ? ' in absolute terms' : ''
  const limit = `${percent(tolerance)}${points}`
  if (within) return plainFinding('unchanged', change, `within ${limit}`)
  return plainFinding(after > before ? 'regressed' : 'improved', change, `by more than ${limit}`)
}

function figureOf({ figure }: FixedMetric, runs: readonly CountedRun[]): number {
  return median(runs.map(({ run }) => figure(run)).filter((value) => value !== null))
}

function isOff(
  metric: FixedMetric,
  runs: readonly CountedRun[],
  found: number,
  theory: number,
): boolean {
  const noise = scheduleNoise(metric.noise, runs, [])
  return Math.abs(found - theory) > metric.tolerance + BEYOND_CHANCE * noise
}
