import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import fc from 'fast-check'
import {
  audience,
  channelOf,
  entryOf,
  expectedOf,
  instanceOf,
  instancesOf,
  placeOf,
  probeClient,
  roomOf,
  senderOf,
  shardOf,
  streamOf,
  streamsHeard,
  streamsOf,
  type Workload,
} from './run-order.ts'

const workload: fc.Arbitrary<Workload> = fc
  .record({
    clients: fc.integer({ min: 1, max: 200 }),
    channelShare: fc.integer({ min: 1, max: 200 }),
    instances: fc.integer({ min: 1, max: 12 }),
    run: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  })
  .map(({ clients, channelShare, instances, run }) => ({
    clients,
    channels: Math.min(clients, channelShare),
    instances,
    run,
  }))

function clientsOf(workload: Workload): number[] {
  return Array.from({ length: workload.clients }, (_, client) => client)
}

describe("the probe's client", () => {
  it('is none of the swarm, and hears what one of it hears, from the last instance', () => {
    fc.assert(
      fc.property(workload, (workload) => {
        const probe = probeClient(workload)
        if (probe === null) {
          assert.equal(workload.channels, workload.clients)
          return
        }
        assert.ok(workload.channels < workload.clients && probe >= workload.clients)
        const twins = clientsOf(workload).filter(
          (client) =>
            channelOf(workload, client) === channelOf(workload, probe) &&
            instanceOf(workload, client) === instanceOf(workload, probe),
        )
        assert.ok(twins.length > 0)
        const last = Math.min(workload.instances, workload.clients) - 1
        assert.equal(instanceOf(workload, probe), last)
      }),
    )
  })
})

describe('shards', () => {
  it('hold every client once, and differ by one at the most', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 40 }),
        (clients, workers) => {
          let end = 0
          const sizes: number[] = []
          for (let worker = 0; worker < workers; worker++) {
            const shard = shardOf(clients, workers, worker)
            assert.equal(shard.first, end)
            end = shard.end
            sizes.push(shard.end - shard.first)
          }
          assert.equal(end, clients)
          assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1)
        },
      ),
    )
  })

  it('give the remainder to the first workers', () => {
    assert.deepEqual(
      [0, 1, 2].map((worker) => shardOf(11, 3, worker)),
      [
        { first: 0, end: 4 },
        { first: 4, end: 8 },
        { first: 8, end: 11 },
      ],
    )
  })
})

describe('a workload', () => {
  it('knows the instances and the audience of a channel as one who asks every client', () => {
    fc.assert(
      fc.property(workload, (workload) => {
        for (let channel = 0; channel < workload.channels; channel++) {
          const listeners = clientsOf(workload).filter(
            (client) => channelOf(workload, client) === channel,
          )
          const instances = new Set(listeners.map((client) => instanceOf(workload, client)))
          assert.equal(audience(workload, channel), listeners.length)
          const told = instancesOf(workload, channel)
          assert.deepEqual([...told].sort(), [...instances].sort())
          assert.equal(new Set(told).size, told.length)
        }
      }),
    )
  })

  it('has a listener for every channel and a channel for every client', () => {
    fc.assert(
      fc.property(workload, (workload) => {
        const heard = new Set(clientsOf(workload).map((client) => channelOf(workload, client)))
        assert.equal(heard.size, workload.channels)
        assert.ok([...heard].every((channel) => channel < workload.channels))
      }),
    )
  })
})

describe('what a shard is owed', () => {
  it('is the events of the channels of its clients', () => {
    const of = { clients: 5, channels: 3, instances: 1, run: 1 }
    // Channel 0 has 2 events, channel 1 none, channel 2 a single one.
    const published = { first: Uint32Array.of(4, 0, 7), last: Uint32Array.of(5, 3, 7) }
    assert.equal(expectedOf(of, { first: 0, end: 5 }, published), 2 + 0 + 1 + 2 + 0)
    assert.equal(expectedOf(of, { first: 1, end: 3 }, published), 1)
  })
})

test('a channel enters one instance, and where that is says nothing of where its clients are', () => {
  for (const instances of [2, 3, 5]) {
    for (const channels of [100, 900]) {
      const workload = { clients: 900, channels, instances, run: 1 }
      let here = 0
      for (let client = 0; client < workload.clients; client++) {
        const entry = entryOf(workload, channelOf(workload, client))
        assert.ok(entry < instances)
        if (entry === instanceOf(workload, client)) here++
      }
      assert.ok(Math.abs(here / workload.clients - 1 / instances) < 0.01, `${here}`)
    }
  }
})

describe('streams', () => {
  it('are one of the channel and one of each member, each with a place of its own, and no two of a place', () => {
    fc.assert(
      fc.property(workload, (push) => {
        const chat = { ...push, speaks: true }
        const probe = probeClient(chat)
        for (const client of [...clientsOf(chat), ...(probe === null ? [] : [probe])]) {
          const streams = [...streamsOf(chat, client)]
          const members = clientsOf(chat).filter(
            (one) => channelOf(chat, one) === channelOf(chat, client),
          )
          assert.deepEqual(
            streams.map((stream) => senderOf(chat, stream)).filter((sender) => sender >= 0),
            members,
          )
          assert.ok(streams.every((stream) => roomOf(chat, stream) === channelOf(chat, client)))
          const places = streams.map((stream) => placeOf(chat, stream))
          assert.equal(new Set(places).size, streams.length)
          assert.ok(places.every((place) => place >= 0 && place < streamsHeard(chat)))
        }
        assert.equal(roomOf(chat, streamOf(chat, chat.clients)), -1)
      }),
    )
  })

  it('are the channel alone where nobody speaks, and no other number is one', () => {
    fc.assert(
      fc.property(workload, fc.nat(500), (push, number) => {
        assert.deepEqual([...streamsOf(push, 0)], [0])
        assert.deepEqual([streamsHeard(push), roomOf(push, number)], [1, number])
      }),
    )
  })
})
