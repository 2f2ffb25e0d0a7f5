import { RtbenchError } from '../error.ts'
import { isLateWithBounds } from '../measure/reason.ts'
import type { Result } from '../result/document.ts'
import type { Judgement, ResultComparison, Verdict } from '../result/judgement.ts'
import { counted } from '../text.ts'
import { assertSameScenario, mismatchOf } from './comparable.ts'
import { judgeDeterministic } from './deterministic.ts'
import { judgeFaults } from './fault.ts'
import { changeOf, type Finding, plainFinding } from './finding.ts'
import type { CompareMetric, StatisticalMetric } from './metric.ts'
import { figuresOf, type MetricComparison, metricComparisonsOf } from './metric-comparison.ts'
import { type CountedRun, sideOf } from './side.ts'
import { type Judging, judgeStatistical, LEVEL, type Samples } from './statistical.ts'
import { median } from './statistics.ts'
import { absentOf, machineWarnings, sameRunWarnings, seedWarnings } from './warning.ts'

export type { Judgement, ResultComparison, Verdict } from '../result/judgement.ts'

export interface CompareOptions extends Judging {
  /** Paths of figures to be judged beside those that always are: `latency.p99Us`. */
  readonly judge: readonly string[]
  /** Judges only what does not depend on the machine. */
  readonly deterministicOnly: boolean
  /** Judge times of different machines, and of different hours without an echo, all the same. */
  readonly allowMismatch: boolean
  /** Names of a scenario's values by which both sides differ on purpose: `target`. */
  readonly across: readonly string[]
}

const DEFAULTS: CompareOptions = {
  thresholdShare: 0.1,
  level: LEVEL,
  judge: [],
  deterministicOnly: false,
  allowMismatch: false,
  across: [],
}

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
  const all = { ...DEFAULTS, ...options }
  const results = [...baseline, ...candidate]
  const [first] = baseline
  if (first === undefined || candidate.length === 0) {
    throw new RtbenchError('usage', 'a side of the comparison has no result')
  }
  assertSameScenario(results, all.across)
  const before = sideOf('baseline', baseline)
  const after = sideOf('candidate', candidate)
  if (![...before.labels.keys()].some((group) => after.labels.has(group))) {
    throw new RtbenchError('usage', 'the sides of the comparison have no transport in common')
  }
  const mismatch = mismatchOf(results)
  const isOtherMachine = mismatch.machine.length > 0
  const comparisons = metricComparisonsOf(before, after, first)
  const present = comparisons.filter((one) => absence(one) === null)
  const faults = present.filter(isOf('fault'))
  const findings = new Map<MetricComparison, Finding>([
    ...zip(faults, judgeFaults(faults)),
    ...present.filter(isOf('deterministic')).map((one) => [one, judgeDeterministic(one)] as const),
    ...present
      .filter(isOf('statistical'))
      .map((one) => [one, judgeRepeated(one, { ...all, isOtherMachine })] as const),
  ])
  const judgements = comparisons.map((comparison) =>
    judgementOf(comparison, (findings.get(comparison) ?? absence(comparison)) as Finding, all),
  )
  const absent = absentOf(before, after)
  return {
    judgements,
    warnings: [
      ...machineWarnings(mismatch, all.allowMismatch),
      ...before.warnings,
      ...after.warnings,
      ...absent,
      ...sameRunWarnings(before, after),
      ...seedWarnings(before, after),
    ],
    verdict: overall(judgements, absent.length > 0),
  }
}

function isOf<Kind extends CompareMetric['kind']>(
  kind: Kind,
): (
  comparison: MetricComparison,
) => comparison is MetricComparison<Extract<CompareMetric, { kind: Kind }>> {
  return (comparison): comparison is MetricComparison<Extract<CompareMetric, { kind: Kind }>> =>
    comparison.metric.kind === kind
}

interface Context extends CompareOptions {
  readonly isOtherMachine: boolean
}

function judgeRepeated(comparison: MetricComparison<StatisticalMetric>, context: Context): Finding {
  const { metric, pairs } = comparison
  const runs = pairs ?? comparison
  const whole = wholeOf(metric, runs, pairs !== null)
  const samples = samplesOf(whole, metric.figure)
  const doubt = (reason: string): Finding =>
    plainFinding(
      'inconclusive',
      changeOf(median(samples.baseline), median(samples.candidate)),
      reason,
    )
  if (context.isOtherMachine && !context.allowMismatch) return doubt('measured on another machine')
  const echo = pairs === null && isMoved(comparison) ? echoOf(metric, whole) : null
  const isAlone = Math.max(whole.baseline.length, whole.candidate.length) < 2
  if (echo === 'unknown' && !isAlone && !context.allowMismatch) {
    const isElsewhere = whole.baseline.some(({ run }) => !run.host.sharedWithServer)
    return doubt(isElsewhere ? ELSEWHERE : PACE_UNKNOWN)
  }
  const { lower } = metric
  const finding = judgeStatistical(
    {
      ...samples,
      isPaired: pairs !== null,
      lower: lower !== undefined && areBounded(whole) ? samplesOf(whole, lower) : null,
      echo: echo === 'unknown' ? null : echo,
    },
    context,
  )
  const left = pairs === null ? 0 : pairs.baseline.length - whole.baseline.length
  return finding.verdict === 'inconclusive' && left > 0
    ? {
        ...finding,
        reason: `${finding.reason}; ${counted(left, 'pair')} not counted, late or without it`,
      }
    : finding
}

const PACE_UNKNOWN =
  'measured at other times, and how fast the machine was then is not known: give both sides an echo (--repeat) or measure them in turn (rtbench ci --against); --allow-mismatch judges it all the same'

const ELSEWHERE =
  'measured at other times, and how fast the machine of the server was then is not known; --allow-mismatch judges it all the same'

type Sides<Item> = Readonly<Record<'baseline' | 'candidate', readonly Item[]>>

/**
 * The runs that have the figure; of pairs those of which both have. Of pairs there are more where these came from, so that a
 * latency of which nobody knows how much is the instrument's is left out, with its partner.
 */
function wholeOf(
  { figure, lower }: StatisticalMetric,
  { baseline, candidate }: Sides<CountedRun>,
  isPaired: boolean,
): Sides<CountedRun> {
  const has = (one: CountedRun | undefined): boolean =>
    one !== undefined &&
    figure(one.run) !== null &&
    !(isPaired && lower !== undefined && isLateWithBounds(one.run))
  return {
    baseline: baseline.filter((one, i) => has(one) && (!isPaired || has(candidate[i]))),
    candidate: candidate.filter((one, i) => has(one) && (!isPaired || has(baseline[i]))),
  }
}

function samplesOf(
  { baseline, candidate }: Sides<CountedRun>,
  figure: StatisticalMetric['figure'],
): Samples {
  const of = (runs: readonly CountedRun[]): readonly number[] =>
    runs.map(({ run }) => figure(run) ?? Number.NaN)
  return { baseline: of(baseline), candidate: of(candidate) }
}

/** Each run tells its latencies as if the instrument had been on time, as older ones do not. */
function areBounded({ baseline, candidate }: Sides<CountedRun>): boolean {
  return [...baseline, ...candidate].every(({ run }) => run.latencyLowerBound !== undefined)
}

/** The machine's own pace moves it: but who asks at an interval mostly waits for that. */
function isMoved({ metric, scenario, baseline }: MetricComparison<StatisticalMetric>): boolean {
  const waits = baseline.some(({ run }) => run.technique.traits.keepsInterval)
  return metric.movedBy !== null && !(metric.isWait && waits && scenario.intervalMs > 0)
}

/** The echo of each run; of a server on another host that of this one says nothing. */
function echoOf({ movedBy }: StatisticalMetric, runs: Sides<CountedRun>): Samples | 'unknown' {
  const echoes = samplesOf(runs, ({ host }) => {
    if (movedBy === 'cpu') return host.echoCpuUs ?? null
    return host.sharedWithServer ? (host.echoUs ?? null) : null
  })
  return [...echoes.baseline, ...echoes.candidate].every((value) => value > 0) ? echoes : 'unknown'
}

/** What of a side has no run that counts cannot be told; null where both have. */
function absence({ metric, baseline, candidate }: MetricComparison): Finding | null {
  const [before, after] = [figuresOf(metric, baseline), figuresOf(metric, candidate)]
  const sides = [
    ...(before.length === 0 ? ['the baseline'] : []),
    ...(after.length === 0 ? ['the candidate'] : []),
  ]
  if (sides.length === 0) return null
  return plainFinding('inconclusive', null, `no run of ${sides.join(' and ')} that counts has it`)
}

function zip<Left, Right>(
  left: readonly Left[],
  right: readonly Right[],
): readonly (readonly [Left, Right])[] {
  return left.map((one, place) => [one, right[place] as Right])
}

function judgementOf(
  comparison: MetricComparison,
  finding: Finding,
  { judge, deterministicOnly }: CompareOptions,
): Judgement {
  const { metric, transport, transportLabel, point, pairs, baseline, candidate } = comparison
  const isStatistical = metric.kind === 'statistical'
  const before = figuresOf(metric, baseline)
  const after = figuresOf(metric, candidate)
  const isAsked = isStatistical && (metric.primary === true || judge.includes(metric.name))
  return {
    metric: metric.name,
    label: metric.label,
    unit: metric.unit,
    transport,
    transportLabel,
    point,
    kind: isStatistical ? 'noisy' : 'deterministic',
    isJudged: isStatistical ? isAsked && !deterministicOnly : true,
    isPaired: isStatistical && pairs !== null,
    baseline: middleOf(metric, before),
    candidate: middleOf(metric, after),
    ...lowerBoundOf(comparison),
    repetitions: [before.length, after.length],
    ...finding,
  }
}

function lowerBoundOf(comparison: MetricComparison): Pick<Judgement, 'lowerBound'> {
  const { metric, baseline, candidate } = comparison
  if (metric.kind !== 'statistical' || metric.lower === undefined) return {}
  const { lower } = metric
  if (!areBounded(comparison)) return {}
  const middle = (runs: readonly CountedRun[]): number =>
    median(runs.map(({ run }) => lower(run)).filter((value) => value !== null))
  const bound = { baseline: middle(baseline), candidate: middle(candidate) }
  return Number.isNaN(bound.baseline + bound.candidate) ? {} : { lowerBound: bound }
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
  const judged = judgements.filter(({ isJudged }) => isJudged)
  const verdicts = new Set(judged.map(({ verdict }) => verdict))
  if (isIncomplete || judged.length === 0) verdicts.add('inconclusive')
  return ORDER.find((verdict) => verdicts.has(verdict)) ?? 'inconclusive'
}
