/** What a bus adds and costs where a workload is carried by several instances, by runs on one. */
import type { BusAdvice, BusCost, Workload } from '../result/advice.ts'
import { FARTHEST } from '../result/advice.ts'
import type { Result } from '../result/document.ts'
import { type BusTax, busTaxOf, type TaxRow } from '../tax/bus-tax.ts'
import { wantedLoad } from './load.ts'

/** No command asks for more clients than a small machine carries beside its instances. */
const MOST_CLIENTS = 1_000
/** Events a second that a small machine takes in beside three instances. */
const MOST_EVENTS = 200

/** Of each bus the runs with as many instances whose events a second are nearest to the workload's. */
export function busAdvice(
  instances: number,
  workload: Workload,
  results: readonly Result[],
): BusAdvice {
  const { events } = wantedLoad(workload, null, 0)
  const costs = busTaxOf(results).flatMap((tax) =>
    tax.rows
      .filter((row) => row.bus !== null && row.instances === instances && row.told > 0)
      .map((row) => costOf(row, tax, workload, events)),
  )
  const farness = ({ eventsFactor }: BusCost): number => Math.abs(Math.log(eventsFactor))
  const nearest = costs.filter((one) =>
    costs.every(
      (other) =>
        other === one ||
        other.name !== one.name ||
        other.routing !== one.routing ||
        farness(one) < farness(other) ||
        (farness(one) === farness(other) && costs.indexOf(one) < costs.indexOf(other)),
    ),
  )
  const isNear = nearest.some(({ eventsFactor }) => eventsFactor <= FARTHEST)
  return {
    instances,
    buses: nearest.sort((one, other) => addedOf(one) - addedOf(other)),
    measure: isNear || instances === 1 ? null : commandFor(instances, workload),
  }
}

function addedOf({ addedUs }: BusCost): number {
  return addedUs?.value ?? Number.POSITIVE_INFINITY
}

function costOf(
  row: TaxRow,
  { load, rows }: BusTax,
  { wanted, payloadBytes }: Workload,
  /** Those of the workload, a second. */
  events: number,
): BusCost {
  const [alone] = rows.filter(({ bus }) => bus === null)
  const [own, without] = [row.instancesCpuUsPerEvent, alone?.instancesCpuUsPerEvent ?? null]
  const measuredEvents = load.rate * (load.channels === 'per-client' ? load.clients : load.channels)
  const perSecond = (us: number | null): number | null => (us === null ? null : (us * events) / 1e6)
  // A payload goes to the bus once, and from it to each instance that gets it.
  const longer =
    ((payloadBytes ?? load.payloadBytes) - load.payloadBytes) * (1 + (row.hopsPerEvent ?? 0))
  return {
    name: row.bus ?? '',
    routing: row.routing ?? '',
    percentile: wanted.percentile === 'p50' ? 'p50' : 'p99',
    addedUs: wanted.percentile === 'p50' ? row.addedP50Us : row.addedP99Us,
    instancesCores: own === null || without === null ? null : perSecond(Math.max(0, own - without)),
    busCores: perSecond(row.busCpuUsPerEvent),
    bytesPerSecond:
      row.bytesPerEvent === null ? null : Math.max(0, row.bytesPerEvent + longer) * events,
    hopsPerEvent: row.hopsPerEvent,
    eventsFactor: events / measuredEvents,
    runs: row.told,
  }
}

/** As it is typed; a bus that runs is named by its URL in the place of `memory`. */
function commandFor(instances: number, workload: Workload): string {
  const { users, channels } = workload
  const clients = Math.min(users, MOST_CLIENTS)
  const count = channels === 'per-client' ? clients : Math.min(channels, clients)
  const { events } = wantedLoad(workload, null, 0)
  const rate = Number((Math.min(events, MOST_EVENTS) / count).toPrecision(3))
  return [
    `rtbench bus memory --instances ${instances}`,
    `--clients ${clients}`,
    `--channels ${count}`,
    `--rate ${rate}`,
    ...(workload.payloadBytes === null ? [] : [`--payload ${workload.payloadBytes}`]),
  ].join(' ')
}
