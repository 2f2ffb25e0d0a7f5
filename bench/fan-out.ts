/**
 * What the server's fan-out costs beyond a bare loop of `socket.write(frame)`: the same bare
 * receivers, the same frames, the bare sender and the reference server in turn.
 */

import type { ChildProcess } from 'node:child_process'
import { ended, startModule } from '../src/child-process.ts'
import { ownTarget } from '../src/experiment/plan.ts'
import { NS_PER_MS, nowNs } from '../src/measure/clock.ts'
import { startInstances } from '../src/server/instances.ts'
import { DEFAULT_LIMITS, DEFAULT_SERVER_OPTIONS } from '../src/server/reference-server.ts'
import type { Span } from '../src/swarm/messages.ts'
import { PublisherLink } from '../src/swarm/publisher-link.ts'
import { channelName, type Workload } from '../src/swarm/run-order.ts'
import { serverCpuUs } from '../src/swarm/server-figures.ts'
import { ServerWatch } from '../src/swarm/server-watch.ts'
import { loadAlone } from '../src/swarm/window.ts'
import { BareReceivers } from './bare-receivers.ts'
import type { FromSender, SenderOrder } from './bare-sender.ts'
import { inTurn } from './in-turn.ts'
import { describeRatio } from './ratio.ts'

const CLIENTS = 10_000
const ROUNDS = 3
const WARMUP_MS = 2_000
const DURATION_MS = 8_000
const PAYLOAD_BYTES = 128
const DELIVERIES = (CLIENTS * DURATION_MS) / 1000
const TRANSPORTS = ['sse', 'websocket']
const BAR = 1.2
/** Heartbeats are no part of a fan-out, and the bare sender has none. */
const LIMITS = { ...DEFAULT_LIMITS, heartbeatMs: 3_600_000, pingMs: 3_600_000 }
const WORKLOAD: Workload = { clients: CLIENTS, channels: 1, instances: 1, run: 1 }

export async function fanOut(
  print: (line: string) => void,
  part: string | undefined,
): Promise<void> {
  print(
    `fan-out: ${CLIENTS} receivers, one broadcast a second, ${DURATION_MS / 1000} s, ${ROUNDS} rounds`,
  )
  for (const transport of TRANSPORTS) {
    if (part !== undefined && part !== transport) continue
    const [bare, server] = await inTurn(
      ROUNDS,
      () => measureBare(transport),
      () => measureServer(transport),
    )
    const name = `${transport} server CPU`
    print(`  ${describeRatio({ name, of: server, to: bare, unit: 'µs', bar: BAR })}`)
  }
}

/** The window of a measurement that begins soon. */
function soon(): { readonly startNs: number; readonly window: Span } {
  const startNs = nowNs() + 300 * NS_PER_MS
  const windowStartNs = startNs + WARMUP_MS * NS_PER_MS
  return {
    startNs,
    window: { startNs: windowStartNs, endNs: windowStartNs + DURATION_MS * NS_PER_MS },
  }
}

function receiversAt(transport: string, port: number): Promise<BareReceivers> {
  return BareReceivers.connect({
    transport,
    port,
    channel: channelName(WORKLOAD, 0),
    clients: CLIENTS,
  })
}

/** A bare process greets nobody: it has no part in a run. */
function heardOf<Type extends FromSender['type']>(
  sender: ChildProcess,
  type: Type,
): Promise<Extract<FromSender, { type: Type }>> {
  return new Promise((resolve, reject) => {
    sender.once('exit', () => reject(new Error('the bare sender ended early')))
    sender.on('message', (message: FromSender) => {
      if (message.type === type) resolve(message as Extract<FromSender, { type: Type }>)
    })
  })
}

/** CPU per delivery of the bare sender, microseconds. */
async function measureBare(transport: string): Promise<number> {
  const sender = startModule('bare-sender', import.meta.url)
  const { port } = await heardOf(sender, 'listening')
  const receivers = await receiversAt(transport, port)
  try {
    const { window } = soon()
    sender.send({ window, payloadBytes: PAYLOAD_BYTES } satisfies SenderOrder)
    const figures = heardOf(sender, 'figures')
    const seen = await receivers.measure(window)
    const { cpuUs, deliveries } = await figures
    return perDelivery(cpuUs, Math.min(deliveries, seen.deliveries))
  } finally {
    sender.disconnect()
    await Promise.all([receivers.stop(), ended(sender, 5_000)])
  }
}

/** CPU per delivery of the reference server, microseconds. */
async function measureServer(transport: string): Promise<number> {
  const instances = await startInstances(1, { ...DEFAULT_SERVER_OPTIONS, limits: LIMITS })
  const target = ownTarget([instances.ports[0] as number])
  const watch = new ServerWatch([target], transport)
  const receivers = await receiversAt(transport, target.port)
  const publisher = await PublisherLink.start({
    workload: WORKLOAD,
    targets: [target],
    arrivals: 'constant',
    rate: 1,
    payloadBytes: PAYLOAD_BYTES,
    seed: 1,
  })
  try {
    const { startNs, window } = soon()
    publisher.publish(loadAlone(startNs, window))
    const seen = receivers.measure(window)
    await until(window.startNs)
    const before = await watch.edge()
    await until(window.endNs)
    const after = await watch.edge()
    if (before === null || after === null) throw new Error('the server was silent')
    return perDelivery(serverCpuUs(before, after), (await seen).deliveries)
  } finally {
    await Promise.all([receivers.stop(), publisher.stop(), watch.stop()])
    await instances.stop()
  }
}

function perDelivery(cpuUs: number, deliveries: number): number {
  if (deliveries !== DELIVERIES) throw new Error(`${deliveries} of ${DELIVERIES} deliveries`)
  return cpuUs / deliveries
}

function until(atNs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.max(0, (atNs - nowNs()) / NS_PER_MS))
  })
}
