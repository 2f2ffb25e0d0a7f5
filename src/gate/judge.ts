import { mismatchOf } from '../compare/comparable.ts'
import { type CompareOptions, compareResults } from '../compare/compare.ts'
import { faultOf } from '../compare/evidence.ts'
import { answersOf } from '../compare/threshold.ts'
import { isTimingReason } from '../measure/reason.ts'
import { type Check, checksOf } from '../report/check.ts'
import { columnsOf } from '../report/comparison.ts'
import { signed, verdictWord, whyOf } from '../report/comparison-reporters.ts'
import { formatAmount } from '../report/quantity.ts'
import type { Result, Run } from '../result/document.ts'
import type { Judgement } from '../result/judgement.ts'
import { repetitionKey } from '../result/repetitions.ts'
import { parseThreshold, pathOf } from '../scenario/threshold.ts'
import { isRefusal } from '../scenario/units.ts'

/** What is judged, and how. */
export interface Judging
  extends Pick<CompareOptions, 'deterministicOnly' | 'thresholdShare' | 'judge'> {
  /** What cannot be told is no failure. */
  readonly allowInconclusive: boolean
}

/** A look at what was measured by then. */
export interface Look extends Judging {
  /** The chance of an error that it has, on one side. */
  readonly level: number
  /** Both sides were measured now, in turn. */
  readonly isPaired: boolean
  /** What the looks before found; null of the first. */
  readonly earlier: Judged | null
  /** What is measured is to be the next baseline. */
  readonly isUpdating?: boolean
  /** Of pairs: what a judgement is where one side lost more runs than the other. */
  readonly fairly?: (judgement: Judgement) => Judgement
}

/** What a gate says of a scenario. */
export interface Judged {
  readonly checks: readonly Check[]
  /** One line each: what a reader must know beside. */
  readonly notes: readonly string[]
  readonly judgements: readonly Judgement[]
  /** Transports of which more runs would tell more. */
  readonly open: readonly string[]
}

/** Judges what was measured: by itself, and where there is a baseline, against it. */
export function judge(measured: Result, baseline: Result | null, look: Look): Judged {
  const { deterministicOnly, isPaired, earlier, isUpdating = false } = look
  const candidate = deterministicOnly ? countingOnly(measured) : measured
  const own = checksOf(candidate)
    .filter(({ kind, name }) => kind !== 'threshold' || !deterministicOnly || !isTimed(name))
    .map((check) => (isPaired ? bySeveral(check, candidate) : check))
  const believed =
    baseline === null && !isUpdating ? own : own.map((check) => answered(check, candidate))
  if (baseline === null) return { checks: believed, notes: [], judgements: [], open: [] }
  const before = deterministicOnly ? countingOnly(baseline) : baseline
  const excuse = excuseOf(before, candidate, look)
  const { judgements: found, warnings } = compareResults([before], [candidate], {
    ...look,
    deterministicOnly: deterministicOnly || excuse !== null,
  })
  const { fairly = (judgement) => judgement } = look
  const judgements = found.map((judgement) => fairly(decided(earlier, judgement) ?? judgement))
  const judged = judgements.filter(({ isJudged }) => isJudged)
  const known = new Set(before.runs.map(repetitionKey))
  const excused = columnsOf(candidate).filter(({ run }) => known.has(repetitionKey(run)))
  return {
    checks: [
      ...believed,
      ...judged.map((judgement) => checkOf(judgement, look)),
      ...(excuse === null
        ? judgements.filter(({ isJudged }) => !isJudged).map((one) => checkOf(one, look))
        : excused.map(({ label }) => ({ ...excuse, transport: label }))),
    ],
    notes: warnings,
    judgements,
    open: [...new Set(judged.filter(isOpen(isPaired)).map(({ transport }) => transport))],
  }
}

/** What an earlier look was sure of, it remains sure of: all of them together err no more often than one may. */
function decided(earlier: Judged | null, { transport, metric, kind }: Judgement): Judgement | null {
  if (kind !== 'noisy') return null
  const before = earlier?.judgements.find(
    (one) => one.transport === transport && one.metric === metric,
  )
  return before === undefined || before.verdict === 'inconclusive' ? null : before
}

/**
 * More pairs tell more of whatever cannot be told. Against a stored baseline more runs of one side may, and a count that
 * regressed is to be seen again: a pause of a busy machine where the window begins or ends moves what is counted within it.
 */
function isOpen(isPaired: boolean): (judgement: Judgement) => boolean {
  return ({ verdict, moreRunsTell, kind }) =>
    isPaired
      ? verdict === 'inconclusive'
      : moreRunsTell || (verdict === 'regressed' && kind === 'deterministic')
}

/** Runs whose bounds alone are too far apart are judged by both of them, and so are no reason to believe nothing. */
function answered(check: Check, result: Result): Check {
  if (check.kind !== 'validity' || check.verdict !== 'invalid') return check
  const runs = columnsOf(result)
    .filter(({ label }) => label === check.transport)
    .flatMap(({ runs }) => runs)
  if (!runs.every((run) => faultOf(run) === null)) return check
  const { lines: _, ...rest } = check
  const message = `${check.message}; what is compared is judged at both bounds all the same`
  return { ...rest, outcome: 'passed', verdict: 'late', message }
}

/** Of many short runs in turn the middle one keeps a time, or not: one that something else hit decides nothing. */
function bySeveral(check: Check, result: Result): Check {
  if (check.kind !== 'threshold' || check.outcome === 'passed' || !isTimed(check.name)) return check
  const labels = new Map(columnsOf(result).map(({ label, run }) => [run.transport, label]))
  const answers = answersOf(result).filter(
    ({ threshold, transport }) =>
      threshold === check.name && labels.get(transport) === check.transport,
  )
  const kept = answers.filter(({ verdict }) => verdict === 'kept').length
  if (kept * 2 <= answers.length) return check
  const message = `${check.name} kept in ${kept} of ${answers.length} runs`
  return { ...check, outcome: 'passed', verdict: 'kept', message }
}

/** Why times are not judged although nobody said that they are not to be; null where they are. */
function excuseOf(
  before: Result,
  after: Result,
  { isPaired, deterministicOnly }: Look,
): Check | null {
  const excuse = { kind: 'comparison', transport: '', name: 'times', outcome: 'skipped' } as const
  if (deterministicOnly) {
    return {
      ...excuse,
      verdict: 'not judged',
      message: 'times are not judged: --only deterministic',
    }
  }
  // Who measures once does not ask for times.
  if (isPaired || before.scenario.repeat > 1 || after.scenario.repeat > 1) return null
  const { machine } = mismatchOf([before, after])
  const message =
    machine.length > 0
      ? `times are not judged: the baseline is of another machine (${machine.join('; ')}); --against measures both sides here`
      : 'times are not judged: one run a side tells nothing of them; --against measures both sides in turn'
  return { ...excuse, verdict: 'not judged', message }
}

/** The result as it is to whom times do not matter: a reason of time alone makes no run invalid. */
export function countingOnly(result: Result): Result {
  return { ...result, runs: result.runs.map(withoutTiming) }
}

/** The same of a run. */
export function withoutTiming(run: Run): Run {
  const reasons = run.validity.reasons.filter((reason) => !isTimingReason(reason))
  if (reasons.length === run.validity.reasons.length) return run
  const isInvalid = reasons.some(({ severity }) => severity === 'invalid')
  const verdict = isInvalid ? 'invalid' : reasons.length > 0 ? 'suspect' : 'valid'
  return { ...run, validity: { ...run.validity, verdict, reasons } }
}

/** Parts of a run that are counted, and the same on any machine. */
const COUNTED = /^(?:delivery|exchanges|wire|clients|errors|publisher\.dropped)\b/

/** Of a threshold: whether the machine decides over it. */
export function isTimed(text: string): boolean {
  const threshold = parseThreshold(text)
  return !isRefusal(threshold) && !COUNTED.test(pathOf(threshold.metric))
}

function checkOf(judgement: Judgement, { allowInconclusive }: Judging): Check {
  const { label, transportLabel, isJudged, verdict } = judgement
  const outcomes = {
    regressed: 'failed',
    improved: 'passed',
    unchanged: 'passed',
    inconclusive: allowInconclusive ? 'skipped' : 'errored',
  } as const
  return {
    kind: 'comparison',
    transport: transportLabel,
    name: label,
    outcome: isJudged ? outcomes[verdict] : 'skipped',
    verdict: verdictWord(judgement),
    message: messageOf(judgement),
    ...(isJudged && judgement.interval !== null ? { hasInterval: true } : {}),
  }
}

/** `302 B → 310 B (+2.6 %), 5 and 5 runs: …`, `12 ms → 15 ms (+25 %; +17 to +33 %), 31 pairs: …` */
function messageOf(judgement: Judgement): string {
  const { repetitions, isPaired } = judgement
  const [before, after] = repetitions
  const runs = isPaired
    ? `, ${Math.min(before, after)} pairs`
    : Math.max(before, after) > 1
      ? `, ${before} and ${after} runs`
      : ''
  return `${figuresOf(judgement)}${runs}: ${whyOf(judgement)}`
}

function figuresOf({ baseline, candidate, change, interval, unit }: Judgement): string {
  const span = interval === null ? '' : `; ${interval.map(signed).join(' to ')}`
  const percent = change === null ? '' : ` (${signed(change)}${span})`
  return `${formatAmount(unit, baseline)} → ${formatAmount(unit, candidate)}${percent}`
}
