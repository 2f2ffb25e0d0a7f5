import { type Answer, answersOf, figureOf, lowerFigureOf } from '../compare/threshold.ts'
import { isLateWithBounds } from '../measure/reason.ts'
import { boundedFigure, exactSpan } from '../report/figure.ts'
import type { CapacityStep, StepCause } from '../result/capacity.ts'
import type { Run } from '../result/document.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { leastEvents, type Metric, needs, parseThreshold, pathOf } from '../scenario/threshold.ts'
import { isRefusal } from '../scenario/units.ts'
import type { Question } from './search.ts'

type Judgement = Pick<CapacityStep, 'kept' | 'cause' | 'reasons'>

/**
 * The step that a run is: it is kept when the run may be believed and keeps every limit, of a latency
 * at both its bounds.
 */
export function stepOf(run: Run, scenario: Scenario, question: Question): CapacityStep {
  return {
    ...question,
    ...judge(run, scenario),
    p50Us: run.latency.p50Us,
    p99Us: run.latency.p99Us,
    lost: run.delivery.lost,
    figures: figuresOf(run, scenario),
    ...(run.latencyLowerBound === undefined ? {} : { lowerBounds: lowerBoundsOf(run, scenario) }),
    verdict: run.validity.verdict,
    confirmed: false,
  }
}

/** A step without a run: it could not be started, or was not to be any more. */
export function stepWithoutRun(question: Question, cause: StepCause, reason: string): CapacityStep {
  return {
    ...question,
    kept: false,
    cause,
    reasons: [reason],
    p50Us: null,
    p99Us: null,
    lost: null,
    figures: {},
    verdict: null,
    confirmed: false,
  }
}

/**
 * The gravest first: limits are asked of a run only that may be believed, or whose bounds alone are too
 * far apart.
 */
function judge(run: Run, scenario: Scenario): Judgement {
  const { validity, errors } = run
  const reasons = validity.reasons
    .filter(({ severity }) => severity === 'invalid')
    .map(({ code, message }) => `${code}: ${message}`)
  if (run.interrupted) return { kept: false, cause: 'interrupted', reasons: ['stopped early'] }
  if (run.partial) return { kept: false, cause: 'lost', reasons }
  const isInvalid = validity.verdict === 'invalid' && !isLateWithBounds(run)
  const refused = Object.keys(errors).filter((cause) => cause.startsWith('generator-'))
  const answers = answersOf({ scenario: { ...scenario }, runs: [run] })
  const missed = answers.filter(({ verdict }) => verdict === 'missed')
  const untold = answers.filter(({ verdict }) => verdict === 'untold')
  if (refused.length > 0 && (isInvalid || missed.length + untold.length > 0)) {
    const why = `this machine refused connections: ${refused.join(', ')}`
    return { kept: false, cause: 'machine', reasons: [why, ...reasons] }
  }
  if (isInvalid) return { kept: false, cause: 'instrument', reasons }
  if (missed.length > 0) {
    const cause = missed.some((miss) => isServers(miss, run)) ? 'limit' : 'instrument'
    return { kept: false, cause, reasons: missed.map((miss) => missLine(miss, run)) }
  }
  return untold.length === 0
    ? { kept: true, cause: null, reasons: [] }
    : { kept: false, cause: 'untold', reasons: untold.map(untoldLine) }
}

function missLine({ threshold, metric, lower, value }: Answer, { delivery }: Run): string {
  if (value !== null) return `${threshold}: ${metric} was ${boundedFigure(metric, lower, value)}`
  const { delivered, expected } = delivery
  return `${threshold}: not measured, ${delivered} of ${expected} deliveries came`
}

function untoldLine({ threshold, metric, lower, value, cause }: Answer): string {
  const why = cause === null ? '' : `, since ${cause}`
  return `${threshold}: ${metric} was ${exactSpan(metric, lower, value ?? 0)}${why}`
}

/** A figure is evidence; so is one that is missing since enough was published for it and did not come. */
function isServers({ threshold: text, value }: Answer, { delivery }: Run): boolean {
  if (value !== null) return true
  const threshold = parseThreshold(text)
  if (isRefusal(threshold) || !needs(threshold, 'deliveries')) return false
  const least = Math.max(1, leastEvents(threshold))
  return delivery.delivered < least && Math.min(delivery.published, delivery.expected) >= least
}

function figuresOf(run: Run, scenario: Scenario): Record<string, number | null> {
  const asked = metricsOf(scenario)
  return Object.fromEntries(asked.map((metric) => [metric, figureOf(run, metric)]))
}

/** Of the latencies that are shown or asked about. */
function lowerBoundsOf(run: Run, scenario: Scenario): Record<string, number | null> {
  const latencies = metricsOf(scenario).filter((metric) => pathOf(metric).startsWith('latency.'))
  const shown = ['p50', 'p99', ...latencies]
  return Object.fromEntries(shown.map((metric) => [metric, lowerFigureOf(run, metric)]))
}

function metricsOf({ thresholds }: Scenario): readonly Metric[] {
  return thresholds.flatMap((text) => {
    const threshold = parseThreshold(text)
    return isRefusal(threshold) ? [] : [threshold.metric]
  })
}
