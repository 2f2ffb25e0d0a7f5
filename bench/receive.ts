/**
 * What the swarm costs beyond a bare `onread` loop: the same server, the same publisher and the
 * same broadcasts, a bare loop and rtbench in turn.
 *
 * Ratios only are worth keeping: the machine's speed drifts, so each pair is measured close
 * together and the median of the pairs' ratios is reported.
 */
import { ownTarget } from '../src/cli/target.ts'
import { NS_PER_MS, nowNs } from '../src/measure/clock.ts'
import { prepareHistograms } from '../src/measure/histogram.ts'
import type { Scenario } from '../src/scenario/scenario.ts'
import { startInstances } from '../src/server/instances.ts'
import { DEFAULT_SERVER_OPTIONS } from '../src/server/reference-server.ts'
import { measureRun } from '../src/swarm/coordinator.ts'
import { PublisherLink } from '../src/swarm/publisher-link.ts'
import { channelName, type Workload } from '../src/swarm/workload.ts'
import { transportNamed } from '../src/transports/registry.ts'
import type { Target } from '../src/transports/transport.ts'
import type { BareFigures } from './bare-receiver.ts'
import { BareReceivers } from './bare-receivers.ts'
import { describeRatio, median } from './ratio.ts'

const CLIENTS = 10_000
const ROUNDS = 3
const WARMUP_MS = 2_000
const DURATION_MS = 8_000
const PAYLOAD_BYTES = 128
/** The most that CPU and p50 may be of the bare loop's. */
const BARS = [
  { transport: 'sse', bar: 1.3 },
  { transport: 'websocket', bar: 1.3 },
  { transport: 'long-poll', bar: 1.4 },
]
const RSS_BAR_KIB = 12

interface Figures {
  readonly cpuUsPerDelivery: number
  readonly p50Us: number
  readonly rssKib: number
}

export async function receive(
  print: (line: string) => void,
  part: string | undefined,
): Promise<void> {
  await prepareHistograms()
  print(
    `receive: ${CLIENTS} clients, one broadcast a second, ${DURATION_MS / 1000} s, ${ROUNDS} rounds`,
  )
  for (const { transport, bar } of BARS) {
    if (part !== undefined && part !== transport) continue
    const bare: Figures[] = []
    const swarm: Figures[] = []
    for (let round = 0; round < ROUNDS; round++) {
      // In turn first and second, so that a drift of the machine favours neither.
      const turns = [
        async () => bare.push(await withServer((target) => measureBare(transport, target))),
        async () => swarm.push(await withServer((target) => measureSwarm(transport, target))),
      ]
      for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn()
    }
    const of = (figures: readonly Figures[], key: keyof Figures): number[] =>
      figures.map((one) => one[key])
    const lines = [
      describeRatio({
        name: `${transport} CPU per delivery`,
        of: of(swarm, 'cpuUsPerDelivery'),
        to: of(bare, 'cpuUsPerDelivery'),
        unit: 'µs',
        bar,
      }),
      describeRatio({
        name: `${transport} p50`,
        of: of(swarm, 'p50Us').map((us) => us / 1000),
        to: of(bare, 'p50Us').map((us) => us / 1000),
        unit: 'ms',
        bar,
      }),
      describeRss(transport, median(of(swarm, 'rssKib')), median(of(bare, 'rssKib'))),
    ]
    for (const line of lines) print(`  ${line}`)
  }
}

function describeRss(transport: string, swarmKib: number, bareKib: number): string {
  const name = `${transport} RSS per client`.padEnd(28)
  const holds = swarmKib <= RSS_BAR_KIB ? 'holds' : 'MISSED'
  return `${name} ${swarmKib.toFixed(1)} KiB (bare ${bareKib.toFixed(1)}), bar ${RSS_BAR_KIB}: ${holds}`
}

async function withServer(measure: (target: Target) => Promise<Figures>): Promise<Figures> {
  const instances = await startInstances(1, DEFAULT_SERVER_OPTIONS)
  try {
    const port = instances.ports[0] as number
    return await measure(ownTarget(port))
  } finally {
    await instances.stop()
  }
}

async function measureSwarm(transport: string, target: Target): Promise<Figures> {
  const run = await measureRun({
    transport: transportNamed(transport),
    scenario: SCENARIO,
    repetition: 1,
    targets: [target],
    workers: 1,
    sharedWithServer: true,
    signal: new AbortController().signal,
    onProgress: () => {},
    onServerLost: () => {},
  })
  const { lost, duplicates, outOfOrder } = run.delivery
  if (lost + duplicates + outOfOrder > 0 || run.clients.connected < CLIENTS) {
    throw new Error(`${transport}: ${JSON.stringify({ ...run.delivery, ...run.clients })}`)
  }
  return {
    cpuUsPerDelivery: run.generator.cpuUsPerDelivery ?? Number.NaN,
    p50Us: run.latency.p50Us ?? Number.NaN,
    rssKib: (run.generator.rssBytesPerClient ?? Number.NaN) / 1024,
  }
}

async function measureBare(transport: string, target: Target): Promise<Figures> {
  const workload: Workload = { clients: CLIENTS, channels: 1, instances: 1, run: 1 }
  const publisher = await PublisherLink.start({
    workload,
    targets: [target],
    arrivals: SCENARIO.arrivals,
    rate: SCENARIO.rate,
    payloadBytes: PAYLOAD_BYTES,
    seed: SCENARIO.seed,
  })
  const channel = channelName(workload, 0)
  const order = { transport, port: target.port, channel, clients: CLIENTS }
  const receivers = await BareReceivers.connect(order)
  try {
    const startNs = nowNs() + 300 * NS_PER_MS
    const windowStartNs = startNs + WARMUP_MS * NS_PER_MS
    const window = { startNs: windowStartNs, endNs: windowStartNs + DURATION_MS * NS_PER_MS }
    publisher.publish(startNs, window)
    const bare = await receivers.measure(window)
    // Constant arrivals fall in the middle of their seconds, far from the window's edges.
    const due = (CLIENTS * SCENARIO.rate * DURATION_MS) / 1000
    if (bare.deliveries !== due) {
      throw new Error(`the bare ${transport} loop saw ${bare.deliveries} of ${due} deliveries`)
    }
    return summarise(bare)
  } finally {
    await Promise.all([receivers.stop(), publisher.stop()])
  }
}

function summarise({ deliveries, cpuUs, latenciesUs, rssBytes }: BareFigures): Figures {
  return {
    cpuUsPerDelivery: cpuUs / deliveries,
    p50Us: median([...latenciesUs]),
    rssKib: rssBytes / CLIENTS / 1024,
  }
}

const SCENARIO: Scenario = {
  name: 'receive',
  description: '',
  transports: BARS.map(({ transport }) => transport),
  clients: CLIENTS,
  durationMs: DURATION_MS,
  warmupMs: WARMUP_MS,
  rampUpMs: null,
  channels: 1,
  rate: 1,
  arrivals: 'constant',
  payloadBytes: PAYLOAD_BYTES,
  intervalMs: 1_000,
  holdMs: 30_000,
  instances: 1,
  workers: 1,
  backplane: 'memory',
  url: null,
  repeat: 1,
  thresholds: [],
  seed: 1,
}
