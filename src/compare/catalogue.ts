import { latencyBounds } from '../measure/bounds.ts'
import { isLateWithBounds } from '../measure/reason.ts'
import type { Run } from '../result/document.ts'
import { totalCpuUsPerDelivery } from '../result/evidence.ts'
import type { Judgement } from '../result/judgement.ts'
import type { Drift } from './drift.ts'

interface MetricBase {
  /** Its path in a run of the result document: `latency.p99Us`. */
  readonly name: string
  readonly label: string
  readonly unit: Judgement['unit']
}

/** A figure that differs from run to run; judged over repetitions. */
export interface NoisyMetric extends MetricBase {
  readonly kind: 'noisy'
  /** Base unit; null where a run has no such figure, or was too late for it to mean anything. */
  figure(run: Run): number | null
  /** The same as if the instrument had been on time, of figures of which that is known. */
  readonly lower?: (run: Run) => number | null
  /** In the base unit: a smaller difference is none, whatever its share. */
  readonly slack: number
  /** The drift of the machine that moves it, too; null where none does. */
  readonly movedBy: keyof Drift | null
  /** Of who asks at an interval it is mostly the wait for that. */
  readonly isWait: boolean
}

/** Something that ought not to happen at all: counted over all runs. */
export interface FaultMetric extends MetricBase {
  readonly kind: 'fault'
  count(run: Run): number
  /** How often it could have happened. */
  chances(run: Run): number
}

/** A figure that the protocol and the schedule fix; judged from one run on. */
export interface FixedMetric extends MetricBase {
  readonly kind: 'fixed'
  figure(run: Run): number | null
  /** Of the baseline's figure; of a ratio, an absolute share. */
  readonly tolerance: number
  /** How much of it the schedule of one seed moves, and another one moves otherwise. */
  readonly noise: 'requests' | 'emptyRatio' | 'bytes'
}

export type CompareMetric = NoisyMetric | FaultMetric | FixedMetric

/** A latency below this is timers' and schedulers' business. */
const latencySlackUs = 100

function time(name: string, label: string, figure: NoisyMetric['figure']): NoisyMetric {
  const isWait = !name.startsWith('connect.')
  const moved = { movedBy: 'latency', isWait } as const
  return { kind: 'noisy', name, label, unit: 'time', slack: latencySlackUs, ...moved, figure }
}

/** It has two bounds, and is judged by both. */
function pushLatency(
  key: 'p50Us' | 'p95Us' | 'p99Us' | 'maxUs' | 'meanUs',
  label: string,
): NoisyMetric {
  return {
    ...time(`latency.${key}`, `Push latency ${label}`, (run) => run.latency[key]),
    lower: (run) => latencyBounds(run, key)?.lowerUs ?? null,
  }
}

/** A time of which nobody knows how much is the instrument's: of a run that was late it tells nothing. */
function punctual(figure: NoisyMetric['figure']): NoisyMetric['figure'] {
  return (run) => (isLateWithBounds(run) ? null : figure(run))
}

function cpu(name: string, label: string, figure: NoisyMetric['figure']): NoisyMetric {
  const moved = { movedBy: 'cpu', isWait: false } as const
  return { kind: 'noisy', name, label, unit: 'time', slack: 0, ...moved, figure }
}

function memory(name: string, label: string, figure: NoisyMetric['figure']): NoisyMetric {
  const moved = { movedBy: null, isWait: false } as const
  return { kind: 'noisy', name, label, unit: 'bytes', slack: 0, ...moved, figure }
}

function fault(
  name: string,
  label: string,
  count: FaultMetric['count'],
  chances: FaultMetric['chances'] = (run) => run.delivery.expected,
): FaultMetric {
  return { kind: 'fault', name, label, unit: 'count', count, chances }
}

function fixed(
  name: string,
  label: string,
  noise: FixedMetric['noise'],
  figure: FixedMetric['figure'],
): FixedMetric {
  const [unit, tolerance] = FIXED[noise]
  return { kind: 'fixed', name, label, unit, tolerance, noise, figure }
}

const FIXED = {
  bytes: ['bytes', 0.01],
  requests: ['count', 0.01],
  emptyRatio: ['ratio', 0.005],
} as const

/**
 * What a comparison asks about, in the order in which it is told; less is better of each. CPU
 * instructions would be a line here, of the kind `fixed`, where a run could count them.
 */
export const catalogue: readonly CompareMetric[] = [
  fault('delivery.lost', 'Lost', (run) => run.delivery.lost),
  fault('delivery.duplicates', 'Duplicates', (run) => run.delivery.duplicates),
  fault('delivery.outOfOrder', 'Out of order', (run) => run.delivery.outOfOrder),
  fault('delivery.misrouted', 'Misrouted', (run) => run.delivery.misrouted),
  fault('delivery.gapSignals', 'Gaps in replays', (run) => run.delivery.gapSignals),
  fault('clients.failed', 'Clients not connected', notConnected, (run) => run.clients.requested),
  fixed('exchanges.emptyRatio', 'Empty responses', 'emptyRatio', (run) => run.exchanges.emptyRatio),
  fixed(
    'exchanges.requestsPerClientPerDay',
    'Requests per client and day',
    'requests',
    (run) => run.exchanges.requestsPerClientPerDay,
  ),
  fixed('wire.bytesPerDelivery', 'Bytes per delivery', 'bytes', (run) => run.wire.bytesPerDelivery),
  pushLatency('p50Us', 'p50'),
  pushLatency('p95Us', 'p95'),
  pushLatency('p99Us', 'p99'),
  pushLatency('maxUs', 'max'),
  pushLatency('meanUs', 'mean'),
  time(
    'serviceLatency.p99Us',
    'Service latency p99',
    punctual((run) => run.serviceLatency?.p99Us ?? null),
  ),
  time(
    'connect.p99Us',
    'Connect p99',
    punctual((run) => run.connect.p99Us),
  ),
  cpu('server.totalCpuUsPerDelivery', 'Server CPU, all, per delivery', (run) =>
    totalCpuUsPerDelivery(run),
  ),
  cpu(
    'generator.cpuUsPerDelivery',
    'Generator CPU per delivery',
    (run) => run.generator.cpuUsPerDelivery,
  ),
  memory(
    'server.rssBytesPerClient',
    'Server memory per client',
    (run) => run.server?.rssBytesPerClient ?? null,
  ),
  memory(
    'generator.rssBytesPerClient',
    'Generator memory per client',
    (run) => run.generator.rssBytesPerClient,
  ),
]

function notConnected({ clients }: Run): number {
  return clients.requested - clients.connected
}
