/**
 * What a delivery costs in a large crowd: 100,000 clients and 1,000, on the same number of processes
 * and with as many deliveries per second. Heartbeats and empty answers to long polls grow with the
 * clients and not with the deliveries; they are put off beyond the window here, and measured by a
 * run of their own.
 */
import { prepareHistograms } from '../src/measure/histogram.ts'
import type { Run } from '../src/result/document.ts'
import type { Scenario } from '../src/scenario/scenario.ts'
import { type Fleet, measureFleet } from './fleet.ts'
import { inTurn } from './in-turn.ts'
import { describeRatio } from './ratio.ts'
import { SCENARIO } from './swarm.ts'

const MANY = 100_000
const FEW = 1_000
const DELIVERIES_PER_SECOND = 2_000
const ROUNDS = 2
const TRANSPORTS = ['sse', 'websocket', 'long-poll']
const BAR = 1.2
const NEVER_MS = 3_600_000
const FLEET: Fleet = {
  instances: 6,
  workers: 6,
  portsPerInstance: 2,
  limits: { heartbeatMs: NEVER_MS, pingMs: NEVER_MS, holdMs: NEVER_MS },
}

export async function scale(
  print: (line: string) => void,
  part: string | undefined,
): Promise<void> {
  await prepareHistograms()
  print(
    `scale: ${MANY} and ${FEW} clients on ${FLEET.workers} + ${FLEET.instances} processes, ${DELIVERIES_PER_SECOND} deliveries/s on channels of their own, ${ROUNDS} rounds`,
  )
  for (const transport of TRANSPORTS) {
    if (part !== undefined && part !== transport) continue
    const [few, many] = await inTurn(
      ROUNDS,
      () => measureFleet(transport, crowd(FEW), FLEET),
      () => measureFleet(transport, crowd(MANY), FLEET),
    )
    const lines = (['both sides', 'swarm', 'server'] as const).map((side) =>
      describeRatio({
        name: `${transport} CPU, ${side}`,
        of: many.map((run) => cpuOf(run, side)),
        to: few.map((run) => cpuOf(run, side)),
        unit: 'µs',
        bar: BAR,
      }),
    )
    for (const line of lines) print(`  ${line}`)
    for (const run of many) print(`  ${describe(run)}`)
  }
}

function crowd(clients: number): Scenario {
  return {
    ...SCENARIO,
    clients,
    channels: 'per-client',
    rate: DELIVERIES_PER_SECOND / clients,
    arrivals: 'poisson',
    durationMs: 15_000,
    holdMs: NEVER_MS,
  }
}

function cpuOf({ generator, server }: Run, side: 'both sides' | 'swarm' | 'server'): number {
  const swarmUs = generator.cpuUsPerDelivery ?? Number.NaN
  const serverUs = server?.cpuUsPerDelivery ?? Number.NaN
  return side === 'swarm' ? swarmUs : side === 'server' ? serverUs : swarmUs + serverUs
}

function describe({ transport, clients, latency, generator, server, host }: Run): string {
  const kb = (bytes: number | null | undefined): string => ((bytes ?? Number.NaN) / 1000).toFixed(1)
  const ms = (us: number | null): string => ((us ?? Number.NaN) / 1000).toFixed(2)
  return `${transport}, ${clients.connected} held: ${kb(generator.rssBytesPerClient)} KB a client in the swarm, ${kb(server?.rssBytesPerClient)} KB in the server; p50 ${ms(latency.p50Us)} ms, p99 ${ms(latency.p99Us)} ms; machine ${((host.cpuUtilisation ?? Number.NaN) * 100).toFixed(0)} % busy`
}
