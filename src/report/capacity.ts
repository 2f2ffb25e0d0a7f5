import { type Capacity, type CapacityStep, obstacleOf, type StepCause } from '../result/capacity.ts'
import type { CapacityResult } from '../result/document.ts'
import { withoutSecrets } from '../scenario/secret.ts'
import {
  keepsBetween,
  METRICS,
  type Metric,
  parseThreshold,
  type Threshold,
} from '../scenario/threshold.ts'
import { isRefusal } from '../scenario/units.ts'
import { exactFigure, formatFigure } from './figure.ts'
import type { Grid } from './plain-text.ts'
import { formatBounds, formatCount } from './quantity.ts'

type Unit = Pick<Capacity, 'search'>

/** Always there, whatever the limits ask about. */
const SHOWN: readonly Metric[] = ['p50', 'p99', 'lost']

/** One row a step, and why each was not kept in the last cell. */
export function capacityGrid({ search, steps }: Capacity): Grid {
  const figures = new Set(steps.flatMap((step) => Object.keys(step.figures)))
  const asked = [...new Set([...METRICS, ...figures])].filter(
    (metric) => !SHOWN.includes(metric) && figures.has(metric),
  )
  return {
    head: [
      search === 'clients' ? 'Clients' : 'Rate',
      'p50',
      'p99',
      ...asked,
      'Lost',
      'Outcome',
      'Why',
    ],
    rows: steps.map((step) => [
      formatCount(step.value),
      boundsCell(step, 'p50', step.p50Us),
      boundsCell(step, 'p99', step.p99Us),
      ...asked.map((metric) => figureCell(step, metric)),
      formatCount(step.lost),
      outcomeOf(step),
      step.reasons.join('; '),
    ]),
  }
}

/** What is measured next: `4,000 clients once more`. */
export function questionLine(unit: Unit, { value, phase }: Pick<CapacityStep, 'value' | 'phase'>) {
  return amount(unit, value) + (phase === 'confirm' || phase === 'repeat' ? ' once more' : '')
}

/** How a step went: `4,000 clients: kept, p50 2.1 ms, p99 8.3 ms`. */
export function stepLine(unit: Unit, step: CapacityStep): string {
  const { p50Us, p99Us, reasons } = step
  const figures =
    p50Us === null
      ? []
      : [`p50 ${boundsCell(step, 'p50', p50Us)}`, `p99 ${boundsCell(step, 'p99', p99Us)}`]
  const why = reasons.length === 0 ? '' : ` (${reasons.join('; ')})`
  return `${amount(unit, step.value)}: ${[outcomeOf(step), ...figures].join(', ')}${why}`
}

/** `sse on this machine: 6,200 clients keep p99<100ms (p99 79 ms, confirmed with …); at 6,900 p99 was 131 ms` */
export function capacityLine({ scenario, capacity }: CapacityResult): string {
  const place = scenario.url === null ? 'on this machine' : `at ${withoutSecrets(scenario.url)}`
  const subject = `${scenario.transports.join(', ')} ${place}`
  const { answer } = capacity
  if (answer === null) return `${subject}: ${noAnswer(capacity)}`
  const last = capacity.steps.filter((step) => step.kept && step.value === answer).slice(-2)
  const [first = '', again = ''] = last.map((step) => figuresOf(step, capacity))
  const kept = claim(answer, capacity)
  return `${subject}: ${kept} (${first}, confirmed with ${again}); ${aboveIt(capacity)}`
}

/** What stands in the way of a greater answer. */
function aboveIt(capacity: Capacity): string {
  const { to, toReason } = capacity
  const obstacle = obstacleOf(capacity)
  if (obstacle !== null) return obstacleLine(obstacle, capacity)
  const more = `more than ${formatCount(to)} was not tried`
  return toReason === null ? `${more} (--to)` : `${more}: ${toReason}`
}

function noAnswer(capacity: Capacity): string {
  const { steps, endedBy, from } = capacity
  const obstacle = obstacleOf(capacity)
  const why = obstacle === null ? null : obstacleLine(obstacle, capacity)
  const kept = steps.filter((step) => step.kept).map(({ value }) => value)
  if (kept.length === 0 && endedBy === 'limit' && why !== null) {
    return `not even ${claim(from, capacity)}: ${why}`
  }
  const once =
    kept.length === 0
      ? ''
      : `; ${amount(capacity, Math.max(...kept))} kept ${limitsOf(capacity)} once, which was not confirmed`
  return `no answer: ${endedBy === null || why === null ? 'the search is not over' : why}${once}`
}

/** `at 6,900 p99 was 131 ms` */
function obstacleLine(step: CapacityStep, capacity: Capacity): string {
  const at = `at ${formatCount(step.value)}`
  const why = step.reasons.join('; ')
  switch (step.cause) {
    case 'untold':
      return `${at} it cannot be told (${why}); ${missedAbove(step, capacity)}`
    case 'instrument':
      return `${at} the instrument ended the search, which is no word on the server (${why})`
    case 'machine':
      return `${at} this machine ended the search, not the server (${why})`
    case 'lost':
      return `${at} a process was lost (${why})`
    case 'failed':
      return `${at} the measurement could not be started (${why})`
    case 'interrupted':
      return `stopped ${at}`
    default:
      return `${at} ${missedOf(step, capacity)}`
  }
}

/** Between what is kept and what is missed for certain lies the answer that was sought. */
function missedAbove({ value }: CapacityStep, capacity: Capacity): string {
  const missed = capacity.steps
    .filter((step) => step.cause === 'limit' && step.value >= value)
    .map((step) => step.value)
  return missed.length === 0
    ? 'nothing above it was missed for certain, so that the limit may be anywhere from there on'
    : `the least that was missed for certain is ${formatCount(Math.min(...missed))}, so that the limit is below that`
}

/** The figures that missed their limits: `p99 was 131 ms and lost was 12`. */
function missedOf(step: CapacityStep, { limits }: Capacity): string {
  const { figures, reasons, lowerBounds } = step
  const missed = thresholdsOf(limits).flatMap((threshold) => {
    const { metric, limit } = threshold
    const value = figures[metric] ?? null
    const lower = lowerBounds?.[metric] ?? value
    if (value === null || lower === null) return []
    if (keepsBetween(lower, value, threshold) !== false) return []
    const shown = figureCell(step, metric)
    // What misses a limit narrowly must not look as if it were that limit.
    const exact = shown === formatFigure(metric, limit)
    return [`${metric} was ${exact ? exactFigure(metric, value) : shown}`]
  })
  // Where deliveries were lost, there is no figure.
  return missed.length === 0 ? reasons.join('; ') : missed.join(' and ')
}

/** `p99 81 ms`, of each limit's metric; lost deliveries are told although nobody asks. */
function figuresOf(step: CapacityStep, { limits }: Capacity): string {
  const metrics = new Set(thresholdsOf(limits).map(({ metric }) => metric))
  const parts = [...metrics].map((metric) => `${metric} ${figureCell(step, metric)}`)
  if (!metrics.has('lost') && (step.lost ?? 0) > 0) parts.push(`${formatCount(step.lost)} lost`)
  return parts.join(', ')
}

function thresholdsOf(limits: readonly string[]): readonly Threshold[] {
  return limits.flatMap((limit) => {
    const threshold = parseThreshold(limit)
    return isRefusal(threshold) ? [] : [threshold]
  })
}

function figureCell(step: CapacityStep, metric: Metric): string {
  return boundsCell(step, metric, step.figures[metric] ?? null)
}

function boundsCell({ lowerBounds }: CapacityStep, metric: Metric, value: number | null): string {
  const lower = lowerBounds?.[metric] ?? value
  return value === null || lower === null || lower === value
    ? formatFigure(metric, value)
    : formatBounds({ lowerUs: lower, upperUs: value })
}

const OUTCOMES: Readonly<Record<StepCause, string>> = {
  limit: 'missed',
  untold: 'cannot tell',
  instrument: 'no evidence',
  machine: 'machine',
  lost: 'lost',
  failed: 'failed',
  interrupted: 'stopped',
}

function outcomeOf({ cause, confirmed, verdict }: CapacityStep): string {
  if (cause !== null) return OUTCOMES[cause]
  const kept = confirmed ? 'confirmed' : 'kept'
  if (verdict === 'invalid') return `${kept}, late`
  return verdict === 'suspect' ? `${kept}, suspect` : kept
}

function limitsOf({ limits }: Capacity): string {
  return limits.join(' and ')
}

/** `6,200 clients keep p99<100ms` */
function claim(value: number, capacity: Capacity): string {
  const verb = capacity.search === 'clients' && value === 1 ? 'keeps' : 'keep'
  return `${amount(capacity, value)} ${verb} ${limitsOf(capacity)}`
}

function amount({ search }: Unit, value: number): string {
  const unit = search === 'rate' ? 'events/s a channel' : value === 1 ? 'client' : 'clients'
  return `${formatCount(value)} ${unit}`
}
