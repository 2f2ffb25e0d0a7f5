import { type Answer, answersOf, hasWindow } from '../compare/threshold.ts'
import { grouped } from '../grouped.ts'
import { codesOf, isLateWithBounds } from '../measure/reason.ts'
import type { MissingRun, Result, Run } from '../result/document.ts'
import { repetitionKey } from '../result/repetitions.ts'
import { sweptName } from '../scenario/sweep.ts'
import { counted } from '../text.ts'
import { columnsOf } from './comparison.ts'
import { boundedFigure, exactSpan } from './figure.ts'
import { cutOf, reasonsOf } from './warning.ts'

/** One thing that a gate asks of a measurement. */
export interface Check {
  readonly kind: 'validity' | 'threshold' | 'comparison'
  /** As in a table's head; `all` where it is of all its transports. */
  readonly transport: string
  /** What is asked: `validity`, `p99<200ms`, `Push latency p99`. */
  readonly name: string
  /** `errored`: its figures are not to be believed; `skipped`: it cannot be told, and nobody is to blame. */
  readonly outcome: 'passed' | 'failed' | 'errored' | 'skipped'
  /** A word: `valid`, `kept`, `missed`, `cannot tell`, `unchanged`, `regressed`, `accepted` … */
  readonly verdict: string
  /** One line with the figures that decided. */
  readonly message: string
  /** The same by cause, where that can be several. */
  readonly lines?: readonly string[]
  /** Its message has the interval of a change, which is told whatever the verdict. */
  readonly hasInterval?: true
}

/** What a result says by itself: whether it may be believed, and whether it keeps its thresholds. */
export function checksOf(result: Result): readonly Check[] {
  return [...validityChecks(result), ...thresholdChecks(result)]
}

/** What of another side of a comparison is not to be believed, by that side's name. */
export function faultsOfSide(result: Result, side: string): readonly Check[] {
  const named = (text: string): string => `${side}: ${text}`
  return validityChecks(result)
    .filter(({ outcome }) => outcome === 'errored')
    .map(({ message, lines = [message], ...check }) => ({
      ...check,
      name: `validity of ${side}`,
      message: named(message),
      lines: lines.map(named),
    }))
}

/** Of each transport that was to be measured: whether its figures may be believed. */
function validityChecks(result: Result): readonly Check[] {
  return subjectsOf(result).map((subject) => {
    const { label: transport, runs } = subject
    const lines = faultLines(subject)
    const check = { kind: 'validity', transport, name: 'validity' } as const
    if (lines.length > 0 && isAnswered(subject, result)) {
      const message = `${lines.join('; ')}; each threshold is asked at both bounds all the same`
      return { ...check, outcome: 'passed', verdict: 'late', message }
    }
    if (lines.length > 0) {
      const verdict = runs.some(({ validity }) => validity.verdict === 'invalid')
        ? 'invalid'
        : 'partial'
      return { ...check, outcome: 'errored', verdict, message: lines.join('; '), lines }
    }
    return runs.some(({ validity }) => validity.verdict === 'suspect')
      ? { ...check, outcome: 'passed', verdict: 'suspect', message: suspicionOf(runs) }
      : { ...check, outcome: 'passed', verdict: 'valid', message: counted(runs.length, 'run') }
  })
}

/** Nothing speaks against it but bounds that are apart, and there are thresholds to ask them. */
function isAnswered({ runs, missing }: Subject, { scenario }: Result): boolean {
  return (
    scenario.thresholds.length > 0 &&
    missing.length === 0 &&
    runs.every((run) => faultsOf(run).length === 0 || (isLateWithBounds(run) && !run.interrupted))
  )
}

/** Of each transport and threshold: whether every run keeps it. */
function thresholdChecks(result: Result): readonly Check[] {
  return columnsOf(result).flatMap(({ label, runs: all }) => {
    const runs = all.filter(hasWindow)
    const answers = answersOf({ ...result, runs })
    return result.scenario.thresholds.map((name): Check => {
      const own = answers.filter(({ threshold }) => threshold === name)
      const check = { kind: 'threshold', transport: label, name } as const
      if (runs.length === 0) {
        const message = `${name}: not judged, as nothing was measured`
        return { ...check, outcome: 'skipped', verdict: 'not judged', message }
      }
      const missed = own.filter(({ verdict }) => verdict === 'missed')
      const untold = own.filter(({ verdict }) => verdict === 'untold')
      if (missed.length > 0) {
        const message = `${name} missed${shareOf(missed.length, runs.length)}: ${figuresOf(missed)}`
        return { ...check, outcome: 'failed', verdict: 'missed', message }
      }
      if (untold.length > 0) {
        const message = `${name} cannot be told${shareOf(untold.length, runs.length)}: ${spansOf(untold)}`
        return { ...check, outcome: 'errored', verdict: 'cannot tell', message }
      }
      const message = `${name}: ${figuresOf(own)}`
      return { ...check, outcome: 'passed', verdict: 'kept', message }
    })
  })
}

/** A transport, in a sweep at one value of it: what there is of its runs, and what is not. */
interface Subject {
  readonly label: string
  readonly runs: readonly Run[]
  readonly missing: readonly MissingRun[]
}

function subjectsOf(result: Result): readonly Subject[] {
  const subjects = new Map<string, Subject>()
  for (const { label, run, runs } of columnsOf(result)) {
    subjects.set(repetitionKey(run), { label, runs, missing: [] })
  }
  for (const run of result.missing) {
    const key = repetitionKey(run)
    const label = sweptName(run.label, result.sweep, run.point ?? null)
    const { runs, missing } = subjects.get(key) ?? { runs: [], missing: [] }
    subjects.set(key, { label, runs, missing: [...missing, run] })
  }
  return [...subjects.values()]
}

/** ` in 2 of 5 runs`; nothing where there is one. */
function shareOf(count: number, all: number): string {
  return all > 1 ? ` in ${count} of ${all} runs` : ''
}

function figuresOf(answers: readonly Answer[]): string {
  const figures = answers.map(({ metric, lower, value }) =>
    value === null ? 'not measured' : boundedFigure(metric, lower, value),
  )
  return [...new Set(figures)].join(', ')
}

/** `180 to 250 ms, 190 to 260 ms, since …`, by the cause of the first. */
function spansOf(answers: readonly Answer[]): string {
  const spans = answers.map(({ metric, lower, value }) => exactSpan(metric, lower, value ?? 0))
  const cause = answers.find(({ cause }) => cause !== null)?.cause ?? null
  return [...new Set(spans), ...(cause === null ? [] : [`since ${cause}`])].join(', ')
}

/** `4 of 5 runs suspect: slip, host-idle`; the stored result has the figures. */
function suspicionOf(runs: readonly Run[]): string {
  const suspect = runs.filter(({ validity }) => validity.verdict === 'suspect')
  const codes = new Set(suspect.flatMap((run) => codesOf(run, 'suspect')))
  return `${suspect.length} of ${counted(runs.length, 'run')} suspect: ${[...codes].join(', ')}`
}

/** Why figures are not to be believed, a line for each cause, told by its first: `invalid in 2 of 5 runs: …`. */
function faultLines({ runs, missing }: Subject): readonly string[] {
  const faults = [
    ...runs.flatMap(faultsOf),
    ...missing.map(({ reason }) => ({ what: 'not measured', cause: reason, text: reason })),
  ]
  const causes = grouped(faults, ({ what, cause }) => `${what} ${cause}`)
  const all = runs.length + missing.length
  return [...causes.values()].map(
    ([{ what, text }, ...same]) => `${what}${shareOf(same.length + 1, all)}: ${text}`,
  )
}

interface Fault {
  readonly what: string
  /** The same of the same fault, whatever its figures. */
  readonly cause: string
  readonly text: string
}

function faultsOf(run: Run): readonly Fault[] {
  const cut = cutOf(run)
  return [
    ...reasonsOf(run, 'invalid').map(({ code, message }) => ({
      what: 'invalid',
      cause: code,
      text: message,
    })),
    ...(cut === null ? [] : [{ ...cut, cause: '' }]),
  ]
}
