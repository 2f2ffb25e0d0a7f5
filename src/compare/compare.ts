import { RtbenchError } from '../error.ts'
import { seededRandom } from '../measure/random.ts'
import type { Result } from '../result/document.ts'
import type { Judgement, ResultComparison, Verdict } from '../result/judgement.ts'
import { assertSameScenario, mismatchOf } from './comparable.ts'
import { judgeDeterministic } from './deterministic.ts'
import { type Drift, driftOf, NO_DRIFT } from './drift.ts'
import { judgeFaults } from './fault.ts'
import { changeOf, type Finding, plainFinding } from './finding.ts'
import type { CompareMetric, StatisticalMetric } from './metric.ts'
import { figuresOf, type MetricComparison, metricComparisonsOf } from './metric-comparison.ts'
import { type Side, sideOf } from './side.ts'
import { judgeStatistical, type Samples } from './statistical.ts'
import { median } from './statistics.ts'
import {
  absentOf,
  driftWarnings,
  echoWarnings,
  machineWarnings,
  sameRunWarnings,
  scarceOf,
  seedWarnings,
} from './warning.ts'

export type { Judgement, ResultComparison, Verdict } from '../result/judgement.ts'

export interface CompareOptions {
  /** A change of a statistical metric up to this is none: 0.1 is 10 %. */
  readonly thresholdShare: number
  /** Of the resampling. */
  readonly seed: number
  /** Judge statistical metrics of different machines all the same. */
  readonly allowMismatch: boolean
}

const DEFAULTS: CompareOptions = { thresholdShare: 0.1, seed: 1, allowMismatch: false }

/**
 * Compares the runs of one scenario, transport by transport and value by value of a sweep; those of a
 * side's results are taken together as repetitions.
 * @throws RtbenchError `usage` where they cannot be compared: no results, or of other scenarios
 */
export function compareResults(
  baseline: readonly Result[],
  candidate: readonly Result[],
  options: Partial<CompareOptions> = {},
): ResultComparison {
  const { thresholdShare, seed, allowMismatch } = { ...DEFAULTS, ...options }
  const results = [...baseline, ...candidate]
  const [first] = baseline
  if (first === undefined || candidate.length === 0) {
    throw new RtbenchError('usage', 'a side of the comparison has no result')
  }
  assertSameScenario(results)
  const before = sideOf('baseline', baseline)
  const after = sideOf('candidate', candidate)
  if (![...before.labels.keys()].some((group) => after.labels.has(group))) {
    throw new RtbenchError('usage', 'the sides of the comparison have no transport in common')
  }
  const mismatch = mismatchOf(results)
  const comparisons = metricComparisonsOf(before, after, first)
  const faults = comparisons.filter(isOf('fault'))
  const deterministic = comparisons.filter(isOf('deterministic'))
  const statistical = comparisons.filter(isOf('statistical'))
  const judgesTimes = statistical.length > 0 && (mismatch.machine.length === 0 || allowMismatch)
  const drift = judgesTimes ? driftOf(before, after) : NO_DRIFT
  const judgeTimes = (): readonly Finding[] => {
    const samples = statistical.map((comparison) => samplesOf(comparison, drift))
    return judgeStatistical(samples, thresholdShare, () => seededRandom(seed, 0))
  }
  const findings = new Map<MetricComparison, Finding>([
    ...zip(faults, judgeFaults(faults)),
    ...zip(deterministic, deterministic.map(judgeDeterministic)),
    ...zip(statistical, judgesTimes ? judgeTimes() : statistical.map(unjudged)),
  ])
  const judgements = comparisons.map((comparison) =>
    judgementOf(comparison, findings.get(comparison) as Finding),
  )
  const absent = absentOf(before, after)
  const scarce = scarceOf(before, after)
  return {
    judgements,
    warnings: [
      ...machineWarnings(mismatch, allowMismatch),
      ...(judgesTimes ? echoWarnings(before, after) : []),
      ...driftWarnings(drift, thresholdShare),
      ...before.warnings,
      ...after.warnings,
      ...absent,
      ...scarce,
      ...sameRunWarnings(before, after),
      ...seedWarnings(before, after),
    ],
    verdict: overall(judgements, absent.length > 0),
    judged: judgedOf(comparisons, scarce.length > 0 || isOneWithout(before, after)),
  }
}

/** Something was measured on both sides, and no run of it counts on one of them. */
function isOneWithout(before: Side, after: Side): boolean {
  const shared = [...before.labels.keys()].filter((group) => after.labels.has(group))
  return shared.some((group) =>
    [before, after].some(({ runs }) => (runs.get(group)?.length ?? 0) === 0),
  )
}

function judgedOf(
  comparisons: readonly MetricComparison[],
  isScarce: boolean,
): ResultComparison['judged'] {
  if (comparisons.length === 0) return 'nothing'
  if (comparisons.every(({ metric }) => metric.kind === 'fault')) return 'faults'
  return isScarce ? 'part' : 'all'
}

function isOf<Kind extends CompareMetric['kind']>(
  kind: Kind,
): (
  comparison: MetricComparison,
) => comparison is MetricComparison<Extract<CompareMetric, { kind: Kind }>> {
  return (comparison): comparison is MetricComparison<Extract<CompareMetric, { kind: Kind }>> =>
    comparison.metric.kind === kind
}

function samplesOf(comparison: MetricComparison<StatisticalMetric>, drift: Drift): Samples {
  const { metric, baseline, candidate } = comparison
  return {
    baseline: figuresOf(metric, baseline),
    candidate: figuresOf(metric, candidate),
    lower: lowerFiguresOf(comparison),
    slack: metric.slack,
    driftShare: driftShareOf(comparison, drift),
  }
}

/** Null where a run does not tell them: then the observed figures are all that there is. */
function lowerFiguresOf({
  metric,
  baseline,
  candidate,
}: MetricComparison<StatisticalMetric>): Samples['lower'] {
  const { lower } = metric
  const all = [...baseline, ...candidate]
  if (lower === undefined || all.some(({ run }) => run.latencyLowerBound === undefined)) return null
  const of = (runs: MetricComparison['baseline']): readonly number[] =>
    runs.map(({ run }) => lower(run)).filter((value) => value !== null)
  return { baseline: of(baseline), candidate: of(candidate) }
}

function driftShareOf(
  { metric, scenario, baseline }: MetricComparison<StatisticalMetric>,
  drift: Drift,
): number {
  if (metric.movedBy === null) return 0
  // Who asks at an interval mostly waits for it, whatever the machine's pace.
  const waits = baseline.some(({ run }) => run.technique.traits.keepsInterval)
  if (metric.isWait && waits && scenario.intervalMs > 0) return 0
  return drift[metric.movedBy]
}

function unjudged({ metric, baseline, candidate }: MetricComparison<StatisticalMetric>): Finding {
  const [from, to] = [baseline, candidate].map((runs) => median(figuresOf(metric, runs)))
  const change = changeOf(from ?? Number.NaN, to ?? Number.NaN)
  return plainFinding('inconclusive', change, 'inconclusive: measured on another machine')
}

function zip<Left, Right>(
  left: readonly Left[],
  right: readonly Right[],
): readonly (readonly [Left, Right])[] {
  return left.map((one, place) => [one, right[place] as Right])
}

function judgementOf(comparison: MetricComparison, finding: Finding): Judgement {
  const { metric, transport, transportLabel, point, baseline, candidate } = comparison
  const before = figuresOf(metric, baseline)
  const after = figuresOf(metric, candidate)
  return {
    metric: metric.name,
    label: metric.label,
    unit: metric.unit,
    transport,
    transportLabel,
    point,
    kind: metric.kind === 'statistical' ? 'noisy' : 'deterministic',
    baseline: middleOf(metric, before),
    candidate: middleOf(metric, after),
    ...lowerBoundOf(comparison),
    repetitions: [before.length, after.length],
    ...finding,
  }
}

function lowerBoundOf(comparison: MetricComparison): Pick<Judgement, 'lowerBound'> {
  const lower = isOf('statistical')(comparison) ? lowerFiguresOf(comparison) : null
  if (lower === null) return {}
  const [baseline, candidate] = [median(lower.baseline), median(lower.candidate)]
  return Number.isNaN(baseline) || Number.isNaN(candidate)
    ? {}
    : { lowerBound: { baseline, candidate } }
}

function middleOf({ kind }: CompareMetric, figures: readonly number[]): number | null {
  if (figures.length === 0) return null
  // The median of counts would hide what a minority of the runs lost.
  return kind === 'fault'
    ? figures.reduce((sum, one) => sum + one, 0) / figures.length
    : median(figures)
}

const ORDER: readonly Verdict[] = ['regressed', 'inconclusive', 'improved', 'unchanged']

function overall(judgements: readonly Judgement[], isIncomplete: boolean): Verdict {
  const verdicts = new Set(judgements.map(({ verdict }) => verdict))
  if (isIncomplete || judgements.length === 0) verdicts.add('inconclusive')
  return ORDER.find((verdict) => verdicts.has(verdict)) ?? 'inconclusive'
}
