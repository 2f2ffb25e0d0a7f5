import type { Run } from '../result/document.ts'
import { formatBytes, formatDuration, missing } from './quantity.ts'

/** What a technique costs while it goes on, whether it delivers or not. */
export interface Cost {
  /** `Server CPU` */
  readonly label: string
  /** Of a table's column: `Server CPU per second`. */
  readonly heading: string
  /** One line for a person who reads the report elsewhere. */
  readonly definition: string
  /** Of its figures. */
  readonly unit: 'microseconds' | 'bytes'
  /** Null where it was not measured. */
  figure(run: Run): number | null
  format(figure: number | null): string
}

const cpu: Cost = {
  label: 'Server CPU',
  heading: 'Server CPU per second',
  definition:
    'CPU time of all server processes per second of the window, for all clients together.',
  unit: 'microseconds',
  figure: ({ server }) =>
    server === null || server.cpuUtilisation === null ? null : server.cpuUtilisation * 1e6,
  format: (figure) => (figure === null ? missing : `${formatDuration(figure)}/s`),
}

const bytes: Cost = {
  label: 'Bytes',
  heading: 'Bytes per second and client',
  definition:
    "Bytes on the clients' sockets in the window, both ways, headers and framing included, per second and client.",
  unit: 'bytes',
  figure: ({ wire, durationMs, clients }) =>
    durationMs === 0 || clients.requested === 0
      ? null
      : (wire.bytesReceived + wire.bytesSent) / (durationMs / 1000) / clients.requested,
  format: (figure) => (figure === null ? missing : `${formatBytes(figure)}/s`),
}

/** What a crossover is asked of. */
export const costs: readonly Cost[] = [cpu, bytes]
