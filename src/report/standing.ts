/** How techniques stand to each other in a figure: by intervals, of which nobody can tell apart those that meet. */
import { lowerOf } from '../compare/metric.ts'
import { relationOf } from '../compare/relation.ts'
import { scheduleNoise } from '../compare/schedule-noise.ts'
import { amountOf, figureOf } from '../figures/catalogue.ts'
import type { Figure } from '../figures/figure.ts'
import { type Cost, NEGLIGIBLE } from '../result/advice.ts'
import type { RecordedScenario, Run, RunResult } from '../result/document.ts'
import { reliedOn, SAMPLED } from '../result/evidence.ts'
import { counts, rangeOf } from '../result/repetitions.ts'
import { type Column, columnsOf } from './comparison.ts'
import { figureText } from './figure.ts'
import { formatAmount, latencySlackUs, mayTie } from './quantity.ts'
import { type Ranking, rank } from './ranking.ts'
import { asks } from './unseen.ts'
import { absent, faultsOf } from './warning.ts'

/** A technique's figure, and where it lies. */
export interface Place {
  readonly column: Column
  /** As the table has it. */
  readonly text: string
  readonly value: number
  readonly low: number
  /** Null where nothing bounds it from above. */
  readonly high: number | null
  /** `95 %: 3.1 ms to 4.2 ms`; null where nothing is known but the figure. */
  readonly interval: string | null
}

export interface Standing {
  readonly figure: Figure
  /** The least first. */
  readonly places: readonly Place[]
  /** Those that may be the least. */
  readonly first: readonly Place[]
  /** Why there is no one first; null where there is. */
  readonly doubt: 'equal' | 'cannot be told apart' | 'too near for a choice' | null
}

export type Headline = 'latency' | 'cpu' | 'bytes' | 'waste'

const PATHS = {
  cpu: 'server.cpuUsPerDelivery',
  bytes: 'wire.bytesPerDelivery',
  waste: 'exchanges.emptyRatio',
} as const

/** Of the normal distribution: 95 of 100 are within as many standard deviations. */
const WITHIN_95 = 1.96

/** Of each figure that decides: latency, cost, waste. Without those that no technique has. */
export function standingsOf(result: RunResult): ReadonlyMap<Headline, Standing> {
  const columns = columnsOf(result)
  const latency = `latency.${decidingOf(columns)}Us`
  const paths: Readonly<Record<Headline, string>> = { latency, ...PATHS }
  return new Map(
    Object.entries(paths).flatMap(([name, path]) => {
      const standing = standingOf(figureOf(path), columns, result.scenario)
      return standing === null ? [] : [[name as Headline, standing] as const]
    }),
  )
}

/** The percentile by which latencies are compared: the tail, or the median where events were too few to bound the tail of all. */
export function decidingOf(columns: readonly Column[]): 'p99' | 'p50' {
  const isBounded = ({ run, runs }: Column): boolean =>
    run.latency.p99Us !== null && (isRepeated(runs) || reliedOn(run, 'p99')?.highUs !== null)
  return columns.every(isBounded) ? 'p99' : 'p50'
}

/** Whether all that was asked for was measured and counts: otherwise none is called the best. */
export function maySayBest(result: RunResult): boolean {
  const isIdle = result.scenario.rate === 0
  const faults = columnsOf(result).flatMap((column) => faultsOf(column, isIdle))
  return faults.length + absent(result).length === 0
}

/** By what a run's techniques are ranked: by latency, as nobody said how much of it is wanted, then as advice does. */
export type Deciding = 'latency' | Cost

/** Which techniques of a run nothing is shown against. */
export function conclusionOf(
  columns: readonly Column[],
  scenario: RecordedScenario,
): Ranking<Column, Deciding> {
  const spanned =
    (path: string, scale: (run: Run) => number = () => 1, beside: (run: Run) => number = () => 0) =>
    (column: Column) => {
      const figure = figureOf(path)
      const span = spanOf(figure, column, scenario)
      const value = amountOf(column.run, figure)
      if (span === null || value === null) return null
      const { low, high } = span
      const of = (end: number): number => end * scale(column.run) + beside(column.run)
      return { value: of(value), low: of(low), high: high === null ? null : of(high) }
    }
  const perSecond = ({ throughput }: Run): number => throughput.deliveriesPerSecond
  const bandwidth = spanned(PATHS.bytes, perSecond, upBytesPerSecond)
  return rank<Column, Deciding>(columns, [
    {
      by: 'latency',
      lies: spanned(`latency.${decidingOf(columns)}Us`),
      matters: latencySlackUs,
    },
    {
      by: 'cpu',
      lies: spanned(PATHS.cpu, (run) => perSecond(run) / 1e6),
      matters: NEGLIGIBLE.serverCores,
    },
    {
      by: 'bandwidth',
      lies: bandwidth,
      matters: BANDWIDTH_MATTERS * leastOf(columns.map(bandwidth)),
    },
    {
      by: 'memory',
      lies: spanned('server.rssBytes'),
      matters: NEGLIGIBLE.serverMemoryBytes,
    },
  ])
}

/**
 * A share of the least. Bytes are what the protocol makes them, at any load, and known as well: so their ratio matters though there are
 * few of them, and that of the CPU time or memory of one run does not.
 */
const BANDWIDTH_MATTERS = 1 / 4

function leastOf(spans: readonly ({ readonly value: number } | null)[]): number {
  return Math.min(...spans.map((span) => span?.value ?? Number.POSITIVE_INFINITY))
}

/** Of what clients say and of its acknowledgements, which no delivery has a part in. */
export function upBytesPerSecond({ chat, durationMs }: Run): number {
  return chat === undefined ? 0 : (chat.up.bytesSent + chat.up.bytesReceived) / (durationMs / 1000)
}

function standingOf(
  figure: Figure,
  columns: readonly Column[],
  scenario: RecordedScenario,
): Standing | null {
  const isWaste = figure.path === PATHS.waste
  if (isWaste && !columns.some(({ run }) => asks(run))) return null
  const places = columns
    .flatMap((column): Place[] => {
      // Who is told asks for nothing, in vain or not.
      if (isWaste && !asks(column.run)) {
        return [{ column, text: 'none', value: 0, low: 0, high: 0, interval: null }]
      }
      const place = placeOf(figure, column, scenario)
      return place === null ? [] : [place]
    })
    .sort((one, other) => one.value - other.value)
  const [best] = places
  if (best === undefined) return null
  const first = places.filter((place) => mayBeEqual(figure, place, best))
  return { figure, places, first, doubt: doubtOf(figure, first) }
}

function doubtOf(figure: Figure, [best, ...others]: readonly Place[]): Standing['doubt'] {
  const { compared } = figure
  if (best === undefined || others.length === 0) return null
  // What the protocol fixes needs no interval to be the same.
  const isFixed = compared?.kind === 'deterministic'
  if (isFixed && others.every(({ value }) => value === best.value)) return 'equal'
  const isOpen = others.some((other) => mayBeAnything(figure, best, other))
  return isOpen ? 'cannot be told apart' : 'too near for a choice'
}

/** Null where the run does not have the figure. */
function placeOf(figure: Figure, column: Column, scenario: RecordedScenario): Place | null {
  const value = amountOf(column.run, figure)
  const span = spanOf(figure, column, scenario)
  if (value === null || span === null) return null
  const { low, high, source } = span
  // Too little to be told from what the server takes for being there.
  const isLost = figure.path === PATHS.cpu && value === 0 && high !== null
  const text = isLost
    ? `at most ${formatAmount(figure.dimension, high)}`
    : figureText(figure, column.run, scenario)
  const interval = source === null ? null : `${source}: ${rangeText(figure, low, high)}`
  return { column, text, value, low, high, interval }
}

/** Where a figure lies, and by what that is known: null where nothing but the figure is. */
interface Span {
  readonly low: number
  /** Null where nothing bounds it from above. */
  readonly high: number | null
  readonly source: '95 %' | 'repetitions' | null
}

/** From so many on ranges are apart by chance in less than 3 of 100, and tell more than one window does. */
const ENOUGH_REPETITIONS = 4

function isRepeated(runs: readonly Run[]): boolean {
  return runs.filter(counts).length >= ENOUGH_REPETITIONS
}

/** Both bounds, what other windows would show, and what other repetitions did; null where the run does not have the figure. */
function spanOf(figure: Figure, column: Column, scenario: RecordedScenario): Span | null {
  const { run, runs } = column
  const value = amountOf(run, figure)
  if (value === null) return null
  const range = rangeOf(runs, (one) => amountOf(one, figure))
  const own = range !== null && isRepeated(runs) ? null : intervalOf(figure, column, scenario)
  const ends = [...(own ?? []), ...(range ?? [])]
  const known = ends.filter((end) => end !== null)
  return {
    low: Math.min(value, lowerOf(figure)?.(run) ?? value, ...known),
    high: ends.includes(null) ? null : Math.max(value, ...known),
    source: own !== null ? '95 %' : range !== null ? 'repetitions' : null,
  }
}

/** Whether one of two may be as good as the other, wherever each lies. */
function mayBeEqual(
  figure: Figure,
  one: Pick<Span, 'low' | 'high'>,
  other: Pick<Span, 'low' | 'high'>,
): boolean {
  const slack = lowerOf(figure) === null ? 0 : latencySlackUs
  return mayTie(ends(one), ends(other), slack)
}

/** Neither shown to differ nor to be too near for a choice. Figures that meet, and of which nothing else is known, show neither. */
function mayBeAnything(figure: Figure, one: Place, other: Place): boolean {
  const slack = lowerOf(figure) === null ? 0 : latencySlackUs
  const matters = Math.max(slack, Math.min(one.value, other.value) / 10)
  const relation = relationOf(one, other, matters)
  const isKnown = one.interval !== null && other.interval !== null
  return relation === 'untold' || (relation === 'equivalent' && !isKnown)
}

function ends({ low, high }: Pick<Span, 'low' | 'high'>) {
  return { lower: low, upper: high ?? Number.POSITIVE_INFINITY }
}

/** What one run tells of other runs like it; null where it tells nothing. */
function intervalOf(
  { path }: Figure,
  { run }: Column,
  scenario: RecordedScenario,
): readonly [low: number, high: number | null] | null {
  if (path === PATHS.cpu) return run.server?.cpuUsPerDeliveryInterval ?? null
  if (path === PATHS.bytes || path === PATHS.waste) {
    const isShare = path === PATHS.waste
    const value = isShare ? run.exchanges.emptyRatio : run.wire.bytesPerDelivery
    if (value === null) return null
    const one = [{ run, seed: run.seed ?? scenario.seed }]
    const noise = WITHIN_95 * scheduleNoise(isShare ? 'emptyRatio' : 'bytes', scenario, one, [])
    if (isShare) return [Math.max(0, value - noise), Math.min(1, value + noise)]
    return [value * Math.max(0, 1 - noise), value * (1 + noise)]
  }
  const sampled = SAMPLED.find((key) => path === `latency.${key}Us`)
  const interval = sampled === undefined ? null : reliedOn(run, sampled)
  return interval === null ? null : [interval.lowUs, interval.highUs]
}

function rangeText({ dimension }: Figure, low: number, high: number | null): string {
  const [from, to] = [low, high].map((end) => formatAmount(dimension, end))
  if (high === null) return `≥ ${from}`
  return from === to ? 'varies by less than is shown' : `${from} to ${to}`
}
