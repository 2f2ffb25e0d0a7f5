/**
 * What the swarm costs beyond a bare `onread` loop: a server of its own and the same broadcasts for
 * both, whose processes stand side by side. They take turns each half second, so that whatever slows
 * the machine down for longer slows down both: one after the other, the same code differed by a
 * fifth from one round to the next.
 *
 * Ratios only are worth keeping, and the median of the rounds' is reported.
 */

import { NS_PER_MS, nowNs } from '../src/measure/clock.ts'
import { prepareHistograms } from '../src/measure/histogram.ts'
import { PublisherLink } from '../src/swarm/publisher-link.ts'
import { channelName, type Workload } from '../src/swarm/run-order.ts'
import { loadAlone } from '../src/swarm/window.ts'
import type { Target } from '../src/transports/transport.ts'
import type { BareFigures } from './bare-receiver.ts'
import { BareReceivers } from './bare-receivers.ts'
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
/** From the swarm's broadcasts to the bare loop's, beside the calm before the first ones. */
const BETWEEN_TURNS_NS = 800 * NS_PER_MS

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
    const rounds: Round[] = []
    while (rounds.length < ROUNDS) rounds.push(await sideBySide(transport))
    const [bare, swarm] = [rounds.map(({ bare }) => bare), rounds.map(({ swarm }) => swarm)]
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

interface Round {
  readonly bare: Figures
  readonly swarm: Figures
}

async function sideBySide(transport: string): Promise<Round> {
  return await withServer((bareTarget) =>
    withServer(async (target) => {
      const loop = await BareLoop.connect(transport, bareTarget)
      try {
        let bare: Promise<Figures> | null = null
        const swarm = await measureSwarm(transport, target, 'lean', () => {
          bare ??= loop.measure(nowNs() + BETWEEN_TURNS_NS)
        })
        if (bare === null) throw new Error(`${transport}: the swarm had no warm-up`)
        return { bare: await bare, swarm }
      } finally {
        await loop.stop()
      }
    }),
  )
}

/** Bare receivers, and a publisher for them. */
class BareLoop {
  readonly #transport: string
  readonly #receivers: BareReceivers
  readonly #publisher: PublisherLink

  private constructor(transport: string, receivers: BareReceivers, publisher: PublisherLink) {
    this.#transport = transport
    this.#receivers = receivers
    this.#publisher = publisher
  }

  static async connect(transport: string, target: Target): Promise<BareLoop> {
    const workload: Workload = { clients: CLIENTS, channels: 1, instances: 1, run: 1 }
    const channel = channelName(workload, 0)
    const order = { transport, port: target.port, channel, clients: CLIENTS }
    const receivers = await BareReceivers.connect(order)
    const { arrivals, rate, payloadBytes, seed } = SCENARIO
    const plan = { workload, targets: [target], arrivals, rate, payloadBytes, seed }
    return new BareLoop(transport, receivers, await PublisherLink.start(plan, () => {}))
  }

  /** Publishes as a run does, from a moment on. */
  async measure(startNs: number): Promise<Figures> {
    const windowStartNs = startNs + SCENARIO.warmupMs * NS_PER_MS
    const endNs = windowStartNs + SCENARIO.durationMs * NS_PER_MS
    const window = { startNs: windowStartNs, endNs }
    this.#publisher.publish(loadAlone(startNs, window))
    const bare = await this.#receivers.measure(window)
    // Constant arrivals fall in the middle of their seconds, far from the window's edges.
    const due = (CLIENTS * SCENARIO.rate * SCENARIO.durationMs) / 1000
    if (bare.deliveries !== due) {
      throw new Error(
        `the bare ${this.#transport} loop saw ${bare.deliveries} of ${due} deliveries`,
      )
    }
    return summarise(bare)
  }

  async stop(): Promise<void> {
    await Promise.all([this.#receivers.stop(), this.#publisher.stop()])
  }
}

function summarise({ deliveries, cpuUs, latenciesUs, rssBytes }: BareFigures): Figures {
  return {
    cpuUsPerDelivery: cpuUs / deliveries,
    p50Us: median([...latenciesUs]),
    rssKib: rssBytes / CLIENTS / 1024,
  }
}
