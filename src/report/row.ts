import { figuresWith } from '../figures/catalogue.ts'
import type { Figure } from '../figures/figure.ts'
import { latencyBounds } from '../measure/bounds.ts'
import { codesOf } from '../measure/reason.ts'
import type { LatencySummary, RecordedScenario, Run } from '../result/document.ts'
import { reliedOn, type Sampled } from '../result/evidence.ts'
import { rangeOf } from '../result/repetitions.ts'
import { figureText } from './figure.ts'
import {
  differVisibly,
  formatBounds,
  formatCount,
  formatDuration,
  formatPercent,
  missing,
} from './quantity.ts'
import { emptyShare, ownPart } from './unseen.ts'
import { wayEvidence } from './way-evidence.ts'

/** The table's chapters: their rows have places from 100, 200 … on. */
const CHAPTERS = [
  'The technique',
  'Push latency',
  'Traffic',
  'Processor and memory',
  'Connections and delivery',
] as const

/** A row of the comparison: what it is called, what it means, and what a run says in it. */
export interface Row {
  readonly place: number
  readonly label: string
  /** One line for a person who reads the report elsewhere. */
  readonly definition: string
  readonly cell: Cell
  /** By which columns are ranked, where some value of it is better; a row without it has no best. */
  readonly figure?: Figure
  /** Left out where no run has anything to say in it. */
  readonly optional?: boolean
  /** What its cell has on the first screen; a row without it is not there. */
  readonly first?: Cell
}

/**
 * @param runs all repetitions of the transport, the run shown among them
 * @param scenario by which they were measured
 */
export type Cell = (run: Run, runs: readonly Run[], scenario: RecordedScenario) => string

export function chapterOf({ place }: Pick<Row, 'place'>): string {
  return CHAPTERS[Math.floor(place / 100) - 1] ?? ''
}

/** Of figures that say more than their amount. */
const CELLS: Readonly<Record<string, Cell>> = {
  'exchanges.emptyRatio': emptyResponses,
  'server.cpuUsPerDelivery': serverCpu,
  'bus.added.p50Us': (run) => addedText(run, 'p50'),
  'bus.added.p99Us': (run) => addedText(run, 'p99'),
}
/** The same where there is less room. */
const BRIEF_CELLS: Readonly<Record<string, Cell>> = {
  'exchanges.emptyRatio': (run, _, scenario) => emptyShare(run, scenario),
}

function figureRow(figure: ReturnType<typeof figuresWith<'row'>>[number]): Row {
  const { path, place = 0, label = path, definition = '', row } = figure
  const plain: Cell = (run, _, scenario) => figureText(figure, run, scenario)
  const cell = CELLS[path] ?? plain
  const first = BRIEF_CELLS[path] ?? cell
  const optional = row === 'optional' || row === 'first-optional'
  const common = { place, label, definition, cell, figure, optional }
  return row === 'first' || row === 'first-optional' ? { ...common, first } : common
}

type Traits = Run['technique']['traits']
/** The traits that are words; the others say how to read them. */
type Trait = { [Key in keyof Traits]-?: Traits[Key] extends string ? Key : never }[keyof Traits]

function trait(place: number, label: string, key: Trait, definition: string): Row {
  const cell: Cell = (run) => run.technique.traits[key]
  return { place, label, definition, cell, first: cell }
}

type Percentile = Exclude<keyof LatencySummary, 'count' | 'histogram'>

/** What repetitions tell of a percentile that one run cannot. */
function spread(place: number, label: string, key: Percentile): Row {
  return {
    place,
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
function interval(place: number, label: string, key: Sampled): Row {
  return {
    place,
    label: `95 % interval of ${label}`,
    definition: `What 95 of 100 windows of this length and load would show of ${label}, the instrument's own lateness taken off at its lower end; without an upper end where the events are too few for one.`,
    cell: (run) => intervalText(run, key) ?? missing,
    optional: true,
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
  const [lowerUs, upperUs] = interval
  return differVisibly(lowerUs, upperUs) ? `${cost} (${formatBounds({ lowerUs, upperUs })})` : cost
}

/** `240 µs (231–252 µs)` */
function addedText({ bus }: Run, percentile: 'p50' | 'p99'): string {
  const text = formatDuration(bus?.added?.[`${percentile}Us`] ?? null)
  const interval = bus?.addedIntervals?.[percentile]
  if (interval == null) return text
  const { lowUs: lowerUs, highUs: upperUs } = interval
  if (upperUs === null) return `${text} (≥ ${formatDuration(lowerUs)})`
  return differVisibly(lowerUs, upperUs) ? `${text} (${formatBounds({ lowerUs, upperUs })})` : text
}

function openSockets({ clients }: Run): string {
  const { mean, max } = clients.openSockets
  const steady = formatCount(mean)
  return max === null || formatCount(max) === steady
    ? steady
    : `${steady} (max ${formatCount(max)})`
}

/** `bus: 3 instances on memory through HAProxy (round-robin), reach 100 %` */
function scaling({ technique, server, bus, front, delivery }: Run): string {
  const words = technique.traits.scaling ?? missing
  const instances = server?.instances ?? 1
  if (instances === 1) return `${words} (not measured)`
  const on = bus === undefined ? ', no bus' : ` on ${bus.name}`
  const through = front == null ? '' : ` through ${front.program} (${front.balance})`
  return `${words}: ${instances} instances${on}${through}, reach ${formatPercent(delivery.reach)}`
}

/** `passes 9 of 10; nginx's defaults hold events back until 4 KiB` */
function proxied({ transport, technique, via }: Run): string {
  const known = wayEvidence(transport) ?? technique.traits.proxyFirewall
  if (via === undefined) return known
  return `${known}; here through ${via.program} (${via.configuration})`
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

/** What is no figure by itself: the techniques' known properties, several figures together, and more about one. */
const COMPOUND: readonly Row[] = [
  trait(100, 'Direction', 'direction', 'Who may start a message on the connection.'),
  {
    place: 101,
    label: 'Latency',
    definition: 'What the technique promises, then the measured median and tail of push latency.',
    cell: (run) =>
      `${run.technique.traits.latency}: p50 ${formatBounds(latencyBounds(run, 'p50Us'))}, ` +
      `p99 ${formatBounds(latencyBounds(run, 'p99Us'))}`,
    first: (run) => run.technique.traits.latency,
  },
  {
    place: 102,
    label: 'Connections held',
    definition:
      'Connections on which the server keeps an obligation, a parked poll or an open stream, by its own count: the mean over the window.',
    cell: ({ technique, clients: { held } }) =>
      `${technique.traits.connectionsHeld}: ` +
      (held.mean === null ? missing : `${formatCount(held.mean)} held (server's count)`),
    first: ({ technique, clients: { held } }) =>
      `${formatCount(held.mean)} (${technique.traits.connectionsHeld})`,
  },
  trait(103, 'Protocol', 'protocol', 'What is spoken on the connection.'),
  trait(104, 'Browser support', 'browserSupport', 'Which browsers have it.'),
  {
    place: 105,
    label: 'Proxy/firewall',
    definition:
      'How it fares with what stands in between: through five proxies, each as its documentation configures it and as is recommended, from results/evidence/proxies.json; and what stood in between here.',
    cell: proxied,
    first: (run) => proxied(run).split(';', 1)[0] ?? '',
  },
  trait(
    106,
    'Complexity',
    'complexity',
    'How much there is to build and to operate. What EventSource and WebSocket leave to the page is in it: neither notices that a connection has gone silent (docs/disruptions.md).',
  ),
  trait(107, 'Best for', 'bestFor', 'Where it is commonly used.'),
  {
    place: 108,
    label: 'Scaling',
    definition:
      'What several instances need so that every client is reached, and, of runs on several, what they had and what came of it.',
    cell: scaling,
  },
  spread(201, 'p50', 'p50Us'),
  interval(202, 'p50', 'p50'),
  interval(211, 'p95', 'p95'),
  spread(221, 'p99', 'p99Us'),
  interval(222, 'p99', 'p99'),
  interval(251, 'the mean', 'mean'),
  {
    place: 264,
    label: 'Mean, the instrument’s own (at most)',
    definition:
      'How much of the mean is not the server’s, in whichever of its parts: the publisher sent late, the clients read late, or they waited for a processor.',
    cell: (run) => formatDuration(ownPart(run)),
    optional: true,
  },
  {
    place: 500,
    label: 'Open sockets',
    definition: "The clients' TCP connections, idle ones included: the mean over the window.",
    cell: openSockets,
  },
  {
    place: 510,
    label: 'Clients connected',
    definition: 'Clients subscribed when the window began, of those asked for.',
    cell: ({ clients }) => `${formatCount(clients.connected)} of ${formatCount(clients.requested)}`,
  },
  {
    place: 505,
    label: 'Held by instance',
    definition:
      'Connections on which each instance keeps an obligation at the end of the window: how the front has spread the clients.',
    cell: ({ front }) => front?.heldByInstance?.map(formatCount).join(' / ') ?? missing,
    optional: true,
  },
  {
    place: 520,
    label: 'Lost / duplicate / out of order',
    definition: "The delivery audit over every event's sequence number.",
    cell: ({ delivery }) =>
      [delivery.lost, delivery.duplicates, delivery.outOfOrder].map(formatCount).join(' / '),
  },
  {
    place: 530,
    label: 'Foreign / misrouted / unmarked / gaps',
    definition:
      'Events of another run, of a channel not asked for, messages without a mark, and replays cut short.',
    cell: oddities,
    optional: true,
  },
  {
    place: 540,
    label: 'Errors',
    definition: 'Failures of clients and connections by cause, the most frequent first.',
    cell: errors,
    optional: true,
  },
  {
    place: 560,
    label: 'Validity',
    definition: 'Whether the instrument kept its schedule: an invalid run shows the instrument.',
    cell: validity,
  },
]

/** The comparison's rows in their order: first the techniques' known properties, then figures. */
export const rows: readonly Row[] = [...COMPOUND, ...figuresWith('row').map(figureRow)].sort(
  (one, other) => one.place - other.place,
)
