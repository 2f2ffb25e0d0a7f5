import { figureOf, type Miss, missedThresholds } from '../compare/threshold.ts'
import { exactFigure } from '../report/metric.ts'
import type { CapacityStep, StepCause } from '../result/capacity.ts'
import type { Run } from '../result/document.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { leastEvents, needsDeliveries, parseThreshold } from '../scenario/threshold.ts'
import { isRefusal } from '../scenario/units.ts'
import type { Question } from './capacity-search.ts'

type Judgement = Pick<CapacityStep, 'kept' | 'cause' | 'reasons'>

/** The step that a run is: it is kept when the run may be believed and keeps every limit. */
export function stepOf(run: Run, scenario: Scenario, question: Question): CapacityStep {
  return {
    ...question,
    ...judge(run, scenario),
    p50Us: run.latency.p50Us,
    p99Us: run.latency.p99Us,
    lost: run.delivery.lost,
    figures: figuresOf(run, scenario),
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

/** The gravest first: limits are asked of a run only that may be believed. */
function judge(run: Run, scenario: Scenario): Judgement {
  const { validity, errors } = run
  const reasons = validity.reasons
    .filter(({ severity }) => severity === 'invalid')
    .map(({ code, message }) => `${code}: ${message}`)
  if (run.interrupted) return { kept: false, cause: 'interrupted', reasons: ['stopped early'] }
  if (run.partial) return { kept: false, cause: 'lost', reasons }
  const refused = Object.keys(errors).filter((cause) => cause.startsWith('generator-'))
  const missed = missedThresholds({ scenario: { ...scenario }, runs: [run] })
  if (refused.length > 0 && (validity.verdict === 'invalid' || missed.length > 0)) {
    const why = `this machine refused connections: ${refused.join(', ')}`
    return { kept: false, cause: 'machine', reasons: [why, ...reasons] }
  }
  if (validity.verdict === 'invalid') return { kept: false, cause: 'instrument', reasons }
  if (missed.length === 0) return { kept: true, cause: null, reasons: [] }
  return {
    kept: false,
    cause: missed.some((miss) => isServers(miss, run)) ? 'limit' : 'instrument',
    reasons: missed.map(({ threshold, metric, value }) => {
      if (value !== null) return `${threshold}: ${metric} was ${exactFigure(metric, value)}`
      const { delivered, expected } = run.delivery
      return `${threshold}: not measured, ${delivered} of ${expected} deliveries came`
    }),
  }
}

/** A figure is evidence; so is one that is missing since enough was published for it and did not come. */
function isServers({ threshold: text, value }: Miss, { delivery }: Run): boolean {
  if (value !== null) return true
  const threshold = parseThreshold(text)
  if (isRefusal(threshold) || !needsDeliveries(threshold)) return false
  const least = Math.max(1, leastEvents(threshold))
  return delivery.delivered < least && Math.min(delivery.published, delivery.expected) >= least
}

function figuresOf(run: Run, { thresholds }: Scenario): Record<string, number | null> {
  const figures: Record<string, number | null> = {}
  for (const text of thresholds) {
    const threshold = parseThreshold(text)
    if (!isRefusal(threshold)) figures[threshold.metric] = figureOf(run, threshold.metric)
  }
  return figures
}
