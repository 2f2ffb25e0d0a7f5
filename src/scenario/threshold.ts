import { didYouMean } from './suggestion.ts'
import {
  isRefusal,
  parseBytes,
  parseCount,
  parseDuration,
  parseRate,
  type Refusal,
} from './units.ts'

/** What a metric's limit is written in, and the base unit into which it is read. */
type Dimension =
  /** A duration with its unit → microseconds. */
  | 'time'
  /** A plain number, or a duration, → microseconds; the metric's name says the unit. */
  | 'microseconds'
  /** `10k` → a whole number. */
  | 'count'
  /** `99.9%` or `0.999` → 0 to 1. */
  | 'ratio'
  /** `200` or `1KiB` → bytes. */
  | 'bytes'
  /** `10k` or `100/s` → per second. */
  | 'rate'

const DIMENSIONS = {
  p50: 'time',
  p90: 'time',
  p95: 'time',
  p99: 'time',
  p999: 'time',
  max: 'time',
  mean: 'time',
  lost: 'count',
  duplicates: 'count',
  outOfOrder: 'count',
  reach: 'ratio',
  emptyRatio: 'ratio',
  bytesPerDelivery: 'bytes',
  deliveriesPerSecond: 'rate',
  cpuUsPerDelivery: 'microseconds',
  connected: 'count',
} as const satisfies Record<string, Dimension>

export type Metric = keyof typeof DIMENSIONS
type Operator = '<' | '<=' | '>' | '>=' | '=='

/** The metrics that a threshold may name. */
export const METRICS = Object.keys(DIMENSIONS) as readonly Metric[]

/** The source of a regular expression that all thresholds match, and some others do. */
export const WRITTEN_THRESHOLD = `(?:${METRICS.join('|')}) *(?:<=|>=|==|<|>) *[^\\s,]+`

/** A condition on a run's metric: `p99<200ms`. */
export interface Threshold {
  readonly metric: Metric
  readonly operator: Operator
  /** Microseconds, a count, a ratio of 0 to 1, bytes or a rate per second, as the metric is. */
  readonly limit: number
}

/** What a metric's limit and its values are measured in. */
export function dimensionOf(metric: Metric): Dimension {
  return DIMENSIONS[metric]
}

/** As many deliveries as a percentile needs to be printed; fewer would be a guess. */
export function leastDeliveries({ metric }: Threshold): number {
  return LEAST_DELIVERIES.get(metric) ?? 0
}

const LEAST_DELIVERIES: ReadonlyMap<Metric, number> = new Map([
  ['p90', 10],
  ['p95', 20],
  ['p99', 100],
  ['p999', 10_000],
])

/** Metrics that have no value when nothing is delivered. */
export function needsDeliveries({ metric }: Threshold): boolean {
  return DIMENSIONS[metric] === 'time' || metric.endsWith('PerDelivery')
}

/** Reads `p99<200ms`, `lost==0` or `reach >= 99.9%`. */
export function parseThreshold(text: string): Threshold | Refusal {
  const match = /^ {0,9}([A-Za-z][\w.]{0,30}) {0,9}(<=|>=|==|<|>) {0,9}([^ ]{1,40}) {0,9}$/.exec(
    text,
  )
  if (match === null) return { problem: 'is not a comparison' }
  const [, metric = '', operator = '', written = ''] = match
  if (!isMetric(metric)) return { problem: unknownMetric(metric) }
  const limit = parseLimit(DIMENSIONS[metric], written)
  if (isRefusal(limit)) return { problem: `compares with ${written}, which ${limit.problem}` }
  return { metric, operator: operator as Operator, limit }
}

/** Whether a figure, in its metric's base unit, is within a threshold. */
export function keeps(value: number, { operator, limit }: Threshold): boolean {
  switch (operator) {
    case '<':
      return value < limit
    case '<=':
      return value <= limit
    case '>':
      return value > limit
    case '>=':
      return value >= limit
    case '==':
      return value === limit
  }
}

function isMetric(word: string): word is Metric {
  return Object.hasOwn(DIMENSIONS, word)
}

function unknownMetric(word: string): string {
  const known = `the metrics are ${METRICS.join(', ')}`
  const percentile = /^p(\d+(?:\.\d+)?)$/.exec(word)?.[1]
  if (percentile === '99.9') return 'names p99.9, which is written p999'
  if (percentile !== undefined && Number(percentile) > 100 && !percentile.startsWith('99')) {
    return `names percentile ${percentile}, which is above 100; ${known}`
  }
  if (percentile !== undefined) return `names ${word}, which is not recorded; ${known}`
  return `names the unknown metric ${word}${didYouMean(word, METRICS)}; ${known}`
}

function parseLimit(dimension: Dimension, text: string): number | Refusal {
  switch (dimension) {
    case 'time':
      return microseconds(parseDuration(text))
    case 'microseconds':
      return plain(text) ?? microseconds(parseDuration(text))
    case 'count':
      return parseCount(text)
    case 'bytes':
      return plain(text) ?? parseBytes(text)
    case 'rate':
      return parseRate(text)
    case 'ratio':
      return parseRatio(text)
  }
}

function microseconds(durationMs: number | Refusal): number | Refusal {
  return isRefusal(durationMs) ? durationMs : Math.round(durationMs * 1000)
}

function plain(text: string): number | null {
  return /^\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : null
}

function parseRatio(text: string): number | Refusal {
  const digits = text.endsWith('%') ? text.slice(0, -1) : text
  if (plain(digits) === null) return { problem: 'is not a ratio such as 99.9% or 0.999' }
  const ratio = Number(digits === text ? digits : `${digits}e-2`)
  return ratio > 1 ? { problem: 'is above 100%' } : ratio
}
