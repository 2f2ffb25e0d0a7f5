/**
 * What a backplane's adapter takes by itself, without server and clients: one member publishes an event
 * at a time at its rate, another one, with a connection of its own, receives it; both in this process, the
 * bus on this machine, started for it. `backplanes/kafka` is one bus, `backplanes/redis://127.0.0.1:6379` one
 * that runs already; `backplanes/kafka-client` is the client of the Kafka adapter as it comes, with
 * its own producer and consumer and their defaults.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Consumer, Producer } from '@platformatic/kafka'
import type { BusReceiver } from '../src/backplane/backplane.ts'
import { KafkaBroker, missingForKafka } from '../src/backplane/kafka-broker.conformance.ts'
import { startMemoryBus } from '../src/backplane/memory-start.ts'
import { decodeMessage, encodeMessage } from '../src/backplane/message.ts'
import { kindOf, openBackplane } from '../src/backplane/registry.ts'
import { NS_PER_MS, nowNs } from '../src/measure/clock.ts'
import { LatencyHistogram, prepareHistograms } from '../src/measure/histogram.ts'
import type { Print } from './bar.ts'

const RATES = [100, 1_000]
const WARM_UP_MS = 3_000
const WINDOW_MS = 10_000
const DATA = 'x'.repeat(128)

/** Hands one event in; `told` is called with each that came out. */
interface Wire {
  publish(acceptedAtNs: number): Promise<unknown>
  /** Processor time of the bus's process, microseconds; null where it tells none. */
  cpuUs(): Promise<number | null>
  /** Bytes out and in, of both members. */
  bytes(): number
  close(): Promise<void>
}
type Told = (acceptedAtNs: number) => void

const BUSES: Readonly<Record<string, (told: Told) => Promise<Wire | string>>> = {
  async memory(told) {
    const bus = await startMemoryBus()
    return overAdapter(bus.url, told, () => bus.stop())
  },
  async kafka(told) {
    const missing = missingForKafka()
    if (missing !== null) return missing
    const broker = await KafkaBroker.start()
    return overAdapter(broker.url, told, () => broker.stop())
  },
  async 'kafka-client'(told) {
    const missing = missingForKafka()
    if (missing !== null) return missing
    const broker = await KafkaBroker.start()
    return overClient(broker, told)
  },
}

export async function backplanes(print: Print, part: string | undefined): Promise<void> {
  await prepareHistograms()
  print(`backplanes: ${DATA.length} bytes from publish to receive, ${WINDOW_MS / 1000} s each`)
  const isRunning = part !== undefined && kindOf(part) !== null
  const buses = isRunning
    ? { [part]: (told: Told) => overAdapter(part, told, () => Promise.resolve()) }
    : BUSES
  for (const [name, start] of Object.entries(buses)) {
    if (part !== undefined && part !== name) continue
    for (const rate of RATES) print(`  ${name}, ${rate}/s: ${await measure(start, rate)}`)
  }
}

async function measure(
  start: (told: Told) => Promise<Wire | string>,
  rate: number,
): Promise<string> {
  const latencies = new LatencyHistogram()
  const windowNs = { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY }
  let received = 0
  const wire = await start((acceptedAtNs) => {
    if (acceptedAtNs < windowNs.from || acceptedAtNs >= windowNs.to) return
    received++
    latencies.record((nowNs() - acceptedAtNs) / 1e3)
  })
  if (typeof wire === 'string') return wire
  windowNs.from = nowNs() + WARM_UP_MS * NS_PER_MS
  windowNs.to = windowNs.from + WINDOW_MS * NS_PER_MS
  const publishing: Promise<unknown>[] = []
  let atStart: {
    readonly cpuUs: number | null
    readonly own: NodeJS.CpuUsage
    readonly bytes: number
  } | null = null
  let published = 0
  const stepNs = (1_000 / rate) * NS_PER_MS
  for (let dueNs = nowNs(); dueNs < windowNs.to; dueNs += stepNs) {
    while (nowNs() < dueNs) await sleep(Math.max(0, (dueNs - nowNs()) / NS_PER_MS - 0.5))
    if (atStart === null && dueNs >= windowNs.from) {
      atStart = { cpuUs: await wire.cpuUs(), own: process.cpuUsage(), bytes: wire.bytes() }
    }
    const atNs = nowNs()
    if (atNs >= windowNs.from && atNs < windowNs.to) published++
    publishing.push(wire.publish(atNs))
  }
  const own = process.cpuUsage(atStart?.own)
  const busUs = ((await wire.cpuUs()) ?? Number.NaN) - (atStart?.cpuUs ?? Number.NaN)
  const bytes = wire.bytes() - (atStart?.bytes ?? 0)
  await Promise.all(publishing)
  for (let waits = 0; received < published && waits < 100; waits++) await sleep(20)
  await wire.close()
  const { p50Us, p99Us, maxUs } = latencies.summary()
  const each = (sum: number, unit: string): string =>
    Number.isNaN(sum) ? 'not told' : `${Math.round(sum / published)} ${unit}`
  const ms = (us: number | null): string => (us === null ? '–' : `${(us / 1000).toFixed(2)} ms`)
  return [
    `p50 ${ms(p50Us)}, p99 ${ms(p99Us)}, max ${ms(maxUs)}`,
    `CPU an event: ours ${each(own.user + own.system, 'µs')}, the bus ${each(busUs, 'µs')}`,
    `${each(bytes, 'bytes')} an event, ${received} of ${published} came`,
  ].join('; ')
}

async function overAdapter(url: string, told: Told, stop: () => Promise<void>): Promise<Wire> {
  const options = { namespace: 'bench', retain: 10_000, routing: 'broadcast' } as const
  const [publisher, receiver] = [
    await openBackplane(url, options),
    await openBackplane(url, options),
  ]
  await receiver.join(hearing(told))
  return {
    publish: (acceptedAtNs) => publisher.publish([message(acceptedAtNs)]),
    cpuUs: async () => (await publisher.read())?.cpuUs ?? null,
    bytes: () => publisher.account.bytesOut + receiver.account.bytesIn,
    async close() {
      await publisher.close()
      await receiver.close()
      await stop()
    },
  }
}

function message(acceptedAtNs: number) {
  return { channel: 'news', type: null, data: DATA, acceptedAtNs }
}

function hearing(told: Told): BusReceiver {
  const nothing = (): void => {}
  return {
    begin: nothing,
    receive(events) {
      for (const { message } of events) told(message.acceptedAtNs)
    },
    gap: nothing,
    lost: nothing,
    restored: nothing,
  }
}

/** By the client's own producer and consumer, each in the way that its documentation shows first. */
async function overClient(broker: KafkaBroker, told: Told): Promise<Wire> {
  const common = { clientId: 'bench', bootstrapBrokers: [`127.0.0.1:${broker.port}`] }
  const owner = await openBackplane(broker.url, {
    namespace: 'bench',
    retain: 1,
    routing: 'broadcast',
  })
  const topic = 'rtbench-bench'
  const producer = new Producer(common)
  const consumer = new Consumer({ ...common, groupId: 'bench' })
  const stream = await consumer.consume({ topics: [topic], autocommit: true })
  stream.on('data', ({ value }) => {
    const decoded = decodeMessage(value)
    if (decoded !== null) told(decoded.acceptedAtNs)
  })
  return {
    publish: (acceptedAtNs) =>
      producer.send({
        messages: [{ topic, partition: 0, value: encodeMessage(message(acceptedAtNs)) }],
      }),
    cpuUs: async () => (await owner.read())?.cpuUs ?? null,
    bytes: () => 0,
    async close() {
      await stream.close()
      await consumer.close()
      await producer.close()
      await owner.close()
      await broker.stop()
    },
  }
}
