import { figureOf, hasWindow, type Miss, missedThresholds } from '../compare/threshold.ts'
import type { MissingRun, Result, Run } from '../result/document.ts'
import { repetitionKey } from '../result/repetitions.ts'
import { sweptName } from '../scenario/sweep.ts'
import { parseThreshold } from '../scenario/threshold.ts'
import { isRefusal } from '../scenario/units.ts'
import { columnsOf } from './comparison.ts'
import { exactFigure } from './metric.ts'
import { codesOf, warningsOf } from './warning.ts'

/** One thing that a gate asks of a measurement. */
export interface Check {
  readonly kind: 'validity' | 'threshold' | 'comparison'
  /** As in a table's head; `all` where it is of all its transports. */
  readonly transport: string
  /** What is asked: `validity`, `p99<200ms`, `Push latency p99`. */
  readonly name: string
  /**
   * `errored`: it cannot be told, since the figures are not to be believed; `skipped`: it cannot be
   * told, and nobody is to blame.
   */
  readonly outcome: 'passed' | 'failed' | 'errored' | 'skipped'
  /** A word: `valid`, `kept`, `missed`, `unchanged`, `regressed`, `accepted` … */
  readonly verdict: string
  /** One line with the figures that decided. */
  readonly message: string
}

/** What a result says by itself: whether it may be believed, and whether it keeps its thresholds. */
export function checksOf(result: Result): readonly Check[] {
  return [...validityChecks(result), ...thresholdChecks(result)]
}

/** Whether the figures of another side of a comparison may be believed, by that side's name. */
export function validityOfSide(result: Result, side: string): readonly Check[] {
  return validityChecks(result).map((check) => ({
    ...check,
    name: `validity of ${side}`,
    message: `${side}: ${check.message}`,
  }))
}

/** Of each transport that was to be measured: whether its figures may be believed. */
function validityChecks(result: Result): readonly Check[] {
  return subjectsOf(result).map(({ label: transport, runs, missing }) => {
    const warnings = warningsOf({ ...result, runs, missing }).filter(({ text }) => !isAdvice(text))
    const grave = warnings.filter(({ severity }) => severity !== 'suspect')
    const check = { kind: 'validity', transport, name: 'validity' } as const
    const message = (of: typeof warnings): string => of.map(({ text }) => text).join('; ')
    if (grave.length > 0) {
      const verdict = runs.some(isInvalid) ? 'invalid' : 'partial'
      return { ...check, outcome: 'errored', verdict, message: message(grave) }
    }
    return warnings.length > 0
      ? { ...check, outcome: 'passed', verdict: 'suspect', message: suspicionOf(runs) }
      : { ...check, outcome: 'passed', verdict: 'valid', message: runsOf(runs.length) }
  })
}

/** Of each transport and threshold: whether every run keeps it. */
function thresholdChecks(result: Result): readonly Check[] {
  return columnsOf(result).flatMap(({ label, runs: all }) => {
    const runs = all.filter(hasWindow)
    const missed = missedThresholds({ ...result, runs })
    return result.scenario.thresholds.map((name): Check => {
      const misses = missed.filter(({ threshold }) => threshold === name)
      const check = { kind: 'threshold', transport: label, name } as const
      if (runs.length === 0) {
        const message = `${name}: not judged, as nothing was measured`
        return { ...check, outcome: 'skipped', verdict: 'not judged', message }
      }
      return misses.length > 0
        ? { ...check, outcome: 'failed', verdict: 'missed', message: missMessage(misses, runs) }
        : { ...check, outcome: 'passed', verdict: 'kept', message: keptMessage(name, runs) }
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

function missMessage(misses: readonly Miss[], runs: readonly Run[]): string {
  const found = misses.map(({ metric, value }) => shown(metric, value)).join(', ')
  const share = runs.length > 1 ? ` in ${misses.length} of ${runs.length} runs` : ''
  return `${misses[0]?.threshold} missed${share}: ${found}`
}

function keptMessage(name: string, runs: readonly Run[]): string {
  const threshold = parseThreshold(name)
  if (isRefusal(threshold)) return name
  const { metric } = threshold
  const figures = [...new Set(runs.map((run) => shown(metric, figureOf(run, metric))))]
  return `${name}: ${figures.join(', ')}`
}

function shown(metric: Miss['metric'], value: number | null): string {
  return value === null ? 'not measured' : exactFigure(metric, value)
}

/** `4 of 5 runs suspect: slip, host-idle`; the stored result has the figures. */
function suspicionOf(runs: readonly Run[]): string {
  const suspect = runs.filter(({ validity }) => validity.verdict === 'suspect')
  const codes = new Set(suspect.flatMap((run) => codesOf(run, 'suspect')))
  return `${suspect.length} of ${runsOf(runs.length)} suspect: ${[...codes].join(', ')}`
}

/** What to do stands under a whole result, and not at each of its runs. */
function isAdvice(text: string): boolean {
  return text.startsWith('What to do:')
}

function isInvalid({ validity }: Run): boolean {
  return validity.verdict === 'invalid'
}

function runsOf(count: number): string {
  return `${count} ${count === 1 ? 'run' : 'runs'}`
}
