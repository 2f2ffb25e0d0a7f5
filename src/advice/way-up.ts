/** What a message of a client takes, by chats in which it was measured. */
import type { Amount } from '../result/advice.ts'
import type { Result, Run } from '../result/document.ts'

/** Of a message; a figure lies between the least and the greatest of the runs. */
export interface WayUp {
  /** Requests that a client makes to send one: none where its connection takes it. */
  readonly requests: number
  /** Both ways, headers and framing included. */
  readonly bytes: Amount
  /** Null where no server told. */
  readonly cpuUs: Amount | null
  /** The most messages a second of a run. */
  readonly mostPerSecond: number
  readonly runs: number
}

/** Whether it is known of messages themselves, and not of what else costs as much. */
export function isWayUp(sends: object): sends is WayUp {
  return 'mostPerSecond' in sends
}

type Up = NonNullable<Run['chat']>['up']

/** Null where no run of the technique that counts has messages. */
export function wayUpOf(
  transport: string,
  results: readonly Result[],
  isCounted: (run: Run) => boolean,
): WayUp | null {
  const runs = results
    .flatMap((result) => result.runs)
    .filter((run) => run.transport === transport && isCounted(run))
    .flatMap(({ chat, durationMs }) => (chat === undefined ? [] : [{ up: chat.up, durationMs }]))
    .filter(({ up, durationMs }) => up.messages > 0 && durationMs > 0)
  const known = (read: (up: Up) => number | null): readonly number[] =>
    runs.map(({ up }) => read(up)).filter((value) => value !== null)
  const bytes = amountOf(
    known(({ bytesSentPerMessage: sent, bytesReceivedPerMessage: received }) =>
      sent === null || received === null ? null : sent + received,
    ),
  )
  if (bytes === null) return null
  return {
    requests: Math.max(0, ...known(({ requestsPerMessage }) => requestsPerMessage)),
    bytes,
    cpuUs: amountOf(known(({ serverCpuUsPerMessage }) => serverCpuUsPerMessage)),
    mostPerSecond: Math.max(...runs.map(({ up, durationMs }) => (up.messages / durationMs) * 1e3)),
    runs: runs.length,
  }
}

function amountOf(values: readonly number[]): Amount | null {
  if (values.length === 0) return null
  return {
    value: values.reduce((sum, one) => sum + one, 0) / values.length,
    low: Math.min(...values),
    high: Math.max(...values),
    error: null,
    runs: values.length,
  }
}

/** So many times as much. */
export function times({ value, low, high, ...rest }: Amount, factor: number): Amount {
  return { ...rest, value: value * factor, low: low * factor, high: high && high * factor }
}
