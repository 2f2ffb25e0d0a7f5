import assert from 'node:assert/strict'
import { before, describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ownTarget } from '../../experiment/plan.ts'
import { NS_PER_MS, nowNs } from '../../measure/clock.ts'
import { prepareHistograms } from '../../measure/histogram.ts'
import type { Run } from '../../result/document.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import type { ServerStatistics } from '../../server/statistics.ts'
import { Delivery, DeliveryAudit } from '../../swarm/deliveries.ts'
import type { WorkerPlan } from '../../swarm/messages.ts'
import { Publisher } from '../../swarm/publisher.ts'
import { Shard } from '../../swarm/shard.ts'
import { loadAlone } from '../../swarm/window.ts'
import { transportNamed, transports } from '../../transports/registry.ts'
import type { Open, Session } from '../../transports/transport.ts'
import { measure, type OracleServer, ownServer, SEED } from './own-server.conformance.ts'

type Found = Pick<
  Run['delivery'],
  'published' | 'expected' | 'delivered' | 'lost' | 'duplicates' | 'outOfOrder'
>

/**
 * The audit must say what the server says of itself, to the last event, each of them missed or had
 * twice by every client of its channel.
 */
function assertAccount(found: Found, server: ServerStatistics, audience = 1): void {
  const { faults } = server
  assert.ok(faults !== null)
  const { dropped, duplicated, swapped, waiting } = faults
  assert.ok(Math.min(dropped, duplicated, swapped) >= 3, JSON.stringify(faults))
  const { published, expected, delivered, lost, duplicates, outOfOrder } = found
  assert.equal(server.published, published - dropped - waiting + duplicated, 'published')
  assert.equal(expected, published * audience, 'expected')
  assert.equal(lost, (dropped + waiting) * audience, 'lost')
  assert.equal(delivered, expected - lost, 'delivered')
  assert.equal(duplicates, duplicated * audience, 'duplicates')
  assert.equal(outOfOrder, swapped * audience, 'out of order')
}

const QUIET_MS = 400

/** What is lost never comes: the wait for it ends when the server has nothing more to log. */
async function quiet(server: OracleServer): Promise<void> {
  let published = -1
  for (;;) {
    const now = (await server.statistics()).published
    if (now === published) return
    published = now
    await sleep(QUIET_MS)
  }
}

interface Faulty {
  readonly run: Run
  readonly statistics: ServerStatistics
}

async function measureFaulty(
  context: TestContext,
  transport: string,
  faults: string,
  changes: Partial<Scenario>,
): Promise<Faulty> {
  const server = await ownServer(context, faults)
  const order = {
    transport,
    port: server.port,
    onPhase: (phase: string, end: () => void) => {
      if (phase === 'drain') void quiet(server).then(end)
    },
  }
  const run = await measure(order, changes)
  return { run, statistics: await server.statistics() }
}

describe("a faulty server's account", { concurrency: 3 }, () => {
  before(prepareHistograms)

  for (const { name } of transports) {
    it(`is the audit's over ${name}`, async (context) => {
      const faults = 'drop=1/500,duplicate=1/250,swap=1/100'
      const load = { clients: 100, rate: 40, durationMs: 1_000 }
      const { run, statistics } = await measureFaulty(context, name, faults, load)
      assertAccount(run.delivery, statistics)
      const { delivered, expected, reach } = run.delivery
      assert.deepEqual([run.latency.count, reach], [delivered, delivered / expected])
    })

    it(`is the audit's over ${name} for each client of a broadcast`, async (context) => {
      const faults = 'drop=1/20,duplicate=1/20,swap=1/20,delay=20ms/10%'
      const load = { clients: 30, channels: 1, rate: 200, durationMs: 1_000 }
      const { run, statistics } = await measureFaulty(context, name, faults, load)
      assertAccount(run.delivery, statistics, 30)
      assert.ok((statistics.faults?.delayed ?? 0) > 10)
    })
  }
})

const CLIENTS = 20
const PAYLOAD_BYTES = 128

/**
 * The whole instrument in this process, so that a part of it can be broken.
 *
 * @param forgets deliveries that it will never count, and that are not waited for
 */
async function measureHere(
  context: TestContext,
  altered: (open: Open) => Open = (open) => open,
  forgets = 0,
): Promise<{ found: Found; statistics: ServerStatistics }> {
  const server = await ownServer(context, 'drop=1/20,duplicate=1/20,swap=1/20')
  const targets = [ownTarget([server.port])]
  const workload = { clients: CLIENTS, channels: CLIENTS, instances: 1, run: 1 }
  const plan: WorkerPlan = {
    worker: 0,
    sendRate: 0,
    transport: 'websocket',
    engine: 'lean',
    asks: false,
    slotMs: null,
    workload,
    first: 0,
    end: CLIENTS,
    targets,
    pace: { intervalMs: 100, holdMs: 30_000, rate: 0, timeoutMs: 10_000, backoff: 'full-jitter' },
    payloadBytes: PAYLOAD_BYTES,
    givesWay: false,
    sharesHost: false,
    rampUpMs: null,
    connecting: CLIENTS,
    loadAfterMs: 0,
    loadBeforeMs: 0,
    arrivals: 'poisson',
    seed: SEED,
  }
  const shard = await new Promise<Shard>((resolve) => {
    const owner = {
      onSamplesFull: () => {},
      onRamped: () => resolve(ramping),
      onSpoken: () => {},
    }
    const ramping = new Shard(plan, altered(transportNamed(plan.transport).open), owner)
    ramping.start()
  })
  context.after(() => shard.stop())
  const load = { arrivals: 'poisson', rate: 40, payloadBytes: PAYLOAD_BYTES, seed: SEED } as const
  const startNs = nowNs() + 50 * NS_PER_MS
  shard.window = { startNs, endNs: startNs + 500 * NS_PER_MS }
  const publisher = new Publisher({ workload, targets, ...load })
  const { published, first, last } = await publisher.publish(loadAlone(startNs, shard.window))
  const statistics = await server.statistics()
  const owed = statistics.published - forgets
  for (let step = 0; step < 250 && shard.counts.deliveries < owed; step++) {
    await sleep(20)
  }
  return { found: { published, ...shard.settle({ first, last }), ...shard.audited }, statistics }
}

/** Of all deliveries the fiftieth is read and forgotten. */
function forgetful(open: Open): Open {
  let count = 0
  return (target, session) => {
    const { received } = session
    const forgetting = (...args: Parameters<Session['received']>): number =>
      ++count === 50 ? 1 : received.apply(session, args)
    return open(target, Object.assign(session, { received: forgetting }))
  }
}

/** Puts what another verdict should be in its place. */
function misjudge(context: TestContext, verdict: Delivery, instead: Delivery): void {
  const { observe } = DeliveryAudit.prototype
  context.mock.method(
    DeliveryAudit.prototype,
    'observe',
    function (this: DeliveryAudit, client: number, sequence: number): Delivery {
      const found = observe.call(this, client, sequence)
      return found === verdict ? instead : found
    },
  )
}

describe('an audit', () => {
  before(prepareHistograms)

  it('that is sound agrees with the server', async (context) => {
    const { found, statistics } = await measureHere(context)
    assertAccount(found, statistics)
  })

  it('that forgets one delivery is caught', async (context) => {
    const { found, statistics } = await measureHere(context, forgetful, 1)
    assert.throws(() => assertAccount(found, statistics), /lost|duplicates|out of order/)
  })

  for (const [what, verdict, instead, caughtBy] of [
    ['takes duplicates for deliveries', Delivery.duplicate, Delivery.inOrder, /delivered/],
    ['takes duplicates for disorder', Delivery.duplicate, Delivery.outOfOrder, /delivered/],
    ['sees no disorder', Delivery.outOfOrder, Delivery.inOrder, /out of order/],
    ['takes disorder for duplicates', Delivery.outOfOrder, Delivery.duplicate, /delivered/],
  ] as const) {
    it(`that ${what} is caught`, async (context) => {
      misjudge(context, verdict, instead)
      const { found, statistics } = await measureHere(context)
      assert.throws(() => assertAccount(found, statistics), caughtBy)
    })
  }

  it('that looks for losses behind the last delivery only is caught', async (context) => {
    const { observe } = DeliveryAudit.prototype
    const highest = new Map<number, number>()
    context.mock.method(
      DeliveryAudit.prototype,
      'observe',
      function (this: DeliveryAudit, client: number, sequence: number): Delivery {
        highest.set(client, Math.max(sequence, highest.get(client) ?? 0))
        return observe.call(this, client, sequence)
      },
    )
    context.mock.method(
      DeliveryAudit.prototype,
      'missing',
      (client: number, _first: number, last: number) => last - (highest.get(client) ?? 0),
    )
    const { found, statistics } = await measureHere(context)
    assert.throws(() => assertAccount(found, statistics), /lost/)
  })
})
