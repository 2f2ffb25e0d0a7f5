import { FIGURES, figureAt } from '../figures/catalogue.ts'
import type { Dimension, Figure, Need } from '../figures/figure.ts'
import { didYouMean } from './suggestion.ts'
import {
  isRefusal,
  parseBytes,
  parseCount,
  parseDuration,
  parseRate,
  type Refusal,
} from './units.ts'

/** Short names of the figures that are asked about most; others are named by their paths. */
const ALIASES = {
  p50: 'latency.p50Us',
  p90: 'latency.p90Us',
  p95: 'latency.p95Us',
  p99: 'latency.p99Us',
  p999: 'latency.p999Us',
  max: 'latency.maxUs',
  mean: 'latency.meanUs',
  lost: 'delivery.lost',
  duplicates: 'delivery.duplicates',
  outOfOrder: 'delivery.outOfOrder',
  reach: 'delivery.reach',
  emptyRatio: 'exchanges.emptyRatio',
  bytesPerDelivery: 'wire.bytesPerDelivery',
  deliveriesPerSecond: 'throughput.deliveriesPerSecond',
  cpuUsPerDelivery: 'server.cpuUsPerDelivery',
  connected: 'clients.connected',
} as const

type Alias = keyof typeof ALIASES

/** As in a condition: a short name, or the path of a figure in a run of the result document. */
export type Metric = string

const OPERATORS = {
  '<=': (value: number, limit: number) => value <= limit,
  '>=': (value: number, limit: number) => value >= limit,
  '==': (value: number, limit: number) => value === limit,
  '<': (value: number, limit: number) => value < limit,
  '>': (value: number, limit: number) => value > limit,
} as const
type Operator = keyof typeof OPERATORS

/** The metrics that have a short name. */
export const METRICS = Object.keys(ALIASES) as readonly Alias[]

/** The paths of all figures that a threshold may name. */
export const PATHS: readonly string[] = FIGURES.filter(({ descriptive }) => !descriptive).map(
  ({ path }) => path,
)

/** The source of a regular expression that all thresholds match, and some others do. */
export const WRITTEN_THRESHOLD = `(?:${METRICS.join('|')}|[A-Za-z]+(?:\\.[\\w-]+)+|durationMs) *(?:<=|>=|==|<|>) *[^\\s,]+`

/** A condition on a run's metric: `p99<200ms`. */
export interface Threshold {
  readonly metric: Metric
  readonly operator: Operator
  /** In the unit of the metric's figures: microseconds, bytes, a share of 0 to 1 … */
  readonly limit: number
}

/** Where a metric's figure stands in a run of the result document: `latency.p99Us`. */
export function pathOf(metric: Metric): string {
  return isAlias(metric) ? ALIASES[metric] : metric
}

/** What a metric's limit and its values are measured in. */
export function dimensionOf(metric: Metric): Dimension {
  const dimension = figureOf(metric)?.dimension ?? 'count'
  // `p99` does not say what a bare number would be.
  return dimension === 'microseconds' && !metric.includes('Us') ? 'time' : dimension
}

/** As many events as a percentile needs to be printed; fewer would be a guess. */
export function leastEvents({ metric }: Threshold): number {
  return figureOf(metric)?.leastEvents ?? 0
}

/** Whether a run does not have the metric without something. */
export function needs({ metric }: Threshold, need: Need): boolean {
  return figureOf(metric)?.needs?.includes(need) ?? false
}

/** What a threshold may name; nothing where no figure is named so. */
function figureOf(metric: Metric): Figure | undefined {
  const figure = figureAt(pathOf(metric))
  return figure?.descriptive ? undefined : figure
}

/** Reads `p99<200ms`, `lost==0` or `reach >= 99.9%`. */
export function parseThreshold(text: string): Threshold | Refusal {
  const match = /^ {0,9}([A-Za-z][\w.-]{0,60}) {0,9}(<=|>=|==|<|>) {0,9}([^ ]{1,40}) {0,9}$/.exec(
    text,
  )
  if (match === null) return { problem: `is not a comparison${nearComparison(text)}` }
  const [, metric = '', operator = '', written = ''] = match
  if (!isMetric(metric)) return { problem: unknownMetric(metric) }
  const limit = LIMITS[dimensionOf(metric)](written)
  if (isRefusal(limit)) return { problem: `compares with ${written}, which ${limit.problem}` }
  return { metric, operator: operator as Operator, limit }
}

/** What somebody meant who wrote `lost=0` or `p99 < 200 ms`; nothing where that is not plain. */
function nearComparison(text: string): string {
  const [, metric, operator, digits, unit] =
    /^ *([A-Za-z][\w.-]*) *(<=|>=|==|=|<|>) *([\d.]+) *([\w%/]*) *$/.exec(text.slice(0, 100)) ?? []
  if (metric === undefined) return ''
  return `, did you mean ${metric}${operator === '=' ? '==' : operator}${digits}${unit}?`
}

/**
 * Whether a figure, in its metric's base unit, is within a threshold; of one that lies somewhere
 * between two null where it may or may not be, which nobody can tell.
 */
export function keepsBetween(
  lower: number,
  upper: number,
  { operator, limit }: Threshold,
): boolean | null {
  if (operator === '==' && lower < limit && limit < upper) return null
  const keeps = OPERATORS[operator]
  return keeps(lower, limit) === keeps(upper, limit) ? keeps(lower, limit) : null
}

/** Whether a word names a figure, by its short name or its path. */
export function isMetric(word: string): boolean {
  return figureOf(word) !== undefined
}

function isAlias(word: string): word is Alias {
  return Object.hasOwn(ALIASES, word)
}

function unknownMetric(word: string): string {
  if (word.includes('.') && !/^p\d/.test(word)) {
    const hint = didYouMean(word, PATHS)
    return `names the unknown figure ${word}${hint}; docs/thresholds.md lists the figures of a run`
  }
  const known = `the metrics are ${METRICS.join(', ')}, and the paths of other figures`
  const percentile = /^p(\d+(?:\.\d+)?)$/.exec(word)?.[1]
  if (percentile === '99.9') return 'names p99.9, which is written p999'
  if (percentile !== undefined && Number(percentile) > 100 && !percentile.startsWith('99')) {
    return `names percentile ${percentile}, which is above 100; ${known}`
  }
  if (percentile !== undefined) return `names ${word}, which is not recorded; ${known}`
  // Only the last part of its path: `rssBytes`.
  const ending = PATHS.find((path) => path.endsWith(`.${word}`))
  const hint = ending === undefined ? didYouMean(word, METRICS) : `, did you mean ${ending}?`
  return `names the unknown metric ${word}${hint}; ${known}`
}

const LIMITS: Readonly<Record<Dimension, (text: string) => number | Refusal>> = {
  time: (text) => microseconds(parseDuration(text)),
  microseconds: (text) => plain(text) ?? microseconds(parseDuration(text)),
  milliseconds: (text) => plain(text) ?? parseDuration(text),
  count: parseCount,
  truth: parseCount,
  amount: (text) => plain(text) ?? parseCount(text),
  bytes: (text) => plain(text) ?? parseBytes(text),
  rate: parseRate,
  ratio: (text) => parseRatio(text, 1),
  utilisation: (text) => parseRatio(text, Number.POSITIVE_INFINITY),
}

function microseconds(durationMs: number | Refusal): number | Refusal {
  return isRefusal(durationMs) ? durationMs : Math.round(durationMs * 1000)
}

function plain(text: string): number | null {
  return /^\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : null
}

function parseRatio(text: string, most: number): number | Refusal {
  const digits = text.endsWith('%') ? text.slice(0, -1) : text
  if (plain(digits) === null) return { problem: 'is not a ratio such as 99.9% or 0.999' }
  const ratio = Number(digits === text ? digits : `${digits}e-2`)
  return ratio > most ? { problem: 'is above 100%' } : ratio
}
