import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { NS_PER_MS, nowNs } from '../measure/clock.ts'
import { disruptionOf } from '../scenario/disruption.ts'
import { usualScenario } from '../scenario/usual.conformance.ts'
import { transportNamed } from '../transports/registry.ts'
import { Disruptions, disruptionsOf, type Made } from './disruptions.ts'
import type { Disrupted } from './heard.ts'
import type { DisruptOrder, Outage } from './messages.ts'
import type { InstanceControl, RunOrder } from './run-order.ts'
import { chosen } from './shard.ts'

const TARGET = {
  host: '127.0.0.1',
  port: 1,
  secure: false,
  authority: '',
  basePath: '',
  token: null,
}

/** A run of three instances, whose disruptions are written down rather than made. */
function stage(disruptions: readonly string[], changes: Partial<RunOrder> = {}) {
  const said: string[] = []
  const instances: InstanceControl = {
    kill: async (instance) => void said.push(`kill ${instance}`),
    revive: async (instance) => void said.push(`revive ${instance}`),
    freeze: (instance) => {
      said.push(`freeze ${instance}`)
      return () => said.push(`thaw ${instance}`)
    },
    leave: async (instance, withinMs) => {
      said.push(`leave ${instance} within ${withinMs}`)
      return 7
    },
    restartBus: async (downMs) => void said.push(`restart after ${downMs}`),
    part: async (instance) => {
      said.push(`part ${instance}`)
      return () => said.push(`join ${instance}`)
    },
  }
  const orders: DisruptOrder[] = []
  const swarm = {
    async disrupt(order: DisruptOrder): Promise<readonly Disrupted[]> {
      orders.push(order)
      return [
        { index: order.index, clients: Uint32Array.of(1, 4), ports: Uint32Array.of(11, 14) },
        { index: order.index, clients: Uint32Array.of(7), ports: Uint32Array.of(17) },
      ]
    },
  }
  const order: RunOrder = {
    transport: transportNamed('sse'),
    scenario: { ...usualScenario, clients: 10, seed: 1, disruptions },
    repetition: 1,
    targets: [TARGET, TARGET, TARGET],
    workers: 1,
    sharedWithServer: true,
    signal: new AbortController().signal,
    instances,
    onProgress: () => {},
    onServerLost: () => {},
    ...changes,
  }
  return { said, orders, disruptions: new Disruptions(order, swarm) }
}

test('each is made at its time and undone, at the instance that the seed chooses', async () => {
  const made = async () => {
    const { said, disruptions } = stage([
      'kill-instance=20ms@0',
      'stop-instance=20ms@60ms',
      'drain=20ms@120ms',
      'partition=20ms@180ms',
      'restart-backplane@240ms',
    ])
    disruptions.begin({ startNs: nowNs() })
    while (disruptions.made.length < 5) await sleep(5)
    await disruptions.stop()
    return { said, made: disruptions.made }
  }
  const [one, other] = [await made(), await made()]
  const words = one.said.map((line) => line.replace(/ [012](?= |$)(?<!after [012])/, ''))
  assert.deepEqual(words, [
    ...['kill', 'revive', 'freeze', 'thaw', 'leave within 20', 'part', 'join'],
    'restart after 0',
  ])
  assert.deepEqual(one.said, other.said)
  const [kill] = one.made
  assert.equal(kill?.hit, [4, 3, 3][kill?.instance ?? 0])
  assert.ok((kill?.toNs ?? 0) - (kill?.fromNs ?? 0) >= 15 * NS_PER_MS)
})

test('what lasts is undone when the run ends, and what is to come is not made', async () => {
  const { said, disruptions } = stage(['stop-instance=1h@0', 'kill-instance@1h'])
  disruptions.begin({ startNs: nowNs() })
  while (said.length < 1) await sleep(5)
  await disruptions.stop()
  assert.match(said.join(), /^freeze (\d),thaw \1$/)
})

test('connections are cut by the workers, and told to what lets them go silent', async () => {
  const opened: number[][] = []
  const blackhole = {
    means: 'test',
    targets: null,
    open: async (ports: Iterable<number>) => {
      opened.push([...ports])
      return async () => void opened.push([])
    },
    cpuUs: () => null,
  }
  const { orders, disruptions } = stage(['cut=30%/fin@0', 'blackhole=20%/10ms@0'], { blackhole })
  disruptions.begin({ startNs: nowNs() })
  while (opened.length < 2) await sleep(5)
  await disruptions.stop()
  assert.deepEqual(
    orders.map(({ index, share, way }) => [index, share, way]),
    [
      [0, 0.3, 'fin'],
      [1, 0.2, null],
    ],
  )
  assert.deepEqual(opened, [[11, 14, 17], []])
  for (const { hit, meets } of disruptions.made) {
    assert.equal(hit, 3)
    assert.deepEqual([1, 2, 7].map(meets), [true, false, true])
  }
})

test('what cannot be made is said, and nothing else suffers', async () => {
  const { disruptions } = stage(['kill-instance@0', 'cut=10%@0'], { instances: null })
  disruptions.begin({ startNs: nowNs() })
  while (disruptions.made.length < 2) await sleep(5)
  await disruptions.stop()
  const [killed, cut] = ['kill-instance', 'cut'].map((kind) =>
    disruptions.made.find(({ disruption }) => disruption.kind === kind),
  )
  assert.deepEqual([killed?.problem, cut?.problem], ['there are no instances of its own', null])
})

function made(written: string, fromMs: number, changes: Partial<Made> = {}): Made {
  const disruption = disruptionOf(written)
  return {
    ...{ written, disruption, fromNs: fromMs * NS_PER_MS, toNs: null, instance: null, hit: 2 },
    ...{ meets: () => true, problem: null },
    ...changes,
  }
}

function outage(client: number, noticedMs: number, backMs: number | null, cause = 'x'): Outage {
  return {
    ...{ client, cause, attempts: 1, bytes: null, noticedAtNs: noticedMs * NS_PER_MS },
    backAtNs: backMs === null ? null : backMs * NS_PER_MS,
  }
}

test('a lost connection is of the latest disruption that can have met it', () => {
  const told = disruptionsOf(
    [
      made('cut=20%@2s', 3_000, { meets: (client) => client < 2 }),
      made('kill-instance@1s', 2_000, { toNs: 2_500 * NS_PER_MS, instance: 1 }),
    ],
    [
      outage(0, 1_500, 1_600),
      outage(0, 2_010, 2_200, 'closed'),
      outage(1, 3_001, 3_101, 'ECONNRESET'),
      outage(5, 3_002, null, 'closed'),
    ],
    { startNs: 1_000 * NS_PER_MS, endNs: 9_000 * NS_PER_MS },
  )
  assert.deepEqual(
    told.map(({ what, fromMs, toMs, causes, noticed, back, attempts }) => ({
      what,
      span: [fromMs, toMs],
      causes,
      noticed: [noticed.count, noticed.maxUs],
      back: [back.count, back.maxUs],
      attempts,
    })),
    [
      {
        what: 'kill-instance@1s',
        span: [1_000, 1_500],
        causes: { closed: 2 },
        noticed: [2, 1_002_000],
        back: [1, 200_000],
        attempts: 2,
      },
      {
        what: 'cut=20%@2s',
        span: [2_000, null],
        causes: { ECONNRESET: 1 },
        noticed: [1, 1_000],
        back: [1, 101_000],
        attempts: 1,
      },
    ],
  )
})

test('a share of the clients is exact, the same by the seed, and another one each time', () => {
  const one = chosen(1_000, 0.3, 7, 0)
  assert.equal(new Set(one).size, 300)
  assert.deepEqual(chosen(1_000, 0.3, 7, 0), one)
  assert.notDeepEqual(chosen(1_000, 0.3, 7, 1), one)
  assert.notDeepEqual(chosen(1_000, 0.3, 8, 0), one)
  assert.deepEqual(chosen(3, 1, 7, 0), [0, 1, 2])
  assert.equal(chosen(3, 0.01, 7, 0).length, 1)
})
