import type { RecordedScenario, Result } from '../result/document.ts'
import { scenarioAt } from '../scenario/sweep.ts'
import { asksByPace } from './deterministic.ts'
import { type CompareMetric, type DeterministicMetric, METRICS } from './metric.ts'
import { type Pairs, pairsOf } from './pairing.ts'
import type { CountedRun, Side } from './side.ts'

/** A metric of a transport, in a sweep at one value, of which both sides have runs. */
export interface MetricComparison<Metric extends CompareMetric = CompareMetric> {
  readonly metric: Metric
  readonly transport: string
  /** With the value of a sweep. */
  readonly transportLabel: string
  /** As of its runs. */
  readonly point: number | null
  /** What its runs were measured by. */
  readonly scenario: RecordedScenario
  /** The runs that count for it; none where none does. */
  readonly baseline: readonly CountedRun[]
  readonly candidate: readonly CountedRun[]
  /** Of those the ones that were measured in turn; null where the sides were not. */
  readonly pairs: Pairs | null
}

/**
 * All that can be judged, by transport and value of a sweep, in the order of the catalogue.
 * @param first of the results, which are of one scenario and sweep
 */
export function metricComparisonsOf(
  before: Side,
  after: Side,
  first: Pick<Result, 'scenario' | 'sweep'>,
): readonly MetricComparison[] {
  return [...before.audited].flatMap(([group, ofBaseline]) => {
    const audited = { baseline: ofBaseline, candidate: after.audited.get(group) ?? [] }
    const [one] = [...audited.baseline, ...audited.candidate]
    if (one === undefined || !after.labels.has(group)) return []
    const baseline = before.runs.get(group) ?? []
    const candidate = after.runs.get(group) ?? []
    const { transport, point = null } = one.run
    const transportLabel = before.labels.get(group) ?? transport
    const scenario = scenarioAt(first.scenario, first.sweep, point)
    const which = {
      transport,
      transportLabel,
      point,
      scenario,
      pairs: pairsOf(baseline, candidate),
    }
    const byPace = asksByPace(scenario, baseline) || asksByPace(scenario, candidate)
    return METRICS.map((metric) =>
      byPace && metric.kind === 'deterministic' ? repeated(metric) : metric,
    )
      .filter((metric) => isKnown(metric, [...audited.baseline, ...audited.candidate]))
      .map((metric) => ({
        metric,
        ...which,
        ...(metric.kind === 'fault' ? audited : { baseline, candidate }),
      }))
  })
}

function repeated({ name, label, unit, figure }: DeterministicMetric): CompareMetric {
  return { kind: 'statistical', name, label, unit, figure, movedBy: null, isWait: false }
}

/** Some run has such a figure. */
function isKnown(metric: CompareMetric, runs: readonly CountedRun[]): boolean {
  return metric.kind === 'fault' || figuresOf(metric, runs).length > 0
}

/** A metric's figures, base unit, of the runs that have it; of faults their counts. */
export function figuresOf(metric: CompareMetric, runs: readonly CountedRun[]): readonly number[] {
  const figure = metric.kind === 'fault' ? metric.count : metric.figure
  return runs.map(({ run }) => figure(run)).filter((value) => value !== null)
}
