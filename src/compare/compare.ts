import { RtbenchError } from '../error.ts'
import { seededRandom } from '../measure/random.ts'
import type { Result, Run } from '../result/document.ts'
import { catalogue, type NoisyMetric } from './catalogue.ts'
import type { Judgement, Verdict } from './judgement.ts'
import { median } from './median.ts'
import { judgeNoisy } from './noisy.ts'

export type { Judgement, Verdict } from './judgement.ts'

export interface CompareOptions {
  /** A change up to this is none: 0.1 is 10 %. */
  readonly thresholdShare: number
  /** Of the resampling. */
  readonly seed: number
  /** Judge noisy metrics of different machines all the same. */
  readonly allowMismatch: boolean
}

/** What two results, or two sets of them, say of each other. */
export interface ResultComparison {
  readonly judgements: readonly Judgement[]
  /** One line each: another machine, runs that do not count … */
  readonly warnings: readonly string[]
  /** Regressed if any judgement is; then inconclusive, improved, unchanged in this order. */
  readonly verdict: Verdict
}

const DEFAULTS: CompareOptions = { thresholdShare: 0.1, seed: 1, allowMismatch: false }

/**
 * Compares the runs of one scenario, transport by transport; those of a side's results are taken
 * together as repetitions.
 * @throws RtbenchError `usage` where they cannot be compared
 */
export function compareResults(
  baseline: readonly Result[],
  candidate: readonly Result[],
  options: Partial<CompareOptions> = {},
): ResultComparison {
  const { thresholdShare, seed } = { ...DEFAULTS, ...options }
  if (baseline.length === 0 || candidate.length === 0) {
    throw new RtbenchError('usage', 'there is nothing to compare')
  }
  const before = baseline.flatMap(({ runs }) => runs)
  const after = candidate.flatMap(({ runs }) => runs)
  const metrics = catalogue.filter((metric): metric is NoisyMetric => metric.kind === 'noisy')
  const transports = [...new Set(before.map(({ transport }) => transport))]
  const cases = transports.flatMap((transport) =>
    metrics.map((metric) => ({
      metric,
      transport,
      transportLabel:
        before.find((run) => run.transport === transport)?.technique.label ?? transport,
      baseline: figures(before, transport, metric),
      candidate: figures(after, transport, metric),
      slack: metric.slack,
    })),
  )
  const findings = judgeNoisy(cases, thresholdShare, seededRandom(seed, 0))
  const judgements = cases.flatMap((one, index): Judgement[] => {
    const finding = findings[index]
    if (finding === undefined) return []
    return [
      {
        metric: one.metric.name,
        label: one.metric.label,
        unit: one.metric.unit,
        transport: one.transport,
        transportLabel: one.transportLabel,
        kind: 'noisy',
        baseline: one.baseline.length > 0 ? median(one.baseline) : null,
        candidate: one.candidate.length > 0 ? median(one.candidate) : null,
        repetitions: [one.baseline.length, one.candidate.length],
        ...finding,
      },
    ]
  })
  return { judgements, warnings: [], verdict: overall(judgements) }
}

function figures(runs: readonly Run[], transport: string, metric: NoisyMetric): readonly number[] {
  return runs
    .filter((run) => run.transport === transport)
    .map((run) => metric.figure(run))
    .filter((value) => value !== null)
}

const ORDER: readonly Verdict[] = ['regressed', 'inconclusive', 'improved', 'unchanged']

function overall(judgements: readonly Judgement[]): Verdict {
  return (
    ORDER.find((verdict) => judgements.some((one) => one.verdict === verdict)) ?? 'inconclusive'
  )
}
