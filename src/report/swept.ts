/** A sweep by its transports: what each gives and costs at every value. */
import type { Run, SweepResult } from '../result/document.ts'
import type { Sweep } from '../result/sweep.ts'
import { type Column, columnsOf } from './comparison.ts'
import type { CurvePoint } from './crossover.ts'
import { formatAmount, missing } from './quantity.ts'
import { leftOutWord } from './warning.ts'

/** What a technique costs while it goes on, whether it delivers or not. */
export interface Cost {
  readonly label: string
  /** Of a table's column: `Server CPU per second`. */
  readonly heading: string
  readonly definition: string
  readonly unit: 'microseconds' | 'bytes'
  /** Null where it was not measured. */
  figure(run: Run): number | null
}

/** What a crossover is asked of. */
export const costs: readonly Cost[] = [
  {
    label: 'Server CPU',
    heading: 'Server CPU per second',
    definition:
      'CPU time of all server processes per second of the window, for all clients together.',
    unit: 'microseconds',
    figure: ({ server }) =>
      server === null || server.cpuUtilisation === null ? null : server.cpuUtilisation * 1e6,
  },
  {
    label: 'Bytes',
    heading: 'Bytes per second and client',
    definition:
      "Bytes on the clients' sockets in the window, both ways, headers and framing included, per second and client.",
    unit: 'bytes',
    figure: ({ wire, durationMs, clients }) =>
      durationMs === 0 || clients.requested === 0
        ? null
        : (wire.bytesReceived + wire.bytesSent) / (durationMs / 1000) / clients.requested,
  },
]

export function costText({ unit, figure }: Cost, run: Run): string {
  const cost = figure(run)
  return cost === null ? missing : `${formatAmount(unit, cost)}/s`
}

/** By transport as the scenario names them, then by value. */
export function sweptColumns({ scenario, runs, sweep }: SweepResult): readonly Column[] {
  const place = ({ run }: Column): number => scenario.transports.indexOf(run.transport)
  return columnsOf({ runs, sweep }).sort(
    (one, other) => place(one) - place(other) || (one.point ?? 0) - (other.point ?? 0),
  )
}

/** A transport's columns, by value. */
export interface Swept {
  readonly transport: string
  readonly label: string
  /** It gets events by requests, some of them in vain. */
  readonly asks: boolean
  /** In a word why it is left out at every value. */
  readonly mark?: string
  readonly columns: readonly Column[]
}

export function sweptOf(columns: readonly Column[]): readonly Swept[] {
  const transports = [...new Set(columns.map(({ run }) => run.transport))]
  return transports.map((transport) => {
    const own = columns.filter(({ run }) => run.transport === transport)
    const first = own[0]?.run
    const words = own.map(leftOutWord)
    const [mark] = words.includes(null) ? [] : words
    return {
      transport,
      label: first?.technique.label ?? transport,
      asks: first?.exchanges.emptyRatio !== null,
      ...(mark == null ? {} : { mark }),
      columns: own,
    }
  })
}

/** Each of who is told with each of who asks: whose costs may cross. */
export function rivalsOf(all: readonly Swept[]): readonly (readonly [told: Swept, asks: Swept])[] {
  const told = all.filter(({ asks }) => !asks)
  return all
    .filter(({ asks }) => asks)
    .flatMap((asker) => told.map((other) => [other, asker] as const))
}

/** The values that a column stands for: what the swept key does not concern is the same at all of them. */
export function valuesOf({ point }: Column, { values }: Sweep): readonly number[] {
  return point === null ? values : [point]
}

/** A figure over the swept value, where it is known. */
export function curveOf(
  { columns }: Swept,
  sweep: Sweep,
  figure: (column: Column) => number | null,
): readonly CurvePoint[] {
  return columns.flatMap((column) => {
    const y = figure(column)
    return y === null ? [] : valuesOf(column, sweep).map((x) => ({ x, y }))
  })
}
