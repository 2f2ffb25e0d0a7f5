/**
 * The catalogue of figures: one entry for each number of a run, in the document's order. Tables,
 * comparisons, thresholds, exports and the definitions on a page take what they say of a figure from
 * here; a test holds it to the document's schema. A new figure is a line in the schema, its
 * computation, and an entry.
 */

import type { Dimension, Fault, Figure, Need, Shown, Statistical } from './figure.ts'

function figure(path: string, dimension: Dimension, shown: Shown = {}): Figure {
  return { path, keys: path.split('.'), dimension, ...shown }
}

const DESCRIPTIVE = { descriptive: true } as const
const SERVER = { needs: ['server'] } as const
const DELIVERIES = { needs: ['deliveries'] } as const
const FAULT: Fault = { kind: 'fault', chances: 'delivery.expected' }
/** A time below the slack is timers' and schedulers' business. */
const LATENCY: Statistical = { kind: 'statistical', slack: 100, movedBy: 'latency', isWait: true }
const CPU: Statistical = { kind: 'statistical', slack: 0, movedBy: 'cpu', isWait: false }
const MEMORY: Statistical = { kind: 'statistical', slack: 0, movedBy: null, isWait: false }

const SUMMARY: readonly (readonly [name: string, leastEvents?: number])[] = [
  ['minUs'],
  ['meanUs'],
  ['p50Us'],
  ['p90Us', 10],
  ['p95Us', 20],
  ['p99Us', 100],
  ['p999Us', 10_000],
  ['p9999Us', 100_000],
  ['maxUs'],
]

/** A latency's count and percentiles. */
function latencies(
  group: string,
  needs: readonly Need[],
  shown: Readonly<Record<string, Shown>> = {},
): readonly Figure[] {
  return [
    figure(`${group}.count`, 'count', { needs }),
    ...SUMMARY.map(([name, leastEvents = 0]) =>
      figure(`${group}.${name}`, 'microseconds', {
        needs: [...needs, 'deliveries'],
        leastEvents,
        ...shown[name],
      }),
    ),
  ]
}

/** What other windows like this one would show of a latency. */
function intervals(group: string): readonly Figure[] {
  return ['p50', 'p90', 'p95', 'p99', 'mean'].flatMap((name) =>
    ['lowUs', 'highUs'].map((end) =>
      figure(`${group}.${name}.${end}`, 'microseconds', DESCRIPTIVE),
    ),
  )
}

/** All figures of a run, in the document's order. Tables by cause and lists have no fixed places and are left out. */
export const FIGURES: readonly Figure[] = [
  figure('seed', 'count', DESCRIPTIVE),
  figure('durationMs', 'milliseconds'),
  figure('partial', 'truth', DESCRIPTIVE),
  figure('interrupted', 'truth', DESCRIPTIVE),

  figure('clients.requested', 'count'),
  figure('clients.connected', 'count'),
  figure('clients.failed', 'count', {
    label: 'Clients not connected',
    compared: { kind: 'fault', chances: 'clients.requested' },
    place: 570,
  }),
  figure('clients.lost', 'count'),
  figure('clients.proven', 'count'),
  figure('clients.held.mean', 'amount', {
    label: 'Held',
    definition:
      'Connections on which the server keeps an obligation, by its own count: the mean over the window.',
    ...SERVER,
  }),
  figure('clients.held.min', 'amount', SERVER),
  figure('clients.held.max', 'amount', SERVER),
  figure('clients.openSockets.mean', 'amount'),
  figure('clients.openSockets.min', 'amount'),
  figure('clients.openSockets.max', 'amount'),

  figure('connect.p50Us', 'microseconds'),
  figure('connect.p99Us', 'microseconds', {
    label: 'Connect p99',
    compared: { ...LATENCY, isWait: false, punctual: true },
    place: 290,
  }),
  figure('connect.maxUs', 'microseconds'),

  ...latencies('latency', [], {
    p50Us: {
      label: 'Push latency p50',
      definition:
        'Median time from the intended publish to the receipt by a client. Two figures are its bounds: as if the instrument had been on time, and as observed. They are told where they differ by more than 5 %.',
      better: 'lower',
      compared: LATENCY,
      place: 200,
      row: 'always',
      overview: true,
    },
    p95Us: {
      label: 'Push latency p95',
      definition: 'The same for the 95th of 100 deliveries.',
      better: 'lower',
      compared: LATENCY,
      place: 210,
      row: 'always',
    },
    p99Us: {
      label: 'Push latency p99',
      definition: 'The same for the 99th of 100 deliveries.',
      better: 'lower',
      compared: LATENCY,
      place: 220,
      row: 'always',
      overview: true,
    },
    p999Us: {
      label: 'Push latency p99.9',
      definition: 'The same for the 999th of 1,000; from 10,000 events on.',
      better: 'lower',
      place: 230,
      row: 'optional',
    },
    maxUs: {
      label: 'Push latency max',
      definition: 'The slowest delivery.',
      better: 'lower',
      compared: LATENCY,
      place: 240,
      row: 'always',
    },
    meanUs: {
      label: 'Push latency mean',
      definition:
        'The mean of all deliveries; the next rows that begin with `Mean,` are its parts and add up to what was observed.',
      better: 'lower',
      compared: LATENCY,
      place: 250,
      row: 'always',
    },
  }),
  ...latencies('latencyLowerBound', []),
  ...latencies('serviceLatency', ['server'], {
    p99Us: {
      label: 'Service latency p99',
      definition:
        'Time from the acceptance by the server to the receipt: without what delayed the publish itself.',
      better: 'lower',
      compared: { ...LATENCY, punctual: true },
      place: 280,
      row: 'always',
    },
  }),

  figure('sampling.events', 'count', DESCRIPTIVE),
  figure('sampling.blocks', 'count', DESCRIPTIVE),
  figure('sampling.blockMs', 'milliseconds', DESCRIPTIVE),
  ...intervals('sampling.latency'),
  ...intervals('sampling.latencyLowerBound'),

  figure('lateness.slipUs', 'microseconds'),
  figure('lateness.askUs', 'microseconds'),
  figure('lateness.busyUs', 'microseconds'),
  figure('lateness.waitUs', 'microseconds'),
  figure('lateness.stallUs', 'microseconds'),
  figure('lateness.serverWaitUs', 'microseconds'),
  figure('lateness.graveShare', 'ratio'),
  figure('lateness.stalls', 'count'),
  figure('lateness.longestStallUs', 'microseconds'),
  figure('lateness.othersCpuUtilisation', 'utilisation'),

  figure('spent.slipUs', 'microseconds', {
    label: 'Mean, sent late',
    definition: "The instrument's own lateness: from the intended publish until it was sent.",
    place: 260,
    row: 'optional',
    needs: ['server', 'deliveries'],
  }),
  figure('spent.acceptUs', 'microseconds', {
    label: 'Mean, until accepted',
    definition: 'From there until the server had accepted the publish.',
    place: 261,
    row: 'optional',
    needs: ['server', 'deliveries'],
  }),
  figure('spent.fanOutUs', 'microseconds', {
    label: 'Mean, in the fan-out',
    definition:
      "From there until the server wrote to the client, after others: by the server's own clock.",
    place: 262,
    row: 'optional',
    needs: ['server', 'deliveries'],
  }),
  figure('spent.readUs', 'microseconds', {
    label: 'Mean, until read',
    definition:
      'From there until the client had read it; for a poller mostly the wait for its next question.',
    place: 263,
    row: 'optional',
    needs: ['server', 'deliveries'],
  }),
  figure('fanOut.p99Us', 'microseconds', SERVER),
  figure('fanOut.maxUs', 'microseconds', SERVER),
  figure('probe.count', 'count'),
  figure('probe.p50Us', 'microseconds'),
  figure('probe.p99Us', 'microseconds', {
    label: 'Control probe p99',
    definition:
      'Push latency p99 of one client that has a process for itself and stands last in the fan-out: what the others took longer was the instrument.',
    place: 270,
    row: 'optional',
  }),
  figure('probe.maxUs', 'microseconds'),
  figure('probe.loopDelayP99Us', 'microseconds'),
  figure('probe.loopDelayMaxUs', 'microseconds'),
  figure('probe.cpuUs', 'microseconds'),

  figure('delivery.published', 'count'),
  figure('delivery.expected', 'count'),
  figure('delivery.delivered', 'count'),
  figure('delivery.lost', 'count', { label: 'Lost', compared: FAULT, place: 520, overview: true }),
  figure('delivery.duplicates', 'count', { label: 'Duplicates', compared: FAULT, place: 521 }),
  figure('delivery.outOfOrder', 'count', { label: 'Out of order', compared: FAULT, place: 522 }),
  figure('delivery.reach', 'ratio', {
    label: 'Reach',
    definition: 'Deliveries of those expected: events times the clients subscribed to them.',
    better: 'higher',
    place: 550,
    row: 'always',
  }),
  figure('delivery.damaged', 'count'),
  figure('delivery.forged', 'count'),
  figure('delivery.foreign', 'count'),
  figure('delivery.misrouted', 'count', { label: 'Misrouted', compared: FAULT, place: 530 }),
  figure('delivery.unmarked', 'count'),
  figure('delivery.gapSignals', 'count', { label: 'Gaps in replays', compared: FAULT, place: 531 }),

  figure('exchanges.requests', 'count'),
  figure('exchanges.responses', 'count'),
  figure('exchanges.empty', 'count'),
  figure('exchanges.emptyRatio', 'ratio', {
    label: 'Empty responses',
    definition: 'Responses that carried no event, of all responses.',
    better: 'lower',
    compared: { kind: 'deterministic', tolerance: 0.005, noise: 'emptyRatio' },
    place: 300,
    row: 'always',
    overview: true,
    needs: ['requests'],
  }),
  figure('exchanges.requestsPerClientPerDay', 'amount', {
    label: 'Requests per client and day',
    definition: 'Requests in the window, scaled to one client and 24 hours.',
    better: 'lower',
    compared: { kind: 'deterministic', tolerance: 0.01, noise: 'requests' },
    place: 310,
    row: 'always',
    needs: ['requests'],
  }),

  figure('wire.bytesReceived', 'bytes'),
  figure('wire.bytesSent', 'bytes'),
  figure('wire.bytesPerDelivery', 'bytes', {
    label: 'Bytes per delivery',
    definition:
      'Bytes that clients received, headers and framing included, per delivery, duplicates included.',
    better: 'lower',
    compared: { kind: 'deterministic', tolerance: 0.01, noise: 'bytes' },
    place: 330,
    row: 'always',
    overview: true,
    ...DELIVERIES,
  }),
  figure('throughput.deliveriesPerSecond', 'rate', {
    label: 'Deliveries per second',
    definition: 'Events received by all clients together, duplicates included.',
    better: 'higher',
    place: 320,
    row: 'always',
  }),
  figure('throughput.exchangesPerSecond', 'rate'),
  figure('throughput.bytesPerSecond', 'bytes'),

  figure('server.instances', 'count', SERVER),
  figure('server.cpuUsPerDelivery', 'microseconds', {
    label: 'Server CPU per delivery',
    definition:
      'CPU time of all server processes for each event received, without what taking events in and being there took: what the technique costs. In brackets where it lies in 95 of 100 runs like this one.',
    better: 'lower',
    place: 400,
    row: 'always',
    overview: true,
    needs: ['server', 'deliveries'],
  }),
  figure('server.cpuUtilisation', 'utilisation', SERVER),
  figure('server.rssBytes', 'bytes', SERVER),
  figure('server.rssBytesPerClient', 'bytes', {
    label: 'Server memory per client',
    definition:
      'Resident memory of the server processes, divided by the clients asked for: of few clients mostly the process itself.',
    better: 'lower',
    compared: MEMORY,
    place: 450,
    row: 'always',
    ...SERVER,
  }),
  figure('server.loopDelayP99Us', 'microseconds', SERVER),
  figure('server.ingestCpuUsPerEvent', 'microseconds', {
    label: 'Server CPU per event taken in',
    definition:
      'CPU time of all server processes for each event that is published and that nobody hears, measured before the window.',
    place: 420,
    row: 'optional',
    ...SERVER,
  }),
  figure('server.idleCpuUtilisation', 'utilisation', {
    label: 'Server CPU, nothing published',
    definition:
      'Share of one core that the server processes were busy with while all clients were subscribed and nothing was published; of techniques that ask, it is part of what a delivery costs.',
    place: 430,
    row: 'optional',
    ...SERVER,
  }),
  figure('server.totalCpuUsPerDelivery', 'microseconds', {
    label: 'Server CPU, all, per delivery',
    compared: CPU,
    place: 410,
    needs: ['server', 'deliveries'],
  }),
  figure('server.slowConsumers', 'count', SERVER),

  figure('generator.workers', 'count'),
  figure('generator.cpuUsPerDelivery', 'microseconds', {
    label: 'Generator CPU per delivery',
    definition:
      'CPU time of the simulated clients per event received: what the instrument itself costs.',
    better: 'lower',
    compared: CPU,
    place: 440,
    row: 'always',
    ...DELIVERIES,
  }),
  figure('generator.cpuUtilisation', 'utilisation'),
  figure('generator.rssBytes', 'bytes'),
  figure('generator.rssBytesPerClient', 'bytes', {
    label: 'Generator memory per client',
    definition:
      'Resident memory of the processes of the simulated clients, divided by the clients asked for: of few clients mostly the process itself.',
    better: 'lower',
    compared: MEMORY,
    place: 460,
    row: 'always',
  }),
  figure('generator.loopDelayP99Us', 'microseconds'),

  figure('publisher.offeredPerSecond', 'rate'),
  figure('publisher.achievedPerSecond', 'rate'),
  figure('publisher.slipP99Us', 'microseconds'),
  figure('publisher.slipMaxUs', 'microseconds'),
  figure('publisher.dropped', 'count'),
  figure('publisher.unknown', 'count'),
  figure('host.cpuUtilisation', 'utilisation'),
  figure('host.sharedWithServer', 'truth', DESCRIPTIVE),
  figure('host.echoUs', 'microseconds'),
  figure('host.echoCpuUs', 'microseconds'),
]

const BY_PATH: ReadonlyMap<string, Figure> = new Map(FIGURES.map((one) => [one.path, one]))

/** Of a run's errors each cause is a figure: `errors.ECONNRESET`. */
const ERROR_PATH = /^errors\.[\w-]+$/

/** The figure at a path; undefined where there is none. */
export function figureAt(path: string): Figure | undefined {
  return BY_PATH.get(path) ?? (ERROR_PATH.test(path) ? figure(path, 'count') : undefined)
}

/** The figure at a path that is in the catalogue. */
export function figureOf(path: string): Figure {
  const found = figureAt(path)
  if (found === undefined) throw new Error(`${path} is not in the catalogue of figures`)
  return found
}

/** Figures that have something, in the order in which reports show them. */
export function figuresWith<Key extends keyof Shown>(
  key: Key,
): readonly (Figure & { readonly [K in Key]-?: NonNullable<Figure[K]> })[] {
  return FIGURES.filter(
    (one): one is Figure & { readonly [K in Key]-?: NonNullable<Figure[K]> } =>
      one[key] !== undefined,
  ).sort((one, other) => (one.place ?? 0) - (other.place ?? 0))
}

/** What a run has at a figure's place; null where it was not measured, or where an older run does not have it. */
export function readFigure(run: object, { keys }: Pick<Figure, 'keys'>): number | boolean | null {
  let at: unknown = run
  for (const key of keys) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return null
    at = (at as Readonly<Record<string, unknown>>)[key]
  }
  return typeof at === 'number' || typeof at === 'boolean' ? at : null
}

/** The same of what is a number. */
export function amountOf(run: object, figure: Pick<Figure, 'keys'>): number | null {
  const found = readFigure(run, figure)
  return typeof found === 'number' ? found : null
}
