import { latencyBounds } from '../measure/bounds.ts'
import { codesOf } from '../measure/reason.ts'
import type { LatencySummary, RecordedScenario, Run } from '../result/document.ts'
import { rangeOf } from '../result/repetitions.ts'
import { reliedOn, type Sampled } from '../result/sampling.ts'
import {
  formatBounds,
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  latencySlackUs,
  missing,
} from './quantity.ts'
import { emptyShare, type MeanPart, meanPart, ownPart } from './unseen.ts'

/** A row of the comparison: what it is called, what it means, and what a run says in it. */
export interface Row {
  readonly label: string
  /** One line for a person who reads the report elsewhere. */
  readonly definition: string
  /**
   * @param runs all repetitions of the transport, the run shown among them
   * @param scenario by which they were measured
   */
  cell(run: Run, runs: readonly Run[], scenario: RecordedScenario): string
  /** By what columns are ranked; a row without it has no best. */
  readonly rank?: Rank
  /** Left out where no run has anything to say in it. */
  readonly optional?: true
  /** Left out of a terminal, which has no room for it. */
  readonly detail?: true
}

interface Rank {
  figure(run: Run): number | null
  /** The least that it may be, where it is not known exactly. */
  readonly lower?: (run: Run) => number | null
  readonly better: 'lower' | 'higher'
  /** Figures as near as this are equal. */
  readonly slack?: number
}

type Traits = Run['technique']['traits']
/** The traits that are words; the others say how to read them. */
type Trait = { [Key in keyof Traits]-?: Traits[Key] extends string ? Key : never }[keyof Traits]

function trait(label: string, key: Trait, definition: string): Row {
  return { label, definition, cell: (run) => run.technique.traits[key] }
}

function figures(
  label: string,
  definition: string,
  figure: (run: Run) => number | null,
  format: (value: number | null) => string,
  better: Rank['better'] = 'lower',
): Row {
  return { label, definition, cell: (run) => format(figure(run)), rank: { figure, better } }
}

type Percentile = Exclude<keyof LatencySummary, 'count' | 'histogram'>

function latency(label: string, key: Percentile, definition: string): Row {
  const figure = (run: Run): number | null => run.latency[key]
  const lower = (run: Run): number | null => latencyBounds(run, key)?.lowerUs ?? null
  return {
    label: `Push latency ${label}`,
    definition,
    cell: (run) => formatBounds(latencyBounds(run, key)),
    rank: { figure, lower, better: 'lower', slack: latencySlackUs },
  }
}

/** What repetitions tell of a percentile that one run cannot. */
function spread(label: string, key: Percentile): Row {
  return {
    label: `${label} of the repetitions`,
    definition: `The least and the greatest ${label} of the repetitions that count, as observed: what they do not tell apart is no difference.`,
    cell: (_, runs) => {
      const range = rangeOf(runs, ({ latency }) => latency[key])
      return range === null ? missing : range.map((us) => formatDuration(us)).join(' to ')
    },
    optional: true,
  }
}

/** What the run's own events can tell of a figure. */
function interval(label: string, key: Sampled): Row {
  return {
    label: `95 % interval of ${label}`,
    definition: `What 95 of 100 windows of this length and load would show of ${label}, the instrument's own lateness taken off at its lower end; without an upper end where the events are too few for one.`,
    cell: (run) => intervalText(run, key) ?? missing,
    optional: true,
    detail: true,
  }
}

/** `3.1 ms to 4.2 ms`, `≥ 3.1 ms`; null where nothing is known of it. */
export function intervalText(run: Run, figure: Sampled): string | null {
  const interval = reliedOn(run, figure)
  if (interval === null) return null
  const low = formatDuration(interval.lowUs)
  if (interval.highUs === null) return `≥ ${low}`
  return `${low} to ${formatDuration(interval.highUs)}`
}

/** A part of the mean latency. */
function part(label: string, key: MeanPart, definition: string): Row {
  return {
    label: `Mean, ${label}`,
    definition,
    cell: (run) => formatDuration(meanPart(run, key)),
    optional: true,
  }
}

function emptyResponses(run: Run, _: readonly Run[], scenario: RecordedScenario): string {
  const { emptyRatio, empty, responses } = run.exchanges
  if (emptyRatio === null) return missing
  return emptyShare(run, scenario, { counts: `${formatCount(empty)} of ${formatCount(responses)}` })
}

function oddities({ delivery }: Run): string {
  const { foreign, misrouted, unmarked = 0, gapSignals } = delivery
  const counts = [foreign, misrouted, unmarked, gapSignals]
  return counts.every((count) => count === 0) ? missing : counts.map(formatCount).join(' / ')
}

function serverCpu({ server }: Run): string {
  const cost = formatDuration(server?.cpuUsPerDelivery ?? null)
  const interval = server?.cpuUsPerDeliveryInterval
  if (interval == null) return cost
  // Too little to be told from what the server takes for being there and for taking events in.
  if (server?.cpuUsPerDelivery === 0) return `at most ${formatDuration(interval[1])}`
  return `${cost} (${interval.map((us) => formatDuration(us)).join(' to ')})`
}

function openSockets({ clients }: Run): string {
  const { mean, max } = clients.openSockets
  const steady = formatCount(mean)
  return max === null || formatCount(max) === steady
    ? steady
    : `${steady} (max ${formatCount(max)})`
}

function errors(run: Run): string {
  const causes = Object.entries(run.errors).sort(([, one], [, other]) => other - one)
  if (causes.length === 0) return missing
  const named = causes.slice(0, 3).map(([cause, count]) => `${cause} ${formatCount(count)}`)
  return named.join(', ') + (causes.length > 3 ? ` and ${causes.length - 3} more` : '')
}

function validity(run: Run, runs: readonly Run[]): string {
  const { validity, partial, interrupted } = run
  const { verdict } = validity
  const codes = verdict === 'valid' ? [] : codesOf(run, verdict)
  const suspect = verdict === 'invalid' ? codesOf(run, 'suspect') : []
  const word = verdict === 'invalid' ? 'INVALID' : verdict
  const isTold = validity.reasons.some(({ code }) => code === 'interrupted')
  const end = isTold ? '' : interrupted ? ', interrupted' : partial ? ', partial' : ''
  const valid = runs.filter((run) => run.validity.verdict === 'valid').length
  const all = runs.length > 1 ? ` (${valid} of ${runs.length} runs valid)` : ''
  const doubts = suspect.length > 0 ? `; suspect: ${suspect.join(', ')}` : ''
  return (codes.length > 0 ? `${word}: ${codes.join(', ')}` : word) + doubts + end + all
}

/** The comparison's rows in their order: first the techniques' known properties, then figures. */
export const rows: readonly Row[] = [
  trait('Direction', 'direction', 'Who may start a message on the connection.'),
  {
    label: 'Latency',
    definition: 'What the technique promises, then the measured median and tail of push latency.',
    cell: (run) =>
      `${run.technique.traits.latency}: p50 ${formatBounds(latencyBounds(run, 'p50Us'))}, ` +
      `p99 ${formatBounds(latencyBounds(run, 'p99Us'))}`,
  },
  {
    label: 'Connections held',
    definition:
      'Connections on which the server keeps an obligation, a parked poll or an open stream, by its own count: the mean over the window.',
    cell: ({ technique, clients: { held } }) =>
      `${technique.traits.connectionsHeld}: ` +
      (held.mean === null ? missing : `${formatCount(held.mean)} held (server's count)`),
  },
  trait('Protocol', 'protocol', 'What is spoken on the connection.'),
  trait('Browser support', 'browserSupport', 'Which browsers have it.'),
  trait('Proxy/firewall', 'proxyFirewall', 'How it fares with what stands in between.'),
  trait('Complexity', 'complexity', 'How much there is to build and to operate.'),
  trait('Best for', 'bestFor', 'Where it is commonly used.'),
  latency(
    'p50',
    'p50Us',
    'Median time from the intended publish to the receipt by a client. Two figures are its bounds: as if the instrument had been on time, and as observed. They are told where they differ by more than 5 %.',
  ),
  spread('p50', 'p50Us'),
  interval('p50', 'p50'),
  latency('p95', 'p95Us', 'The same for the 95th of 100 deliveries.'),
  interval('p95', 'p95'),
  latency('p99', 'p99Us', 'The same for the 99th of 100 deliveries.'),
  spread('p99', 'p99Us'),
  interval('p99', 'p99'),
  {
    ...latency('p99.9', 'p999Us', 'The same for the 999th of 1,000; from 10,000 events on.'),
    optional: true,
  },
  latency('max', 'maxUs', 'The slowest delivery.'),
  latency(
    'mean',
    'meanUs',
    'The mean of all deliveries; the next rows that begin with `Mean,` are its parts and add up to what was observed.',
  ),
  interval('the mean', 'mean'),
  part(
    'sent late',
    'slipUs',
    "The instrument's own lateness: from the intended publish until it was sent.",
  ),
  part('until accepted', 'acceptUs', 'From there until the server had accepted the publish.'),
  part(
    'in the fan-out',
    'fanOutUs',
    "From there until the server wrote to the client, after others: by the server's own clock.",
  ),
  part(
    'until read',
    'readUs',
    'From there until the client had read it; for a poller mostly the wait for its next question.',
  ),
  {
    label: 'Mean, the instrument’s own (at most)',
    definition:
      'How much of the mean is not the server’s, in whichever of its parts: the publisher sent late, the clients read late, or they waited for a processor.',
    cell: (run) => formatDuration(ownPart(run)),
    optional: true,
  },
  {
    label: 'Control probe p99',
    definition:
      'Push latency p99 of one client that has a process for itself and stands last in the fan-out: what the others took longer was the instrument.',
    cell: ({ probe }) => formatDuration(probe?.p99Us ?? null),
    optional: true,
  },
  figures(
    'Service latency p99',
    'Time from the acceptance by the server to the receipt: without what delayed the publish itself.',
    (run) => run.serviceLatency?.p99Us ?? null,
    formatDuration,
  ),
  {
    label: 'Empty responses',
    definition: 'Responses that carried no event, of all responses.',
    cell: emptyResponses,
    rank: { figure: (run) => run.exchanges.emptyRatio, better: 'lower' },
  },
  figures(
    'Requests per client and day',
    'Requests in the window, scaled to one client and 24 hours.',
    (run) => run.exchanges.requestsPerClientPerDay,
    formatCount,
  ),
  figures(
    'Deliveries per second',
    'Events received by all clients together, duplicates included.',
    (run) => run.throughput.deliveriesPerSecond,
    formatCount,
    'higher',
  ),
  figures(
    'Bytes per delivery',
    'Bytes that clients received, headers and framing included, per delivery, duplicates included.',
    (run) => run.wire.bytesPerDelivery,
    formatBytes,
  ),
  {
    label: 'Server CPU per delivery',
    definition:
      'CPU time of all server processes for each event received, without what taking events in and being there took: what the technique costs. In brackets where it lies in 95 of 100 runs like this one.',
    cell: serverCpu,
    rank: { figure: (run) => run.server?.cpuUsPerDelivery ?? null, better: 'lower' },
  },
  {
    label: 'Server CPU per event taken in',
    definition:
      'CPU time of all server processes for each event that is published and that nobody hears, measured before the window.',
    cell: ({ server }) => formatDuration(server?.ingestCpuUsPerEvent ?? null),
    optional: true,
  },
  {
    label: 'Server CPU, nothing published',
    definition:
      'Share of one core that the server processes were busy with while all clients were subscribed and nothing was published; of techniques that ask, it is part of what a delivery costs.',
    cell: ({ server }) => formatPercent(server?.idleCpuUtilisation ?? null),
    optional: true,
  },
  figures(
    'Generator CPU per delivery',
    'CPU time of the simulated clients per event received: what the instrument itself costs.',
    (run) => run.generator.cpuUsPerDelivery,
    formatDuration,
  ),
  figures(
    'Server memory per client',
    'Resident memory of the server processes, divided by the clients asked for: of few clients mostly the process itself.',
    (run) => run.server?.rssBytesPerClient ?? null,
    formatBytes,
  ),
  figures(
    'Generator memory per client',
    'Resident memory of the processes of the simulated clients, divided by the clients asked for: of few clients mostly the process itself.',
    (run) => run.generator.rssBytesPerClient,
    formatBytes,
  ),
  {
    label: 'Open sockets',
    definition: "The clients' TCP connections, idle ones included: the mean over the window.",
    cell: openSockets,
  },
  {
    label: 'Clients connected',
    definition: 'Clients subscribed when the window began, of those asked for.',
    cell: ({ clients }) => `${formatCount(clients.connected)} of ${formatCount(clients.requested)}`,
  },
  {
    label: 'Lost / duplicate / out of order',
    definition: "The delivery audit over every event's sequence number.",
    cell: ({ delivery }) =>
      [delivery.lost, delivery.duplicates, delivery.outOfOrder].map(formatCount).join(' / '),
  },
  {
    label: 'Foreign / misrouted / unmarked / gaps',
    definition:
      'Events of another run, of a channel not asked for, messages without a mark, and replays cut short.',
    cell: oddities,
    optional: true,
  },
  {
    label: 'Errors',
    definition: 'Failures of clients and connections by cause, the most frequent first.',
    cell: errors,
    optional: true,
  },
  figures(
    'Reach',
    'Deliveries of those expected: events times the clients subscribed to them.',
    (run) => run.delivery.reach,
    formatPercent,
    'higher',
  ),
  {
    label: 'Validity',
    definition: 'Whether the instrument kept its schedule: an invalid run shows the instrument.',
    cell: validity,
  },
]
