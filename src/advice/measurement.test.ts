import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Workload } from '../result/advice.ts'
import { transports } from '../transports/registry.ts'
import { measurementsFor, measuringCommand } from './measurement.ts'
import { sampleWorkload } from './question.conformance.ts'

const workload: Workload = { ...sampleWorkload, eventsPerUserPerSecond: 1 }

const cores = 2
const wished = (changes: Partial<Workload>) =>
  measurementsFor({ ...workload, ...changes }, transports, { cores })

describe('what --measure measures', () => {
  it('is around the workload, with several clients, rates and intervals', () => {
    const wishes = wished({})
    const told = wishes.map(({ transport, clients, rate, interval, duration }) =>
      [transport, clients, rate, interval, duration].join(' '),
    )
    assert.deepEqual(told, [
      'long-poll,sse,websocket 1000 0.5 500ms 6s',
      'short-poll 1000 0.5 350ms 6s',
      'long-poll,sse,websocket 500 4 500ms 6s',
      'short-poll 500 4 500ms 6s',
      'long-poll,sse,websocket 250 2.8 500ms 6s',
      'short-poll 250 2.8 250ms 6s',
    ])
    assert.ok(wishes.every(({ channels }) => channels === 'per-client'))
  })

  it('sees heartbeats where events are rare, and enough events for a percentile', () => {
    const wishes = wished({ users: 100, eventsPerUserPerSecond: 0.01 })
    assert.deepEqual(
      wishes.map(({ clients, rate }) => Number((clients * rate).toPrecision(2))),
      [5, 5, 150, 150, 60, 60, 0],
    )
    assert.equal(wishes.at(-1)?.duration, '15s')
  })

  it('is what a machine carries, and lets a poller ask twice at least', () => {
    const wishes = wished({
      users: 1e6,
      wanted: { percentile: 'p50', latencyUs: 30_000_000 },
    })
    // A tenth of the users is near enough; of fewer users 10,000 are.
    assert.equal(Math.max(...wishes.map(({ clients }) => clients)), 100_000)
    const fewer = wished({ users: 50_000 })
    assert.equal(Math.max(...fewer.map(({ clients }) => clients)), 10_000)
    assert.ok(wishes.every(({ clients, rate }) => clients * rate <= cores * 2_000 * 1.01))
    const polled = wishes.filter(({ transport }) => transport === 'short-poll')
    assert.deepEqual(
      polled.map(({ interval, duration }) => `${interval} ${duration}`),
      ['25s 50s', '12.5s 25s', '6.25s 12.5s'],
    )
  })

  it('has the channels and the payload of the workload', () => {
    const wishes = wished({ channels: 100, payloadBytes: 1024, users: 200 })
    assert.deepEqual(
      wishes.map(({ clients, channels }) => `${clients} ${channels}`),
      ['200 100', '200 100', '100 100', '100 100', '50 50', '50 50'],
    )
    assert.ok(wishes.every(({ payload }) => payload === 1024))
  })

  it('is asked for by the question itself', () => {
    assert.equal(
      measuringCommand(workload, 'simple'),
      'rtbench advise --measure --users 1000 --rate 1 --latency 500ms',
    )
    const other: Workload = {
      ...workload,
      ...{ users: 50_000, eventsPerUserPerSecond: 20 / 86_400 },
      wanted: { percentile: 'p95', latencyUs: 2_000_000 },
      ...{ channels: 7, payloadBytes: 1024, clientToServer: 'some' },
      messagesPerUserPerSecond: 0.05,
      ...{ proxies: ['block-upgrades', 'buffer-streams'], browsers: 'any' },
    }
    assert.equal(
      measuringCommand(other, 'cheap'),
      "rtbench advise --measure --users 50000 --events-per-user 20/day --latency 'p95<2s' --channels 7 --payload 1024 --client-to-server 0.05 --proxies block-upgrades,buffer-streams --browsers any --prefer cheap",
    )
  })
})
