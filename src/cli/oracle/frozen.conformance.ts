/**
 * Runs whose instrument was kept from its work, and what may be said of them: never that they are valid;
 * either that they are invalid, with the right cause, or bounds that contain what is known to be true.
 */
import { availableParallelism } from 'node:os'
import { startInstances } from '../../server/instances.ts'
import { DEFAULT_SERVER_OPTIONS } from '../../server/reference-server.ts'
import { type Disturbance, disturb, type Role } from './disturbance.conformance.ts'
import { boundsOf, describeVerdict, observeRun, onlyRun } from './observed-run.conformance.ts'
import { faultsOf } from './own-server.conformance.ts'
import { JUDGED, rankInterval, stated } from './truth.conformance.ts'

const SEED = 1
/** What the server takes for each event: far more than a machine adds, and less than any stop. */
const DELAY_MS = 50
/** What a machine that is shared may add unseen. */
const SLACK_MS = 20
const INTERVAL_MS = 1_000
const INVALID = 4

/** Who kept the instrument from its work: words of a reason that names it. */
const CAUSES = {
  worker: /\bworkers?\b.*\b(stopped|stalled|stood still|frozen|starved)\b/i,
  publisher: /\bpublisher\b.*\b(stopped|stalled|stood still|frozen|starved)\b/i,
  others: /\bother (programs|processes)\b/i,
} as const

export interface FrozenRun {
  readonly args: readonly string[]
  readonly disturbances: readonly Disturbance[]
  /** The least and the most that a percentile may be, of so many events, milliseconds. */
  readonly truthMs: (percentile: number, events: number) => readonly [low: number, high: number]
  readonly cause: keyof typeof CAUSES
}

export interface Judged {
  readonly isValid: boolean
  /** Exit code 4, and a reason of that severity that names the cause. */
  readonly isBlamed: boolean
  readonly isCovered: boolean
  /** One line on all of it. */
  readonly line: string
}

/** A server that takes 50 ms for each event, by its own fault. */
export function startSlowServer(): ReturnType<typeof startInstances> {
  return startInstances(1, { ...DEFAULT_SERVER_OPTIONS, faults: faultsOf(`delay=${DELAY_MS}ms`) })
}

/** 50 clients of the slow server, 100 events a second, and a process that is stopped. */
export function stopped(
  of: Role,
  lengthMs: number,
  windowMs: number,
  transport: string,
  port: number,
): FrozenRun {
  return {
    args: [
      ...['--url', `http://127.0.0.1:${port}`, '--transport', transport],
      ...['--clients', '50', '--rate', '2', '--workers', '1', '--seed', `${SEED}`],
      ...['--duration', `${windowMs}ms`, '--warmup', '500ms'],
    ],
    disturbances: [{ kind: 'stop', of, startMs: (windowMs - lengthMs) / 2, lengthMs }],
    truthMs: () => [DELAY_MS, DELAY_MS],
    cause: of,
  }
}

/** Short pollers, and a busy loop for each core throughout the window: they wait from nothing to T. */
export function hogged(clients: number, windowMs: number): FrozenRun {
  return {
    args: [
      ...['--transport', 'short-poll', '--clients', `${clients}`, '--interval', `${INTERVAL_MS}ms`],
      ...['--duration', `${windowMs}ms`, '--warmup', '1s', '--seed', `${SEED}`],
    ],
    disturbances: [{ kind: 'hogs', count: availableParallelism(), startMs: 0, lengthMs: windowMs }],
    truthMs: (percentile, events) => {
      const [low, high] = rankInterval(events, percentile / 100)
      return [(INTERVAL_MS * low) / events, (INTERVAL_MS * high) / events]
    },
    cause: 'others',
  }
}

export async function judgeFrozen(order: FrozenRun): Promise<Judged> {
  const observed = await observeRun(order.args, (pid) => disturb(pid, order.disturbances))
  const run = onlyRun(observed)
  const { reasons, verdict } = run.validity
  const severe = reasons.filter(({ severity }) => severity === 'invalid')
  const isBlamed =
    observed.code === INVALID && severe.some(({ message }) => CAUSES[order.cause].test(message))
  const both = boundsOf(run)
  const findings = JUDGED.map((percentile) => {
    const { lowerMs, upperMs } = stated(both, percentile)
    const [low, high] = order.truthMs(percentile, run.latency.count)
    const isWithin = lowerMs <= high + SLACK_MS && upperMs >= low
    const text = `p${percentile} ${lowerMs.toFixed(0)}–${upperMs.toFixed(0)} of ${low.toFixed(0)} ms`
    return { isWithin, text: isWithin ? text : `${text} MISSED` }
  })
  const told = severe.map(({ message }) => message).join(' / ')
  return {
    isValid: verdict === 'valid',
    isBlamed,
    isCovered: findings.every(({ isWithin }) => isWithin),
    line: `exit ${observed.code}, ${describeVerdict(run)}; ${findings.map(({ text }) => text).join(', ')}${told === '' ? '' : `; ${told}`}`,
  }
}

/** Invalid with the right cause, or bounds that contain the truth; never valid. */
export function isSound({ isValid, isBlamed, isCovered }: Judged): boolean {
  return !isValid && (isBlamed || isCovered)
}
