/** What clients find on several instances that a bus connects, whichever bus it is. */
import assert from 'node:assert/strict'
import { describe, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  BusProxy,
  type BusUnderTest,
  type ServedBus,
  servedTests,
} from '../backplane/backplane.conformance.ts'
import type { Routing } from '../backplane/backplane.ts'
import { seededRandom } from '../measure/random.ts'
import { transports } from '../transports/registry.ts'
import {
  marked,
  PACE,
  RecordingSession,
  span,
  TimerAlarms,
  until,
} from '../transports/session.conformance.ts'
import { subscribed } from '../transports/stage.conformance.ts'
import { TcpProxy } from '../transports/tcp-proxy.conformance.ts'
import type { Target, Transport, VirtualClient } from '../transports/transport.ts'
import { startTestServer, type TestServer } from './reference-server.conformance.ts'

const HISTORIES = 50
const EVENTS = 30
/** A busy machine has other things to do. */
const PATIENCE_MS = 60_000
/** By which one of the instances hears of everything later than the other. */
const LAG_MS = 40

export function testScaleOut(bus: BusUnderTest): void {
  describe(`${bus.name}: several instances`, () => {
    const test = servedTests(bus)

    for (const routing of bus.routings) {
      for (const transport of transports) {
        test(`${transport.name}, ${routing}: a client that is cut and resumes elsewhere while events flow misses nothing and gets nothing twice, ${HISTORIES} times`, (served, context) =>
          resumeElsewhere(context, served, routing, transport))
      }
    }

    for (const transport of transports) {
      test(`${transport.name}: an instance that starts later has what the bus retains, before it answers`, (served, context) =>
        resumeOnNew(context, served, transport))

      test(`${transport.name}: a bus that is killed and started again makes a gap where its store is lost, and none otherwise`, (served, context) =>
        busRestarts(context, served, transport, bus.keepsStore))
    }
  })
}

async function busRestarts(
  context: TestContext,
  bus: ServedBus,
  transport: Transport,
  keepsStore: boolean,
): Promise<void> {
  const start = await startOn(context, bus, 'broadcast')
  const [entry, other] = [await start(), await start()]
  const join = cast(context, transport)
  const session = join('news', other.port)
  await subscribed(session)
  await entry.publish('news', marked(1))
  await until(() => session.sequences.includes(1), 'the first event', PATIENCE_MS)
  await bus.kill()
  await bus.start()
  const isBack = async ({ statistics }: TestServer): Promise<boolean> => {
    const outages = (await statistics()).bus?.outages ?? []
    return outages.length > 0 && outages.every(([, endNs]) => endNs !== null)
  }
  for (const server of [entry, other]) {
    await until(() => isBack(server), 'the bus', PATIENCE_MS)
  }
  await entry.publish('news', marked(2))
  await until(() => session.sequences.includes(2), 'the second event', PATIENCE_MS)
  assert.deepEqual(session.sequences, [1, 2])
  assert.equal(session.gaps, keepsStore ? 0 : 1)
  // Its cursor is one of the store that there is now.
  await entry.publish('news', marked(3))
  await until(() => session.sequences.includes(3), 'the third event', PATIENCE_MS)
  assert.equal(session.gaps, keepsStore ? 0 : 1)
}

let namespaces = 0

/** Starts instances on a bus, all in a namespace of their own; the second hears of all a little later. */
async function startOn(
  context: TestContext,
  bus: ServedBus,
  routing: Routing,
  { logSize = 10_000, lagMs = 0 } = {},
) {
  const namespace = `scale-${process.pid}-${namespaces++}`
  const proxy = lagMs > 0 ? await BusProxy.before(bus.address) : null
  const lagging = proxy === null ? null : bus.at(proxy.address)
  if (proxy !== null) proxy.lagMs = lagMs
  const servers: TestServer[] = []
  context.after(async () => {
    for (const server of servers) await server.drain()
    await proxy?.close()
  })
  return async (): Promise<TestServer> => {
    const url = servers.length === 1 && lagging !== null ? lagging : bus.url
    const server = await startTestServer({
      limits: { holdMs: PACE.holdMs, retryMs: 10 },
      logSize,
      bus: { url, namespace, routing },
    })
    servers.push(server)
    return server
  }
}

/** Clients that a test stops at its end. */
function cast(context: TestContext, transport: Transport) {
  const alarms = new TimerAlarms()
  const clients: VirtualClient[] = []
  context.after(() => {
    for (const client of clients) client.stop()
    alarms.stop()
  })
  return (channel: string, port: number): RecordingSession => {
    const session = new RecordingSession(channel, PACE, alarms)
    const target: Target = {
      ...{ host: '127.0.0.1', port, secure: false },
      ...{ authority: `127.0.0.1:${port}`, basePath: '', token: null },
    }
    const client = transport.open(target, session)
    clients.push(client)
    client.start()
    return session
  }
}

async function resumeElsewhere(
  context: TestContext,
  bus: ServedBus,
  routing: Routing,
  transport: Transport,
): Promise<void> {
  const start = await startOn(context, bus, routing, { lagMs: LAG_MS })
  const servers = [await start(), await start()] as const
  const join = cast(context, transport)
  const history = async (seed: number): Promise<void> => {
    const random = seededRandom(seed, 0)
    const channel = `history${seed}`
    // A publish waits for the bus, and takes longer at the later one.
    const entry = servers[seed % 5 === 0 ? 1 : 0] as TestServer
    let at = random() < 0.5 ? 0 : 1
    const proxy = await TcpProxy.start((servers[at] as TestServer).port)
    context.after(() => proxy.close())
    const session = join(channel, proxy.port)
    await subscribed(session)
    for (let sequence = 1; sequence <= EVENTS; ) {
      const batch = span(sequence, Math.min(EVENTS, sequence + Math.floor(random() * 3)))
      await entry.publish(channel, ...batch.map((one) => marked(one)))
      sequence += batch.length
      if (random() < 0.5) await sleep(random() * LAG_MS)
      if (random() > 0.4) continue
      at = 1 - at
      proxy.upstreamPort = (servers[at] as TestServer).port
      // Also in the middle of an event, and of what comes first.
      if (random() < 0.5) proxy.cut()
      else proxy.cutAfter(Math.floor(random() * 600))
    }
    await until(
      () => session.sequences.includes(EVENTS),
      `the last event of history ${seed}: ${session.sequences}`,
      PATIENCE_MS,
    )
    // What would come twice comes soon.
    await sleep(2 * LAG_MS)
    assert.deepEqual(session.sequences, span(1, EVENTS), `history ${seed}`)
    assert.equal(session.gaps, 0, `history ${seed}`)
  }
  await Promise.all(span(1, HISTORIES).map(history))
}

async function resumeOnNew(
  context: TestContext,
  bus: ServedBus,
  transport: Transport,
): Promise<void> {
  const start = await startOn(context, bus, 'broadcast', { logSize: 20 })
  const first = await start()
  const join = cast(context, transport)
  const proxy = await TcpProxy.start(first.port)
  context.after(() => proxy.close())
  const session = join('news', proxy.port)
  await subscribed(session)
  await first.publish('news', marked(1))
  await until(() => session.sequences.includes(1), 'the first event', PATIENCE_MS)
  const moveTo = async (server: TestServer, meanwhile: () => Promise<void>): Promise<void> => {
    proxy.reception = 'close'
    proxy.cut()
    await meanwhile()
    proxy.upstreamPort = server.port
    proxy.reception = 'forward'
  }
  await moveTo(await start(), () => first.publish('news', marked(2), marked(3)))
  await until(() => session.sequences.includes(3), 'what it missed', PATIENCE_MS)
  assert.deepEqual([session.sequences, session.gaps], [[1, 2, 3], 0])
  // More than the bus retains, before an instance that has nothing of it.
  proxy.reception = 'close'
  proxy.cut()
  for (const sequence of span(4, 43)) await first.publish('news', marked(sequence))
  await moveTo(await start(), () => Promise.resolve())
  await until(() => session.sequences.includes(43), 'the newest event', PATIENCE_MS)
  const kept = session.sequences.slice(3)
  assert.ok(kept.length >= 20 && kept.length < 40, `${kept}`)
  assert.deepEqual(kept, span(44 - kept.length, 43))
  assert.equal(session.gaps, 1)
}
