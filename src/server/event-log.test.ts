import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import type { PublishedEvent } from '../transports/transport.ts'
import { formatEventId, parseEventId } from '../wire/mark.ts'
import { EventLog } from './event-log.ts'

/** A log on a clock that stands still until told to go on. */
function logAt(capacity: number, startNs = 5_000_000): { log: EventLog; go: (ns: number) => void } {
  let now = startNs
  const log = new EventLog(capacity, () => now)
  return {
    log,
    go: (ns) => {
      now += ns
    },
  }
}

function append(log: EventLog, channel: string, ...data: readonly string[]): string[] {
  return data.map((one) => log.append({ channel, type: null, data: one }).id)
}

function dataAfter(log: EventLog, channels: readonly string[], id: string): [string[], boolean] {
  const { events, gap, isWhole } = log.replay(channels, id, Number.POSITIVE_INFINITY)
  assert(isWhole)
  for (const maxBytes of [0, 100, 200, 1_000]) {
    assert.deepEqual(inSlices(log, channels, id, maxBytes), events, `slices of ${maxBytes} bytes`)
  }
  return [events.map(({ data }) => data), gap]
}

/** The same as a replay in one go, slice by slice. */
function inSlices(
  log: EventLog,
  channels: readonly string[],
  id: string,
  maxBytes: number,
): readonly PublishedEvent[] {
  const all: PublishedEvent[] = []
  let slice = log.replay(channels, id, maxBytes)
  while (slice.events.length > 0) {
    const bytes = slice.events.reduce((sum, { data }) => sum + 64 + Buffer.byteLength(data), 0)
    assert(slice.events.length === 1 || bytes <= maxBytes, `${bytes} bytes`)
    // Nobody needs to ask for what comes after the whole.
    const rest = log.replay(channels, slice.events.at(-1)?.id ?? '', maxBytes)
    assert.equal(rest.events.length === 0, slice.isWhole)
    all.push(...slice.events)
    slice = rest
    if (slice.events.length > 0) assert(!slice.gap)
  }
  return all
}

suite('ids', () => {
  test('tell the epoch and when an event was accepted', () => {
    const { log, go } = logAt(4, 7_000_500)
    assert.equal(log.lastEventId, formatEventId(7000, 0))
    go(1_500)
    const [id] = append(log, 'a', 'x')
    // The epoch is in whole microseconds, the offset from there.
    assert.equal(id, formatEventId(7000, 2000))
    assert.equal(log.lastEventId, id)
  })

  test('rise though the clock stands still or goes back', () => {
    const { log, go } = logAt(10)
    const ids = append(log, 'a', '1', '2')
    go(-3_000)
    ids.push(...append(log, 'a', '3'))
    go(1_000_000)
    ids.push(...append(log, 'a', '4'))
    const offsets = ids.map((id) => parseEventId(id)?.position ?? Number.NaN)
    assert.deepEqual(
      offsets,
      offsets.toSorted((a, b) => a - b),
    )
    assert.equal(new Set(offsets).size, 4)
  })
})

suite('replay', () => {
  test('of what came after an id, in order, on the channels asked for', () => {
    const { log } = logAt(10)
    const beginning = log.lastEventId
    const [a1 = ''] = append(log, 'a', 'a1')
    append(log, 'b', 'b1')
    append(log, 'c', 'c1')
    const [a2 = ''] = append(log, 'a', 'a2')
    append(log, 'b', 'b2')
    assert.equal(log.replay(['a'], a1, 1_000), log.replay(['a'], a1, 1_000))
    for (const [channels, id, expected] of [
      [['a'], beginning, ['a1', 'a2']],
      [['a', 'b'], beginning, ['a1', 'b1', 'a2', 'b2']],
      [['b', 'a'], a1, ['b1', 'a2', 'b2']],
      [['a'], a1, ['a2']],
      [['a'], a2, []],
      [['b'], a2, ['b2']],
      [['nobody'], beginning, []],
      [[], beginning, []],
      [['a', 'b', 'c'], log.lastEventId, []],
    ] as const) {
      assert.deepEqual(dataAfter(log, channels, id), [expected, false], `${channels} after ${id}`)
    }
  })

  for (const [name, id] of [
    ['another epoch', formatEventId(4999, 1)],
    ['the future', formatEventId(5000, 999_999_999)],
    ['somebody else', '42'],
    ['nobody', ''],
    ['half an id', 'rtbi_5000_'],
    ['more than an id', 'rtbi_5000_0_x'],
    ['a number too large', `rtbi_5000_${'9'.repeat(17)}_`],
  ] as const) {
    test(`after an id of ${name}: all there is, and a gap`, () => {
      const { log } = logAt(10)
      append(log, 'a', '1', '2')
      append(log, 'b', '3')
      assert.deepEqual(dataAfter(log, ['a'], id), [['1', '2'], true])
      assert.deepEqual(dataAfter(log, ['nobody'], id), [[], true])
    })
  }

  test('tells a gap exactly where events of the channel have left', () => {
    const { log } = logAt(3)
    const beginning = log.lastEventId
    const [a1 = '', a2 = ''] = append(log, 'a', 'a1', 'a2', 'a3')
    assert.deepEqual(dataAfter(log, ['a'], beginning), [['a1', 'a2', 'a3'], false])
    append(log, 'b', 'b1')
    assert.deepEqual(dataAfter(log, ['a'], beginning), [['a2', 'a3'], true])
    assert.deepEqual(dataAfter(log, ['a'], a1), [['a2', 'a3'], false])
    assert.deepEqual(dataAfter(log, ['b'], beginning), [['b1'], false])
    append(log, 'b', 'b2', 'b3', 'b4')
    assert.deepEqual(dataAfter(log, ['a'], a2), [[], true])
    assert.deepEqual(dataAfter(log, ['b'], a2), [['b2', 'b3', 'b4'], true])
    assert.deepEqual(dataAfter(log, ['a'], log.lastEventId), [[], false])
    assert.deepEqual([log.size, log.capacity], [3, 3])
  })

  test('of a log of one event', () => {
    const { log } = logAt(1)
    const [first = ''] = append(log, 'a', '1')
    assert.deepEqual(dataAfter(log, ['a'], first), [[], false])
    append(log, 'a', '2')
    assert.deepEqual(dataAfter(log, ['a'], first), [['2'], false])
    append(log, 'a', '3')
    assert.deepEqual(dataAfter(log, ['a'], first), [['3'], true])
  })
})

test('a channel that is forgotten leaves a gap behind, never silence', () => {
  const { log } = logAt(1)
  const beginning = log.lastEventId
  const [lost = ''] = append(log, 'first', 'x')
  // As many as are remembered, and some.
  for (let index = 0; index < 100_010; index++) append(log, `channel ${index}`, 'x')
  assert.deepEqual(dataAfter(log, ['first'], beginning), [[], true])
  assert.deepEqual(dataAfter(log, ['first'], log.lastEventId), [[], false])
  assert(log.replay(['channel 5'], lost, 1_000).gap)
})

suite('bounds', () => {
  test('what has left the log is let go of, on every channel', async () => {
    const { log } = logAt(10)
    const gone: WeakRef<object>[] = []
    for (let index = 0; index < 500; index++) {
      gone.push(new WeakRef(log.append({ channel: `${index % 50}`, type: null, data: 'x' })))
    }
    for (let index = 0; index < 10; index++) append(log, 'new', 'x')
    await turn()
    setFlagsFromString('--expose-gc')
    runInNewContext('gc')()
    assert.equal(gone.filter((event) => event.deref() !== undefined).length, 0)
  })

  test('it holds so many bytes of data, the newest', () => {
    const log = new EventLog(100, () => 5_000_000, 10)
    const [beginning, four = '', six = ''] = [log.lastEventId, ...append(log, 'a', 'xxxx', 'ééé')]
    assert.deepEqual(dataAfter(log, ['a'], beginning), [['xxxx', 'ééé'], false])
    append(log, 'b', 'y')
    assert.deepEqual(dataAfter(log, ['a'], beginning), [['ééé'], true])
    assert.deepEqual(dataAfter(log, ['a', 'b'], four), [['ééé', 'y'], false])
    append(log, 'a', 'z'.repeat(50))
    assert.deepEqual(dataAfter(log, ['a', 'b'], six), [['z'.repeat(50)], true])
    assert.equal(log.size, 1)
    append(log, 'a', '1', '2')
    assert.deepEqual(dataAfter(log, ['a'], six), [['1', '2'], true])
  })
})

interface Naive {
  readonly id: string
  readonly channel: string
  readonly data: string
}

test('agrees with a naive model', () => {
  const channel = fc.constantFrom('a', 'b', 'c')
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ append: channel, times: fc.integer({ min: 1, max: 90 }) }),
    },
    { weight: 2, arbitrary: fc.record({ wait: fc.integer({ min: -10, max: 10_000 }) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        replay: fc.uniqueArray(channel, { minLength: 1 }),
        from: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    },
  )
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.array(step, { maxLength: 30 }),
      (capacity, steps) => {
        const { log, go } = logAt(capacity)
        const all: Naive[] = [{ id: log.lastEventId, channel: '', data: '' }]
        for (const one of steps) {
          if ('wait' in one) go(one.wait)
          else if ('append' in one) {
            for (let count = 0; count < one.times; count++) {
              const data = `${all.length}`
              const { id } = log.append({ channel: one.append, type: null, data })
              all.push({ id, channel: one.append, data })
            }
          } else {
            const after = Math.min(all.length - 1, Math.floor(one.from * all.length))
            const wanted = all
              .slice(after + 1)
              .filter((event) => one.replay.some((name) => name === event.channel))
            const oldest = Math.max(1, all.length - capacity)
            const kept = wanted.filter(({ data }) => Number(data) >= oldest)
            assert.deepEqual(dataAfter(log, one.replay, all[after]?.id ?? ''), [
              kept.map(({ data }) => data),
              kept.length < wanted.length,
            ])
          }
          assert.equal(log.size, Math.min(capacity, all.length - 1))
          assert.equal(log.lastEventId, all.at(-1)?.id)
        }
      },
    ),
    { numRuns: 300 },
  )
})

suite('on a bus', () => {
  const insert = (log: EventLog, channel: string, ...positions: readonly number[]): void => {
    for (const position of positions) {
      log.insert({ channel, type: null, data: `${channel}${position}` }, 0, position)
    }
  }

  test('a channel that was left and entered again has what it is given then, and no more', () => {
    const { log } = logAt(4)
    log.begin('one', 0)
    const beginning = log.lastEventId
    insert(log, 'a', 1, 2)
    insert(log, 'b', 3)
    log.leave('a')
    const newest = log.lastEventId
    insert(log, 'a', 1, 2)
    log.enter('a', 0)
    // Older ones than it has move no cursor.
    assert.equal(log.lastEventId, newest)
    // What stood there before has left the log, and nothing of the channel with it.
    assert.deepEqual(dataAfter(log, ['a'], beginning), [['a1', 'a2'], false])
    assert.deepEqual(dataAfter(log, ['b', 'a'], beginning), [['a1', 'a2', 'b3'], false])
    insert(log, 'b', 4, 5)
    assert.deepEqual(dataAfter(log, ['a'], beginning), [['a1', 'a2'], false])
    insert(log, 'b', 6)
    assert.deepEqual(dataAfter(log, ['a'], beginning), [['a2'], true])
  })

  test('nothing of another order stays', () => {
    const { log } = logAt(3)
    append(log, 'a', '1', '2')
    const own = log.lastEventId
    log.begin('one', 0)
    assert.deepEqual(dataAfter(log, ['a'], own), [[], true])
    const begun = log.lastEventId
    insert(log, 'a', 1, 2, 3, 4)
    assert.deepEqual(dataAfter(log, ['a'], begun), [['a2', 'a3', 'a4'], true])
    assert.equal(log.size, 3)
  })
})
