import type { Run } from '../../result/document.ts'
import type { Sweep } from '../../result/sweep.ts'
import { type Column, columnsOf } from '../comparison.ts'
import { joined, type LineChart, type Quantity, scaleFor } from './line-chart.ts'

interface Trace {
  readonly title: string
  readonly quantity: Quantity
  figure(run: Run): number | null
}

const TRACES: readonly Trace[] = [
  {
    title: 'Push latency p50',
    quantity: 'microseconds',
    figure: ({ latency }) => latency.p50Us,
  },
  {
    title: 'Push latency p99',
    quantity: 'microseconds',
    figure: ({ latency }) => latency.p99Us,
  },
  {
    title: 'Requests per client and day',
    quantity: 'count',
    figure: ({ exchanges }) => exchanges.requestsPerClientPerDay,
  },
  {
    title: 'Bytes received per second',
    quantity: 'bytes',
    figure: ({ throughput }) => throughput.bytesPerSecond,
  },
  {
    title: 'Server CPU per delivery',
    quantity: 'microseconds',
    figure: ({ server }) => server?.cpuUsPerDelivery ?? null,
  },
]

const AXES: Readonly<Record<Sweep['key'], string>> = {
  clients: 'Clients',
  channels: 'Channels',
  rate: 'Events per second and channel',
  payload: 'Payload',
  interval: 'Poll interval',
  hold: 'Longest hold of a long poll',
}

const QUANTITIES: Readonly<Record<Sweep['unit'], Quantity>> = {
  clients: 'count',
  channels: 'count',
  'events/s': 'count',
  bytes: 'bytes',
  ms: 'milliseconds',
}

/**
 * What a sweep trades for what: each figure over the swept value. What the key does not concern has
 * one figure for all values, and is a level line.
 * @param hueOf of a transport
 */
export function sweepCharts(
  runs: readonly Run[],
  sweep: Sweep,
  hueOf: (transport: string) => number,
): readonly LineChart[] {
  const columns = columnsOf({ runs })
  const transports = [...new Set(columns.map(({ run }) => run.transport))]
  return TRACES.flatMap((trace) => {
    const lines = transports.flatMap((transport) => {
      const own = columns.filter(({ run }) => run.transport === transport)
      const points = pointsOf(own, sweep, trace)
      const label = own[0]?.label ?? transport
      return points.some(({ y }) => y !== null) ? [{ label, hue: hueOf(transport), points }] : []
    })
    return lines.length > 0 ? [chartOf(trace, joined(lines), sweep)] : []
  })
}

function pointsOf(
  columns: readonly Column[],
  { values }: Sweep,
  { figure }: Trace,
): { readonly x: number; readonly y: number | null }[] {
  return columns.flatMap(({ point, run }) =>
    (point === null ? values : [point]).map((x) => ({ x, y: figure(run) })),
  )
}

function chartOf(
  { title, quantity }: Trace,
  { xs, series }: Pick<LineChart, 'xs' | 'series'>,
  { key, unit }: Sweep,
): LineChart {
  const positive = xs.every((x) => x > 0)
  return {
    title,
    x: {
      label: AXES[key],
      quantity: QUANTITIES[unit],
      scale: positive && (xs.at(-1) ?? 0) >= 10 * (xs[0] ?? 0) ? 'log' : 'linear',
    },
    y: { label: title, quantity, scale: scaleFor(series.flatMap(({ ys }) => ys)) },
    xs,
    series,
    dots: true,
  }
}
