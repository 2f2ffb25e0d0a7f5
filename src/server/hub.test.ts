import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Backplane, BusMessage, BusReceiver, ChannelRouting } from '../backplane/backplane.ts'
import type { Clock } from '../measure/clock.ts'
import type { Publication, PublishedEvent, Subscriber } from '../transports/transport.ts'
import { EventLog } from './event-log.ts'
import { EventHub, FanOutMeter } from './hub.ts'
import { DEFAULT_LIMITS } from './reference-server.ts'

function publication(channel: string, data: string): Publication {
  return { channel, type: null, data }
}

function hubOn(clock?: Clock): EventHub {
  return new EventHub(new EventLog(100), DEFAULT_LIMITS, clock)
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

  missed(afterId: string): void {
    this.data.push(`missed after ${afterId}`)
  }
}

test('delivers to the subscribers of a channel, in order', async () => {
  const hub = hubOn()
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
  const hub = hubOn()
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
  const hub = hubOn()
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
  const hub = hubOn()
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

test('measures from the acceptance until the write begins, mean and span', async () => {
  let ms = 0
  const clock = (): number => ms * 1e6
  const hub = hubOn(clock)
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
  const hub = hubOn(() => ms * 1e6)
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

/** A bus that brings what it is told to, and takes what is published. */
class Bus implements Backplane {
  receiver: BusReceiver | null = null
  readonly published: BusMessage[] = []
  readonly account = { published: 0, received: 0, bytesOut: 0, bytesIn: 0 }
  readonly channels: ChannelRouting | null

  constructor(channels: ChannelRouting | null = null) {
    this.channels = channels
  }

  join(receiver: BusReceiver): Promise<void> {
    this.receiver = receiver
    receiver.begin('one', 0)
    return Promise.resolve()
  }

  publish(messages: readonly BusMessage[]): Promise<void> {
    this.published.push(...messages)
    return messages.some(({ data }) => data === 'refused')
      ? Promise.reject(new Error('down'))
      : Promise.resolve()
  }

  /** Brings an event a position, from one on. */
  bring(channel: string, from: number, ...data: readonly string[]): void {
    this.receiver?.receive(
      data.map((one, index) => ({
        position: from + index,
        message: { ...publication(channel, one), acceptedAtNs: 5_000_001 },
      })),
    )
  }

  read(): Promise<null> {
    return Promise.resolve(null)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

const deaf = { begun() {}, received() {}, gap() {}, lost() {}, restored() {} }

async function hubOnBus(bus: Bus, clock?: Clock): Promise<EventHub> {
  const hub = hubOn(clock)
  await hub.join(bus, deaf)
  return hub
}

test('on a bus, all is published there with its time, and comes from there alone', async () => {
  const bus = new Bus()
  const hub = await hubOnBus(bus, () => 7_000)
  const recorder = new Recorder()
  hub.subscribe('a', recorder)
  await hub.publish([publication('a', '1')])
  assert.deepEqual(bus.published, [{ ...publication('a', '1'), acceptedAtNs: 7_000 }])
  assert.deepEqual(recorder.data, [])
  bus.bring('a', 1, '1', '2')
  assert.deepEqual(recorder.data, ['1', '2'])
  await assert.rejects(hub.publish([publication('a', 'refused')]), /down/)
})

test('on a bus, an id is valid on every instance', async () => {
  const [one, other] = [new Bus(), new Bus()]
  const [here, there] = [await hubOnBus(one), await hubOnBus(other)]
  const beginning = here.lastEventId
  assert.equal(there.lastEventId, beginning)
  one.bring('a', 1, '1', '2', '3')
  other.bring('a', 1, '1', '2')
  const { events } = here.replay(['a'], beginning, 1_000)
  const [first, , third] = events.map(({ id }) => id)
  assert.match(third ?? '', /^rtbi_00000000005000_001_one_000000003_$/)
  const dataAfter = (id = ''): readonly string[] =>
    there.replay(['a'], id, 1_000).events.map(({ data }) => data)
  assert.deepEqual(dataAfter(first), ['2'])
  // Of an instance that was further: nothing for now, and no gap.
  assert.deepEqual(there.replay(['a'], third ?? '', 1_000), {
    events: [],
    gap: false,
    isWhole: true,
  })
  assert.equal(there.cursorFrom(third ?? ''), third)
  assert.equal(there.cursorFrom(first ?? ''), there.lastEventId)
  assert.equal(there.cursorFrom(null), there.lastEventId)
  other.bring('a', 3, '3', '4')
  const [late, fresh] = there.replay(['a'], first ?? '', 1_000).events.slice(1)
  assert.ok(late !== undefined && fresh !== undefined)
  assert.deepEqual(
    [late, fresh].map((event) => there.precedes(event, third ?? '')),
    [true, false],
  )
  assert.deepEqual(dataAfter(third), ['4'])
})

test('on a bus, a gap and a new store are told to who is connected, and to who resumes', async () => {
  const bus = new Bus()
  const hub = await hubOnBus(bus)
  const recorder = new Recorder()
  for (const channel of ['a', 'b']) hub.subscribe(channel, recorder)
  bus.bring('a', 1, '1')
  const first = hub.lastEventId
  bus.receiver?.gap(10)
  const afterGap = hub.lastEventId
  bus.bring('a', 11, '2')
  assert.deepEqual(recorder.data.splice(0), ['1', `missed after ${first}`, '2'])
  for (const [id, gap] of [
    [first, true],
    [afterGap, false],
  ] as const) {
    const replay = hub.replay(['a'], id, 1_000)
    assert.deepEqual([replay.events.map(({ data }) => data), replay.gap], [['2'], gap])
    assert.equal(hub.replay(['b'], id, 1_000).gap, gap)
  }
  const last = hub.lastEventId
  bus.receiver?.begin('two', 3)
  bus.bring('a', 4, '3')
  assert.deepEqual(recorder.data, [`missed after ${last}`, '3'])
  for (const id of [first, afterGap, last]) {
    const replay = hub.replay(['a'], id, 1_000)
    assert.deepEqual([replay.events.map(({ data }) => data), replay.gap], [['3'], true])
  }
  assert.equal(hub.replay(['a'], hub.lastEventId, 1_000).gap, false)
})

test('by channel, a hub enters what is asked for, once, and leaves what nobody wants any more', async () => {
  const asked: string[] = []
  let enter: (lostUpTo: number) => void = () => {}
  let refuse: (error: Error) => void = () => {}
  const bus = new Bus({
    enter: (channel) => {
      asked.push(`enter ${channel}`)
      return new Promise((resolve, reject) => {
        enter = resolve
        refuse = reject
      })
    },
    leave: (channel) => asked.push(`leave ${channel}`),
  })
  const hub = await hubOnBus(bus)
  const beginning = hub.lastEventId
  const entering = [hub.enter(['a']), hub.enter(['a'])]
  bus.bring('a', 5, 'retained')
  enter(4)
  await Promise.all(entering)
  assert.equal(hub.enter(['a']), null)
  assert.deepEqual(asked.splice(0), ['enter a'])
  // What it retained is here, and that it lost some before.
  const replay = hub.replay(['a'], beginning, 1_000)
  assert.deepEqual([replay.events.map(({ data }) => data), replay.gap], [['retained'], true])
  // Who was refused may ask again.
  const refused = hub.enter(['b'])
  refuse(new Error('down'))
  await assert.rejects(refused ?? Promise.resolve(), /down/)
  const again = hub.enter(['b'])
  enter(0)
  await again
  assert.deepEqual(asked, ['enter b', 'enter b'])
})
