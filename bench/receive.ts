/**
 * What the swarm costs beyond a bare `onread` loop: the same server, the same publisher and the
 * same broadcasts, a bare loop and rtbench in turn.
 *
 * Ratios only are worth keeping: the machine's speed drifts, so each pair is measured close
 * together and the median of the pairs' ratios is reported.
 */
import { NS_PER_MS, nowNs } from '../src/measure/clock.ts'
import { prepareHistograms } from '../src/measure/histogram.ts'
import { PublisherLink } from '../src/swarm/publisher-link.ts'
import { channelName, type Workload } from '../src/swarm/workload.ts'
import type { Target } from '../src/transports/transport.ts'
import type { BareFigures } from './bare-receiver.ts'
import { BareReceivers } from './bare-receivers.ts'
import { inTurn } from './in-turn.ts'
import { describeRatio, median } from './ratio.ts'
import {
  CLIENTS,
  type Figures,
  figuresOf,
  measureSwarm,
  ROUNDS,
  SCENARIO,
  withServer,
} from './swarm.ts'

/** The most that CPU and p50 may be of the bare loop's. */
const BARS = [
  { transport: 'sse', bar: 1.15 },
  { transport: 'websocket', bar: 1.15 },
  { transport: 'long-poll', bar: 1.4 },
]
const RSS_BAR_KIB = 12

export async function receive(
  print: (line: string) => void,
  part: string | undefined,
): Promise<void> {
  await prepareHistograms()
  print(
    `receive: ${CLIENTS} clients, one broadcast a second, ${SCENARIO.durationMs / 1000} s, ${ROUNDS} rounds`,
  )
  for (const { transport, bar } of BARS) {
    if (part !== undefined && part !== transport) continue
    const [bare, swarm] = await inTurn(
      ROUNDS,
      () => withServer((target) => measureBare(transport, target)),
      () => withServer((target) => measureSwarm(transport, target)),
    )
    const lines = [
      describeRatio({
        name: `${transport} CPU per delivery`,
        of: figuresOf(swarm, 'cpuUsPerDelivery'),
        to: figuresOf(bare, 'cpuUsPerDelivery'),
        unit: 'µs',
        bar,
      }),
      describeRatio({
        name: `${transport} p50`,
        of: figuresOf(swarm, 'p50Us').map((us) => us / 1000),
        to: figuresOf(bare, 'p50Us').map((us) => us / 1000),
        unit: 'ms',
        bar,
      }),
      describeRss(transport, median(figuresOf(swarm, 'rssKib')), median(figuresOf(bare, 'rssKib'))),
    ]
    for (const line of lines) print(`  ${line}`)
  }
}

function describeRss(transport: string, swarmKib: number, bareKib: number): string {
  const name = `${transport} RSS per client`.padEnd(28)
  const holds = swarmKib <= RSS_BAR_KIB ? 'holds' : 'MISSED'
  return `${name} ${swarmKib.toFixed(1)} KiB (bare ${bareKib.toFixed(1)}), bar ${RSS_BAR_KIB}: ${holds}`
}

async function measureBare(transport: string, target: Target): Promise<Figures> {
  const workload: Workload = { clients: CLIENTS, channels: 1, instances: 1, run: 1 }
  const publisher = await PublisherLink.start({
    workload,
    targets: [target],
    arrivals: SCENARIO.arrivals,
    rate: SCENARIO.rate,
    payloadBytes: SCENARIO.payloadBytes,
    seed: SCENARIO.seed,
  })
  const channel = channelName(workload, 0)
  const order = { transport, port: target.port, channel, clients: CLIENTS }
  const receivers = await BareReceivers.connect(order)
  try {
    const startNs = nowNs() + 300 * NS_PER_MS
    const windowStartNs = startNs + SCENARIO.warmupMs * NS_PER_MS
    const window = {
      startNs: windowStartNs,
      endNs: windowStartNs + SCENARIO.durationMs * NS_PER_MS,
    }
    publisher.publish(startNs, window)
    const bare = await receivers.measure(window)
    // Constant arrivals fall in the middle of their seconds, far from the window's edges.
    const due = (CLIENTS * SCENARIO.rate * SCENARIO.durationMs) / 1000
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
