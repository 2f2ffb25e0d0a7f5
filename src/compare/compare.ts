import { RtbenchError } from '../error.ts'
import { seededRandom } from '../measure/random.ts'
import type { Result } from '../result/document.ts'
import type { Judgement, ResultComparison, Verdict } from '../result/judgement.ts'
import type { CompareMetric, NoisyMetric } from './catalogue.ts'
import { assertSameScenario, mismatchOf } from './comparable.ts'
import { type Drift, driftOf, NO_DRIFT } from './drift.ts'
import { judgeFaults } from './fault.ts'
import { changeOf, type Finding, plainFinding } from './finding.ts'
import { judgeFixed } from './fixed.ts'
import { median } from './median.ts'
import { judgeNoisy, type Samples } from './noisy.ts'
import { figuresOf, type Question, questionsOf } from './question.ts'
import { type Side, sideOf } from './side.ts'
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
  /** A change of a noisy metric up to this is none: 0.1 is 10 %. */
  readonly thresholdShare: number
  /** Of the resampling. */
  readonly seed: number
  /** Judge noisy metrics of different machines all the same. */
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
  const questions = questionsOf(before, after, first)
  const faults = questions.filter(isOf('fault'))
  const fixed = questions.filter(isOf('fixed'))
  const noisy = questions.filter(isOf('noisy'))
  const judgesTimes = noisy.length > 0 && (mismatch.machine.length === 0 || allowMismatch)
  const drift = judgesTimes ? driftOf(before, after) : NO_DRIFT
  const judgeTimes = (): readonly Finding[] => {
    const samples = noisy.map((question) => samplesOf(question, drift))
    return judgeNoisy(samples, thresholdShare, () => seededRandom(seed, 0))
  }
  const findings = new Map<Question, Finding>([
    ...zip(faults, judgeFaults(faults)),
    ...zip(fixed, fixed.map(judgeFixed)),
    ...zip(noisy, judgesTimes ? judgeTimes() : noisy.map(unjudged)),
  ])
  const judgements = questions.map((question) =>
    judgementOf(question, findings.get(question) as Finding),
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
    judged: judgedOf(questions, scarce.length > 0 || isOneWithout(before, after)),
  }
}

/** Something was measured on both sides, and no run of it counts on one of them. */
function isOneWithout(before: Side, after: Side): boolean {
  const shared = [...before.labels.keys()].filter((group) => after.labels.has(group))
  return shared.some((group) =>
    [before, after].some(({ runs }) => (runs.get(group)?.length ?? 0) === 0),
  )
}

function judgedOf(questions: readonly Question[], isScarce: boolean): ResultComparison['judged'] {
  if (questions.length === 0) return 'nothing'
  if (questions.every(({ metric }) => metric.kind === 'fault')) return 'faults'
  return isScarce ? 'part' : 'all'
}

function isOf<Kind extends CompareMetric['kind']>(
  kind: Kind,
): (question: Question) => question is Question<Extract<CompareMetric, { kind: Kind }>> {
  return (question): question is Question<Extract<CompareMetric, { kind: Kind }>> =>
    question.metric.kind === kind
}

function samplesOf(question: Question<NoisyMetric>, drift: Drift): Samples {
  const { metric, baseline, candidate } = question
  return {
    baseline: figuresOf(metric, baseline),
    candidate: figuresOf(metric, candidate),
    lower: lowerFiguresOf(question),
    slack: metric.slack,
    driftShare: driftShareOf(question, drift),
  }
}

/** Null where a run does not tell them: then the observed figures are all that there is. */
function lowerFiguresOf({ metric, baseline, candidate }: Question<NoisyMetric>): Samples['lower'] {
  const { lower } = metric
  const all = [...baseline, ...candidate]
  if (lower === undefined || all.some(({ run }) => run.latencyLowerBound === undefined)) return null
  const of = (runs: Question['baseline']): readonly number[] =>
    runs.map(({ run }) => lower(run)).filter((value) => value !== null)
  return { baseline: of(baseline), candidate: of(candidate) }
}

function driftShareOf({ metric, scenario, baseline }: Question<NoisyMetric>, drift: Drift): number {
  if (metric.movedBy === null) return 0
  // Who asks at an interval mostly waits for it, whatever the machine's pace.
  const waits = baseline.some(({ run }) => run.technique.traits.keepsInterval)
  if (metric.isWait && waits && scenario.intervalMs > 0) return 0
  return drift[metric.movedBy]
}

function unjudged({ metric, baseline, candidate }: Question<NoisyMetric>): Finding {
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

function judgementOf(question: Question, finding: Finding): Judgement {
  const { metric, transport, transportLabel, point, baseline, candidate } = question
  const before = figuresOf(metric, baseline)
  const after = figuresOf(metric, candidate)
  return {
    metric: metric.name,
    label: metric.label,
    unit: metric.unit,
    transport,
    transportLabel,
    point,
    kind: metric.kind === 'noisy' ? 'noisy' : 'deterministic',
    baseline: middleOf(metric, before),
    candidate: middleOf(metric, after),
    ...lowerBoundOf(question),
    repetitions: [before.length, after.length],
    ...finding,
  }
}

function lowerBoundOf(question: Question): Pick<Judgement, 'lowerBound'> {
  const lower = isOf('noisy')(question) ? lowerFiguresOf(question) : null
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
