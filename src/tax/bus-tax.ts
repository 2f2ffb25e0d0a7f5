/**
 * What buses take: how long an event is on its way over one, and what that costs in processor time and bytes.
 *
 * Added is the time from the acceptance of an event by the instance that it entered until an instance has it
 * from the bus. Without a bus the same event would have been handed on at that moment, so that each event is
 * compared with itself: no drift of the machine, no other schedule and no lateness of the clients is in it.
 * What the machine's processors have to do besides is not: for that runs are compared with runs of the same
 * schedule at one instance without a bus.
 */
import { grouped } from '../grouped.ts'
import { studentQuantile } from '../measure/interval.ts'
import { wasLate } from '../measure/reason.ts'
import type { Result, Run } from '../result/document.ts'
import { counts } from '../result/repetitions.ts'
import { scenarioAt } from '../scenario/sweep.ts'

/** A figure and where it lies in 95 of 100 cases; an end is null where nothing bounds it. */
export interface Bounded {
  readonly value: number
  readonly low: number | null
  readonly high: number | null
}

/** What was measured alike. */
export interface Load {
  readonly transport: string
  readonly label: string
  readonly clients: number
  readonly channels: number | 'per-client'
  /** Events per second and channel. */
  readonly rate: number
  readonly payloadBytes: number
  readonly durationMs: number
}

/** A bus with so many instances; all figures are null where no run tells them. */
export interface TaxRow {
  /** Null of one instance without a bus, with which the others are compared. */
  readonly bus: string | null
  readonly routing: string | null
  readonly instances: number
  /** Runs that tell, of so many. */
  readonly told: number
  readonly runs: number
  readonly addedP50Us: Bounded | null
  readonly addedP99Us: Bounded | null
  /**
   * By the bus of the least `addedP50Us` among those with as many instances and the same routing, round by round: the
   * mean of the ratios' logarithms, by Student's t.
   */
  readonly factor: Bounded | null
  /** Push latency p50 less that of the same schedule at one instance without a bus. */
  readonly allInP50Us: Bounded | null
  readonly deliveriesPerSecond: number | null
  /** All instances together: for an event that nobody hears, and all of it by deliveries. */
  readonly instancesCpuUsPerEvent: number | null
  readonly instancesCpuUsPerDelivery: number | null
  readonly busCpuUsPerEvent: number | null
  readonly busCpuUsPerDelivery: number | null
  readonly bytesPerEvent: number | null
  readonly bytesPerDelivery: number | null
  readonly hopsPerEvent: number | null
}

/** All buses under one load. */
export interface BusTax {
  readonly load: Load
  /** That without a bus first, then by routing, instances, and what is added. */
  readonly rows: readonly TaxRow[]
}

interface Witness {
  readonly run: Run
  readonly load: Load
}

/** Reads it from results of one instance without a bus, and of any number of instances on one; others tell nothing. */
export function busTaxOf(results: readonly Result[]): readonly BusTax[] {
  const witnesses = results.flatMap((result) =>
    result.runs.filter(isOfABus).map((run): Witness => ({ run, load: loadOf(result, run) })),
  )
  const groups = [...grouped(witnesses, ({ load }) => JSON.stringify(load)).values()]
  return groups
    .map((group) => ({ load: group[0].load, rows: rowsOf(group.map(({ run }) => run)) }))
    .filter(({ rows }) => rows.some(({ bus }) => bus !== null))
    .sort((one, other) => channelsOf(one.load) - channelsOf(other.load))
}

function channelsOf({ channels, clients }: Load): number {
  return channels === 'per-client' ? clients : channels
}

/** Or of one instance without; several that nothing connects deliver less. */
function isOfABus({ bus, server }: Run): boolean {
  return bus !== undefined || server?.instances === 1
}

function loadOf({ scenario, sweep }: Result, run: Run): Load {
  const own = scenarioAt(scenario, sweep, run.point)
  const { channels, rate, payloadBytes, durationMs } = own
  const { transport, technique, clients } = run
  const { label } = technique
  return { transport, label, clients: clients.requested, channels, rate, payloadBytes, durationMs }
}

/** Runs whose clients were late tell what the servers did all the same. */
function tells(run: Run): boolean {
  return counts(run) || (wasLate(run) && !run.partial && !run.interrupted)
}

function rowsOf(runs: readonly Run[]): readonly TaxRow[] {
  const bySeed = new Map(
    runs.filter((run) => run.bus === undefined && tells(run)).map((run) => [run.seed, run]),
  )
  const cells = [...grouped(runs, keyOf).values()].map((own) => ({
    row: rowOf(own, bySeed),
    p50UsBySeed: p50UsBySeed(own),
  }))
  const placeOf = ({ row }: (typeof cells)[number]): string => `${row.routing} ${row.instances}`
  const leastOf = new Map(
    [...grouped(cells, placeOf)].map(([place, own]) => [
      place,
      own.reduce((least, one) => (addedOfRow(one.row) < addedOfRow(least.row) ? one : least)),
    ]),
  )
  return cells
    .map((cell) => {
      const least = leastOf.get(placeOf(cell))
      return { ...cell.row, factor: least === undefined ? null : factorOf(cell, least) }
    })
    .sort(
      (one, other) =>
        (one.routing ?? '').localeCompare(other.routing ?? '') ||
        one.instances - other.instances ||
        addedOfRow(one) - addedOfRow(other),
    )
}

function addedOfRow({ addedP50Us }: TaxRow): number {
  return addedP50Us?.value ?? Number.MAX_VALUE
}

interface Cell {
  readonly row: TaxRow
  /** Of each round what was added. */
  readonly p50UsBySeed: ReadonlyMap<number | undefined, number>
}

function p50UsBySeed(runs: readonly Run[]): Cell['p50UsBySeed'] {
  return new Map(
    runs.filter(tells).flatMap(({ seed, bus }) => {
      const us = bus?.added?.p50Us
      return us == null || us === 0 ? [] : [[seed, us] as const]
    }),
  )
}

/** Of rounds that both have: these differ by the machine's hour, and the two of one round do not. */
function factorOf({ p50UsBySeed }: Cell, { p50UsBySeed: least }: Cell): Bounded | null {
  const logarithms = [...p50UsBySeed].flatMap(([seed, us]) => {
    const its = least.get(seed)
    return its === undefined ? [] : [Math.log(us / its)]
  })
  if (logarithms.length === 0) return null
  const { value, low, high } = spreadOf(logarithms)
  const isBounded = logarithms.length >= ENOUGH && low !== null && high !== null
  return {
    value: Math.exp(value),
    low: isBounded ? Math.exp(low) : null,
    high: isBounded ? Math.exp(high) : null,
  }
}

function keyOf({ bus, server }: Run): string {
  return `${server?.instances} ${bus?.name} ${bus?.routing}`
}

function rowOf(
  all: readonly [Run, ...Run[]],
  bySeed: ReadonlyMap<number | undefined, Run>,
): TaxRow {
  const [{ bus, server }] = all
  const runs = all.filter(tells)
  const mean = (read: (run: Run) => number | null | undefined): number | null => {
    const known = runs.map(read).filter((value) => value != null)
    return known.length === 0 ? null : meanOf(known)
  }
  return {
    bus: bus?.name ?? null,
    routing: bus?.routing ?? null,
    instances: server?.instances ?? 1,
    told: runs.length,
    runs: all.length,
    addedP50Us: addedOf(runs, 'p50'),
    addedP99Us: addedOf(runs, 'p99'),
    factor: null,
    allInP50Us: bus === undefined ? null : allInOf(runs, bySeed),
    deliveriesPerSecond: mean(({ throughput }) => throughput.deliveriesPerSecond),
    instancesCpuUsPerEvent: mean((run) => run.server?.ingestCpuUsPerEvent),
    instancesCpuUsPerDelivery: mean((run) => run.server?.totalCpuUsPerDelivery),
    busCpuUsPerEvent: mean((run) => run.bus?.cpuUsPerEvent),
    busCpuUsPerDelivery: mean((run) => run.bus?.cpuUsPerDelivery),
    bytesPerEvent: mean((run) => run.bus?.bytesPerEvent),
    bytesPerDelivery: mean((run) => run.bus?.bytesPerDelivery),
    hopsPerEvent: mean((run) => run.bus?.receiptsPerEvent),
  }
}

/** Fewer repetitions say little of how they differ; then what each run's own events say counts. */
const ENOUGH = 3

/** Over repetitions by Student's t, else from the lowest to the highest end of each run's own interval. */
function addedOf(runs: readonly Run[], percentile: 'p50' | 'p99'): Bounded | null {
  const values = runs.map(({ bus }) => bus?.added?.[`${percentile}Us`]).filter((us) => us != null)
  if (values.length === 0) return null
  if (values.length >= ENOUGH) {
    const { value, low, high } = spreadOf(values)
    return { value, low: low === null ? null : Math.max(0, low), high }
  }
  const intervals = runs
    .map(({ bus }) => bus?.addedIntervals?.[percentile])
    .filter((interval) => interval != null)
  const highs = intervals.map(({ highUs }) => highUs)
  const known = highs.filter((us) => us !== null)
  return {
    value: meanOf(values),
    low: intervals.length === 0 ? null : Math.min(...intervals.map(({ lowUs }) => lowUs)),
    high: known.length === 0 || known.length < highs.length ? null : Math.max(...known),
  }
}

/**
 * The mean difference of runs of one schedule: once as observed, and once as if the instrument had been on
 * time; it lies between the ends of both.
 */
function allInOf(
  runs: readonly Run[],
  bySeed: ReadonlyMap<number | undefined, Run>,
): Bounded | null {
  const differences = (read: (run: Run) => number | null | undefined): readonly number[] =>
    runs.flatMap((run) => {
      const base = bySeed.get(run.seed)
      const [own, its] = [read(run), base && read(base)]
      return own == null || its == null ? [] : [own - its]
    })
  const observed = differences(({ latency }) => latency.p50Us)
  const onTime = differences(({ latencyLowerBound }) => latencyLowerBound?.p50Us)
  if (observed.length === 0 || onTime.length === 0) return null
  const [one, other] = [spreadOf(observed), spreadOf(onTime)]
  const lowest = one.low === null || other.low === null ? null : Math.min(one.low, other.low)
  const highest = one.high === null || other.high === null ? null : Math.max(one.high, other.high)
  return { value: (one.value + other.value) / 2, low: lowest, high: highest }
}

function spreadOf(values: readonly number[]): Bounded {
  const value = meanOf(values)
  const { length } = values
  if (length < 2) return { value, low: null, high: null }
  const squares = values.reduce((sum, one) => sum + (one - value) ** 2, 0)
  const margin = studentQuantile(length - 1) * Math.sqrt(squares / (length - 1) / length)
  return { value, low: value - margin, high: value + margin }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length
}
