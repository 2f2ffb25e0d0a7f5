/** The metrics of a comparison, from the catalogue of figures. */

import { amountOf, figureOf, figuresWith } from '../figures/catalogue.ts'
import type { Deterministic, Dimension, Figure, Statistical } from '../figures/figure.ts'
import { latencyBounds } from '../measure/bounds.ts'
import { isLateWithBounds } from '../measure/reason.ts'
import type { LatencySummary, Run } from '../result/document.ts'
import { totalCpuUsPerDelivery } from '../result/evidence.ts'
import type { Judgement } from '../result/judgement.ts'

interface MetricBase {
  /** Its path in a run of the result document: `latency.p99Us`. */
  readonly name: string
  readonly label: string
  readonly unit: Judgement['unit']
}

/** A figure that differs from run to run; judged over repetitions. */
export interface StatisticalMetric extends MetricBase, Statistical {
  /** Base unit; null where a run has no such figure, or was too late for it to mean anything. */
  figure(run: Run): number | null
  /** The same as if the instrument had been on time, of figures of which that is known. */
  readonly lower?: (run: Run) => number | null
}

/** A figure that the protocol and the schedule fix; judged from one run on. */
export interface DeterministicMetric extends MetricBase, Deterministic {
  figure(run: Run): number | null
}

/** Something that ought not to happen at all: counted over all runs. */
export interface FaultMetric extends MetricBase {
  readonly kind: 'fault'
  count(run: Run): number
  /** How often it could have happened. */
  chances(run: Run): number
}

export type CompareMetric = StatisticalMetric | DeterministicMetric | FaultMetric

type Reading = (run: Run) => number | null

/** Of figures that are not read as they stand in the document. */
const READINGS: Readonly<Record<string, Reading>> = {
  'clients.failed': ({ clients }) => clients.requested - clients.connected,
  'server.totalCpuUsPerDelivery': totalCpuUsPerDelivery,
}

const KINDS = ['fault', 'deterministic', 'statistical'] as const

/**
 * What a comparison asks about, in the order in which it is told; less is better of each. CPU
 * instructions would be an entry of the catalogue of figures, deterministic, where a run could count them.
 */
export const METRICS: readonly CompareMetric[] = KINDS.flatMap((kind) =>
  figuresWith('compared')
    .filter(({ compared }) => compared.kind === kind)
    .map(metricOf),
)

function metricOf(figure: ReturnType<typeof figuresWith<'compared'>>[number]): CompareMetric {
  const { path, label = path, dimension, compared } = figure
  const base = { name: path, label, unit: unitOf(dimension) }
  const read: Reading = READINGS[path] ?? ((run) => amountOf(run, figure))
  switch (compared.kind) {
    case 'fault': {
      const chances = figureOf(compared.chances)
      return {
        ...base,
        kind: compared.kind,
        count: (run) => read(run) ?? 0,
        chances: (run) => amountOf(run, chances) ?? 0,
      }
    }
    case 'deterministic':
      return { ...base, ...compared, figure: read }
    case 'statistical': {
      const lower = lowerOf(figure)
      return {
        ...base,
        ...compared,
        figure: compared.punctual ? (run) => (isLateWithBounds(run) ? null : read(run)) : read,
        ...(lower === null ? {} : { lower }),
      }
    }
  }
}

function unitOf(dimension: Dimension): Judgement['unit'] {
  if (dimension === 'microseconds') return 'time'
  return dimension === 'bytes' || dimension === 'ratio' ? dimension : 'count'
}

/** A push latency has two bounds, and so has what a chat's message takes; of all else there is no other. */
export function lowerOf({ keys }: Pick<Figure, 'keys'>): Reading | null {
  const [group, name] = keys
  if (group === 'chat') return lowerOfChat(keys)
  if (group !== 'latency' || name === undefined || !name.endsWith('Us')) return null
  const key = name as Exclude<keyof LatencySummary, 'histogram'>
  return (run) => latencyBounds(run, key)?.lowerUs ?? null
}

function lowerOfChat([group = '', part = '', name = '']: readonly string[]): Reading | null {
  if ((part !== 'acknowledgement' && part !== 'echo') || !name.endsWith('Us')) return null
  const of = (run: Run, of: string): number | null => amountOf(run, { keys: [group, of, name] })
  return (run) => {
    const upper = of(run, part)
    return upper === null ? null : Math.min(upper, of(run, `${part}LowerBound`) ?? upper)
  }
}
