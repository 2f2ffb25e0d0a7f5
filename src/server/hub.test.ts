import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Backplane, openBackplane } from '../backplane/in-process.ts'
import type { Clock } from '../measure/clock.ts'
import type { Publication, PublishedEvent, Subscriber } from '../transports/transport.ts'
import { EventLog } from './event-log.ts'
import { EventHub, FanOutMeter } from './hub.ts'
import { DEFAULT_LIMITS } from './reference-server.ts'

function publication(channel: string, data: string): Publication {
  return { channel, type: null, data }
}

async function hubOn(
  backplane: Backplane<Publication> = openBackplane('memory'),
  clock?: Clock,
): Promise<EventHub> {
  const hub = new EventHub(new EventLog(100), backplane, DEFAULT_LIMITS, clock)
  await hub.join()
  return hub
}

/** Keeps what is delivered, and does something at each delivery. */
class Recorder implements Subscriber {
  readonly data: string[] = []
  readonly #then: (event: PublishedEvent) => void

  constructor(then: (event: PublishedEvent) => void = () => {}) {
    this.#then = then
  }

  deliver(event: PublishedEvent): void {
    this.data.push(event.data)
    this.#then(event)
  }
}

test('delivers to the subscribers of a channel, in order', async () => {
  const hub = await hubOn()
  const [a, b, both] = [new Recorder(), new Recorder(), new Recorder()]
  hub.subscribe('a', a)
  hub.subscribe('b', b)
  for (const channel of ['a', 'b']) hub.subscribe(channel, both)
  await hub.publish([publication('a', '1'), publication('b', '2'), publication('c', '3')])
  await hub.publish([publication('a', '4')])
  assert.deepEqual([a.data, b.data, both.data], [['1', '4'], ['2'], ['1', '2', '4']])
  assert.equal(hub.published, 4)
})

test('delivers once to who subscribed twice, and not to who left', async () => {
  const hub = await hubOn()
  const [twice, gone] = [new Recorder(), new Recorder()]
  for (const _ of [1, 2]) hub.subscribe('a', twice)
  hub.subscribe('a', gone)
  hub.unsubscribe('a', gone)
  hub.unsubscribe('a', gone)
  hub.unsubscribe('never', gone)
  await hub.publish([publication('a', '1')])
  hub.unsubscribe('a', twice)
  await hub.publish([publication('a', '2')])
  hub.subscribe('a', twice)
  await hub.publish([publication('a', '3')])
  assert.deepEqual([twice.data, gone.data], [['1', '3'], []])
})

test('has a whole batch in the log before its first delivery', async () => {
  const hub = await hubOn()
  const { lastEventId } = hub
  const seen: string[][] = []
  const subscriber = new Recorder(() => {
    seen.push(hub.replay(['a'], lastEventId, 1_000).events.map(({ data }) => data))
  })
  hub.subscribe('a', subscriber)
  await hub.publish([publication('a', '1'), publication('a', '2')])
  assert.deepEqual(seen, [
    ['1', '2'],
    ['1', '2'],
  ])
})

test('who leaves at a delivery takes none away from the others', async () => {
  const hub = await hubOn()
  const once: Recorder[] = [1, 2, 3].map(() => {
    const recorder: Recorder = new Recorder(() => hub.unsubscribe('a', recorder))
    return recorder
  })
  for (const recorder of once) hub.subscribe('a', recorder)
  await hub.publish([publication('a', '1'), publication('a', '2')])
  assert.deepEqual(
    once.map(({ data }) => data),
    [['1'], ['1'], ['1']],
  )
})

test('hubs on one backplane deliver the same', async () => {
  const backplane = openBackplane<Publication>('memory')
  const hubs = await Promise.all([hubOn(backplane), hubOn(backplane)])
  const recorders = hubs.map((hub) => {
    const recorder = new Recorder()
    hub.subscribe('a', recorder)
    return recorder
  })
  for (const [index, hub] of [...hubs, ...hubs].entries()) {
    await hub.publish([publication('a', `${index}`)])
  }
  assert.deepEqual(
    recorders.map(({ data }) => data),
    [
      ['0', '1', '2', '3'],
      ['0', '1', '2', '3'],
    ],
  )
})

test('measures from the acceptance until the write begins, mean and span', async () => {
  let ms = 0
  const clock = (): number => ms * 1e6
  const hub = await hubOn(undefined, clock)
  const write = (): void => {
    ms += 10
  }
  for (const channel of ['a', 'a', 'a', 'b']) hub.subscribe(channel, new Recorder(write))
  await hub.publish([publication('a', '1'), publication('nobody', '2'), publication('b', '3')])
  // Written from 0, 10 and 20 ms on; the second one waited for the first one's receivers.
  const { waitedUs, events, spanP99Us, spanMaxUs } = hub.fanOut.read()
  assert.deepEqual([waitedUs, events], [(0 + 10 + 20 + 30) * 1000, 2])
  for (const spanUs of [spanP99Us, spanMaxUs]) assert.ok(Math.abs(spanUs - 30_000) <= 300)
  // The next one waits for nobody.
  await hub.publish([publication('b', '4')])
  assert.equal(hub.fanOut.read().waitedUs, 60_000)
})

test('counts who leaves at the delivery, as a poll does', async () => {
  let ms = 0
  const hub = await hubOn(undefined, () => ms * 1e6)
  for (const _ of [1, 2]) {
    const poll: Recorder = new Recorder(() => {
      ms += 1
      hub.unsubscribe('a', poll)
    })
    hub.subscribe('a', poll)
  }
  await hub.publish([publication('a', '1'), publication('a', '2')])
  const { waitedUs, events } = hub.fanOut.read()
  assert.deepEqual([waitedUs, events], [1_000, 1])
})

test('rejects what the backplane does not take, and delivers nothing of it', async () => {
  const failing: Backplane<Publication> = {
    publish: () => Promise.reject(new Error('down')),
    subscribe: () => Promise.resolve(),
  }
  const hub = await hubOn(failing)
  const recorder = new Recorder()
  hub.subscribe('a', recorder)
  await assert.rejects(hub.publish([publication('a', '1')]), /down/)
  assert.deepEqual([recorder.data, hub.published], [[], 0])
})

const MS = 1e6

test('takes receivers to be written to evenly, one after the other', () => {
  for (const [receivers, meanMs] of [
    [1, 0],
    [2, 2],
    [4, 3],
  ] as const) {
    const meter = new FanOutMeter()
    meter.book(receivers, 0, 0, 8 * MS)
    assert.equal(meter.read().waitedUs / receivers, meanMs * 1000)
  }
})

test('counts the wait before the first receiver in the mean, and not in the span', () => {
  const meter = new FanOutMeter()
  meter.book(3, 1 * MS, 5 * MS, 6 * MS)
  const { waitedUs, spanMaxUs } = meter.read()
  assert.equal(waitedUs, 3 * 4_000 + 1_000)
  assert.ok(Math.abs(spanMaxUs - 1_000) <= 10)
})

test('sums up since the start, and has spans since the last reset', () => {
  const meter = new FanOutMeter()
  assert.deepEqual(meter.read(), { waitedUs: 0, events: 0, spanP99Us: 0, spanMaxUs: 0 })
  for (let event = 1; event <= 1000; event++) meter.book(3, 0, 0, event * MS)
  const { waitedUs, events, spanP99Us, spanMaxUs } = meter.read()
  assert.deepEqual([waitedUs, events], [500_500_000, 1000])
  assert.ok(Math.abs(spanP99Us / 990_000 - 1) < 0.02, `${spanP99Us}`)
  assert.ok(Math.abs(spanMaxUs / 1_000_000 - 1) < 0.02, `${spanMaxUs}`)
  meter.reset()
  meter.book(1, 0, 0, 0)
  const { spanMaxUs: afterwards, ...rest } = meter.read()
  assert.ok(afterwards <= 1)
  assert.deepEqual([rest.waitedUs, rest.events], [500_500_000, 1])
})

test('takes a span beyond its largest', () => {
  const meter = new FanOutMeter()
  meter.book(1, 0, 0, 1e18)
  assert.equal(meter.read().events, 1)
})
