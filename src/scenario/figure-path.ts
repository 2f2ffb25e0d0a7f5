/**
 * The figures of a run by their paths in the result document, in its order: what a threshold may
 * name. What is not a figure of a measurement (validity, traits, the timeline's seconds) is not here.
 */
const FIGURES: readonly (readonly [group: string, figures: string])[] = [
  ['', 'durationMs'],
  ['clients', 'requested connected failed lost proven'],
  ['clients.held', 'mean min max'],
  ['clients.openSockets', 'mean min max'],
  ['connect', 'p50Us p99Us maxUs'],
  ['latency', 'count minUs meanUs p50Us p90Us p95Us p99Us p999Us p9999Us maxUs'],
  ['latencyLowerBound', 'count minUs meanUs p50Us p90Us p95Us p99Us p999Us p9999Us maxUs'],
  [
    'lateness',
    'slipUs askUs busyUs waitUs stallUs serverWaitUs graveShare stalls longestStallUs othersCpuUtilisation',
  ],
  ['serviceLatency', 'count minUs meanUs p50Us p90Us p95Us p99Us p999Us p9999Us maxUs'],
  ['spent', 'slipUs acceptUs fanOutUs readUs'],
  ['fanOut', 'p99Us maxUs'],
  ['probe', 'count p50Us p99Us maxUs loopDelayP99Us loopDelayMaxUs cpuUs'],
  [
    'delivery',
    'published expected delivered lost duplicates outOfOrder reach damaged forged foreign misrouted unmarked gapSignals',
  ],
  ['exchanges', 'requests responses empty emptyRatio requestsPerClientPerDay'],
  ['wire', 'bytesReceived bytesSent bytesPerDelivery'],
  ['throughput', 'deliveriesPerSecond exchangesPerSecond bytesPerSecond'],
  [
    'server',
    'instances cpuUsPerDelivery totalCpuUsPerDelivery ingestCpuUsPerEvent idleCpuUtilisation cpuUtilisation rssBytes rssBytesPerClient loopDelayP99Us slowConsumers',
  ],
  [
    'generator',
    'workers cpuUsPerDelivery cpuUtilisation rssBytes rssBytesPerClient loopDelayP99Us',
  ],
  ['publisher', 'offeredPerSecond achievedPerSecond slipP99Us slipMaxUs dropped unknown'],
  ['host', 'cpuUtilisation echoUs echoCpuUs'],
]

/** `latency.p99Us`, `server.rssBytesPerClient` … */
export const FIGURE_PATHS: readonly string[] = FIGURES.flatMap(([group, figures]) =>
  figures.split(' ').map((figure) => (group === '' ? figure : `${group}.${figure}`)),
)

const KNOWN: ReadonlySet<string> = new Set(FIGURE_PATHS)

/** Of a run's errors each cause is a figure: `errors.ECONNRESET`. */
const ERROR_PATH = /^errors\.[\w-]+$/

export function isFigurePath(path: string): boolean {
  return KNOWN.has(path) || ERROR_PATH.test(path)
}

/** What a figure's limit is written in, and the base unit into which it is read. */
export type Dimension =
  /** A duration with its unit → microseconds. */
  | 'time'
  /** A plain number, or a duration, → microseconds; the name says the unit. */
  | 'microseconds'
  /** The same in milliseconds. */
  | 'milliseconds'
  /** `10k` → a whole number. */
  | 'count'
  /** `0.5` or `10k`: a count for each of something, or the mean of counts. */
  | 'amount'
  /** `99.9%` or `0.999` → 0 to 1. */
  | 'ratio'
  /** `150%` or `1.5` → of one core. */
  | 'utilisation'
  /** `200` or `1KiB` → bytes. */
  | 'bytes'
  /** `10k` or `100/s` → per second. */
  | 'rate'

/** By what a figure's name ends in, or has in it; the first that fits. */
const BY_NAME: readonly (readonly [pattern: RegExp, dimension: Dimension])[] = [
  [/^errors\./, 'count'],
  [/bytes/i, 'bytes'],
  [/Us(?:Per|$)/, 'microseconds'],
  [/Ms$/, 'milliseconds'],
  [/PerSecond$/, 'rate'],
  [/Utilisation$/, 'utilisation'],
  [/(?:Ratio|Share|\.reach)$/, 'ratio'],
  [/(?:\.mean|PerDay|held\.min|held\.max|openSockets\.min|openSockets\.max)$/, 'amount'],
]

export function dimensionOfPath(path: string): Dimension {
  return BY_NAME.find(([pattern]) => pattern.test(path))?.[1] ?? 'count'
}

/** As many events as a percentile needs to be printed; fewer would be a guess. */
export function leastEventsOfPath(path: string): number {
  const percentile = /^(?:latency|latencyLowerBound|serviceLatency)\.(p\d+)Us$/.exec(path)?.[1]
  return (percentile === undefined ? undefined : LEAST_EVENTS.get(percentile)) ?? 0
}

const LEAST_EVENTS: ReadonlyMap<string, number> = new Map([
  ['p90', 10],
  ['p95', 20],
  ['p99', 100],
  ['p999', 10_000],
  ['p9999', 100_000],
])

/** Figures that only a reference server tells, which is asked for its own account. */
export function isServersAccount(path: string): boolean {
  return /^(?:server|serviceLatency|spent|fanOut|clients\.held)\./.test(path)
}

/** Figures of techniques that get events by requests. */
export function isOfRequests(path: string): boolean {
  return /^exchanges\.(?:emptyRatio|requestsPerClientPerDay)$/.test(path)
}

/** Figures that have no value when nothing is delivered. */
export function pathNeedsDeliveries(path: string): boolean {
  return /^(?:latency|latencyLowerBound|serviceLatency|spent)\..*Us$|PerDelivery$/.test(path)
}
