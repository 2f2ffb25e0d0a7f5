import { mismatchOf } from '../compare/comparable.ts'
import { compareResults } from '../compare/compare.ts'
import { sideOf } from '../compare/side.ts'
import { LEAST_REPETITIONS } from '../compare/statistical.ts'
import { absentOf } from '../compare/warning.ts'
import { isTimingReason } from '../measure/reason.ts'
import { type Check, checksOf } from '../report/check.ts'
import { columnsOf } from '../report/comparison.ts'
import { formatBytes, formatCount, formatDuration, formatPercent } from '../report/quantity.ts'
import type { Result, Run } from '../result/document.ts'
import type { Judgement } from '../result/judgement.ts'
import { repetitionKey } from '../result/repetitions.ts'
import { parseThreshold, pathOf } from '../scenario/threshold.ts'
import { isRefusal } from '../scenario/units.ts'

/** What is judged, and how. */
export interface Judging {
  /** Only what does not depend on the machine. */
  readonly deterministicOnly: boolean
  /** A change of a time up to this is none: 0.1 is 10 %. */
  readonly thresholdShare: number
}

/** What a gate says of a scenario. */
export interface Judged {
  readonly checks: readonly Check[]
  /** One line each: what a reader must know beside. */
  readonly notes: readonly string[]
  /**
   * What regressed and may not again: a busy machine moves times, and by a pause where the window
   * begins or ends, also what is counted within it; chance moves faults where the baseline has some.
   */
  readonly doubts: readonly Check[]
  /** The comparisons that could tell: there were runs for it, and such a figure on either side. */
  readonly told: readonly Check[]
  /** Nothing failed but these. */
  readonly doubtful: boolean
}

/** Judges what was measured: by itself, and where there is a baseline, against it. */
export function judge(
  measured: Result,
  baseline: Result | null,
  judging: Judging & { readonly isPaired?: boolean },
): Judged {
  const { deterministicOnly, isPaired = false } = judging
  const candidate = deterministicOnly ? countingOnly(measured) : measured
  const own = checksOf(candidate).filter(
    ({ kind, name }) => kind !== 'threshold' || !deterministicOnly || !isTimed(name),
  )
  if (baseline === null) {
    return { checks: own, notes: [], doubts: [], told: [], doubtful: false }
  }
  const before = deterministicOnly ? countingOnly(baseline) : baseline
  const { thresholdShare } = judging
  const { judgements, warnings } = compareResults([before], [candidate], { thresholdShare })
  const hint = hintOf(before, candidate, isPaired)
  const excuse = excuseOf(before, candidate, { deterministicOnly, hint })
  const beside = excuse ?? hint
  const judged = judgements.filter(({ kind }) => kind === 'deterministic' || excuse === null)
  const atPace = judgements.filter(({ metric }) => PACED.test(metric)).filter(isNotIn(judged))
  const compared = judged.map((judgement) => ({
    judgement,
    check: checkOf(judgement, thresholdShare),
  }))
  const regressed = compared.filter(({ check }) => check.outcome === 'failed')
  const doubtful = regressed.filter(({ judgement }) => !isCertain(judgement))
  const sound = before.runs.length > 0 && candidate.runs.length > 0
  const known = new Set(before.runs.map(repetitionKey))
  return {
    checks: [
      ...own,
      ...compared.map(({ check }) => check),
      ...atPace.map(atPaceCheckOf),
      ...(beside === null || beside.message === '' || !sound
        ? []
        : columnsOf(candidate)
            .filter(({ run }) => known.has(repetitionKey(run)))
            .map(({ label }) => ({ ...beside, transport: label }))),
    ],
    notes: deterministicOnly ? uncounted(before, candidate) : warnings,
    doubts: doubtful.map(({ check }) => check),
    told: compared.filter(({ judgement }) => couldTell(judgement)).map(({ check }) => check),
    doubtful:
      doubtful.length > 0 &&
      doubtful.length === regressed.length &&
      own.every(({ outcome }) => outcome === 'passed'),
  }
}

/** Of all that speaks against a comparison what does not depend on the machine: what is not compared. */
function uncounted(before: Result, candidate: Result): readonly string[] {
  const [one, other] = [sideOf('baseline', [before]), sideOf('candidate', [candidate])]
  return [...one.warnings, ...other.warnings, ...absentOf(one, other)]
}

/** Runs that differ too much among themselves are an answer; too few of them are none. */
function couldTell({ verdict, pValue }: Judgement): boolean {
  return verdict !== 'inconclusive' || pValue !== null
}

const FAULTS = /^(?:delivery|clients)\./

/** Faults of the server, of which one is enough where there were none: no busy machine makes them. */
function isCertain({ metric, baseline }: Judgement): boolean {
  return FAULTS.test(metric) && baseline === 0
}

/** What the protocol fixes, unless clients ask at the server's pace. */
const PACED = /^(?:exchanges|wire)\./

/** Why times are not judged; null where they are. */
function excuseOf(
  before: Result,
  after: Result,
  { deterministicOnly, hint }: Pick<Judging, 'deterministicOnly'> & { readonly hint: Check | null },
): Check | null {
  if (deterministicOnly) return { ...TIMES, verdict: 'not judged', message: '' }
  const { machine } = mismatchOf([before, after])
  if (machine.length > 0) {
    const message = `times, CPU and memory are not compared: the baseline is of another machine (${machine.join('; ')})`
    return { ...TIMES, verdict: 'not comparable', message }
  }
  // Who measures once does not ask for times.
  if (before.scenario.repeat > 1 || after.scenario.repeat > 1) return null
  return hint
}

const TIMES = { kind: 'comparison', transport: '', name: 'times', outcome: 'skipped' } as const

/** How times come to be judged where a side has too few runs for it; null where both have enough. */
function hintOf(before: Result, after: Result, isPaired: boolean): Check | null {
  const counts = [before, after].map(({ scenario: { repeat } }) => repeat)
  if (counts.every((count) => count >= LEAST_REPETITIONS)) return null
  const [had = 0, has = 0] = counts
  const asOften = `--repeat ${LEAST_REPETITIONS}`
  const anew = `anew by ${asOften} --update-baseline`
  const remedy =
    has >= LEAST_REPETITIONS
      ? `store the baseline ${anew}`
      : `measure by ${asOften}${had < LEAST_REPETITIONS && !isPaired ? `, and store the baseline ${anew}` : ''}`
  const message = `times, CPU and memory need ${LEAST_REPETITIONS} runs on both sides, and have ${had} and ${has}: ${remedy}`
  return { ...TIMES, verdict: 'not judged', message }
}

/** The result as it is to whom times do not matter: a reason of time alone makes no run invalid. */
export function countingOnly(result: Result): Result {
  const runs = result.runs.map((run): Run => {
    const reasons = run.validity.reasons.filter((reason) => !isTimingReason(reason))
    if (reasons.length === run.validity.reasons.length) return run
    const isInvalid = reasons.some(({ severity }) => severity === 'invalid')
    const verdict = isInvalid ? 'invalid' : reasons.length > 0 ? 'suspect' : 'valid'
    return { ...run, validity: { ...run.validity, verdict, reasons } }
  })
  return { ...result, runs }
}

/** Parts of a run that are counted, and the same on any machine. */
const COUNTED = /^(?:delivery|exchanges|wire|clients|errors|publisher\.dropped)\b/

/** Of a threshold: whether the machine decides over it. */
export function isTimed(text: string): boolean {
  const threshold = parseThreshold(text)
  return !isRefusal(threshold) && !COUNTED.test(pathOf(threshold.metric))
}

const OUTCOMES = {
  regressed: 'failed',
  improved: 'passed',
  unchanged: 'passed',
  inconclusive: 'skipped',
} as const

function checkOf(judgement: Judgement, thresholdShare: number): Check {
  const { label, transportLabel, verdict, change, reason } = judgement
  return {
    kind: 'comparison',
    transport: transportLabel,
    name: label,
    outcome: OUTCOMES[verdict],
    verdict,
    message: messageOf(judgement),
    finding: {
      figures: figuresOf(judgement),
      reason: reason.replace(/^inconclusive: /, ''),
      isFar: change !== null && Math.abs(change) > thresholdShare,
    },
  }
}

function isNotIn<Item>(items: readonly Item[]): (item: Item) => boolean {
  return (item) => !items.includes(item)
}

/** Of requests and bytes that the server's speed decides over in this scenario, as it does of times. */
function atPaceCheckOf({ label, transportLabel }: Judgement): Check {
  return {
    kind: 'comparison',
    transport: transportLabel,
    name: label,
    outcome: 'skipped',
    verdict: 'inconclusive',
    message: AT_PACE,
    finding: { figures: '', reason: AT_PACE, isFar: false },
  }
}

const AT_PACE =
  'depends on speed here: clients ask again at once, or get several events by an answer'

/** `302 B → 310 B (+2.6 %), 5 and 5 runs: …` */
function messageOf(judgement: Judgement): string {
  const { repetitions, reason } = judgement
  const runs = repetitions.some((count) => count > 1) ? `, ${repetitions.join(' and ')} runs` : ''
  return `${figuresOf(judgement)}${runs}: ${reason}`
}

function figuresOf({ baseline, candidate, change, unit }: Judgement): string {
  const show = FORMATS[unit]
  const percent =
    change === null ? '' : ` (${change < 0 ? '−' : '+'}${formatPercent(Math.abs(change))})`
  return `${show(baseline)} → ${show(candidate)}${percent}`
}

const FORMATS = {
  time: formatDuration,
  bytes: formatBytes,
  ratio: formatPercent,
  count: formatCount,
} as const
