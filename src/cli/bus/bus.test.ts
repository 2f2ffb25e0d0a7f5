import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RtbenchError } from '../../error.ts'
import { fileLayer } from '../../scenario/file-layer.ts'
import type { Layer } from '../../scenario/layer.ts'
import { type BusOptions, scenariosOf } from './action.ts'

const REDIS = 'redis://:s3cret@127.0.0.1:6379'

function cells(given: readonly string[], options: BusOptions = {}, below: readonly Layer[] = []) {
  return scenariosOf(given, options, below)
}

test('by default memory at three instances, beside one instance without a bus', () => {
  const [none, memory, ...others] = cells([])
  assert.equal(others.length, 0)
  assert.deepEqual(
    [none, memory].map((one) => [one?.name, one?.instances, one?.backplane, one?.busRouting]),
    [
      ['bus-none-1', 1, 'memory', 'broadcast'],
      ['bus-memory-3', 3, 'memory', 'broadcast'],
    ],
  )
  assert.equal(none?.seed, memory?.seed)
  assert.deepEqual(
    [none?.transports, none?.rate, none?.repeat, none?.channels],
    [['sse'], 1, 3, 100],
  )
})

test('each bus at each number of instances and channels, in the routings that it offers', () => {
  const buses = ['memory', REDIS, 'kafka://127.0.0.1:9092']
  const options = { instances: '1, 2', busRouting: 'broadcast,by-channel', channels: '50,100' }
  const names = cells(buses, options).map(({ name }) => name)
  const ways = [
    ...['redis-1', 'kafka-1', 'memory-2', 'redis-2', 'kafka-2'],
    ...['redis-1-by-channel', 'memory-2-by-channel', 'redis-2-by-channel'],
  ]
  assert.deepEqual(names, [
    ...['none-1', ...ways].map((way) => `bus-${way}-50-channels`),
    ...['none-1', ...ways].map((way) => `bus-${way}-100-channels`),
  ])
})

test('of several techniques none is taken', () => {
  const file = fileLayer('calm.yaml', 'transport: [sse, websocket]\n')
  assert.throws(
    () => cells([REDIS], {}, [file]),
    /^RtbenchError: --transport: a comparison of buses takes one, and not 2;/,
  )
})

test('a file says what else is measured, and flags count before it', () => {
  const file = fileLayer('calm.yaml', 'name: calm\nclients: 300\nrate: 0.5\ntransport: websocket\n')
  const [one] = cells([REDIS], {}, [file])
  assert.deepEqual([one?.clients, one?.rate, one?.transports], [300, 0.5, ['websocket']])
  assert.equal(one?.name, 'bus-none-1')
  assert.deepEqual(cells([REDIS], { transport: 'ws' }, [file])[0]?.transports, ['websocket'])
})

for (const [given, options, line] of [
  [['redsi'], {}, 'bus: "redsi" is none; expected memory, or a URL such as'],
  [['memry'], {}, 'bus: "memry" is none, did you mean memory?; expected memory, or'],
  [['http://a'], {}, 'bus: "http://a" is none; expected memory, or'],
  [[], { instances: '1' }, '--instances: one instance needs no memory bus; expected more, or'],
  [[], { instances: '0' }, '--instances: 0'],
  [[], { instances: '1,three' }, '--instances: "three" is not a count'],
  [[], { busRouting: 'by-chanel' }, '--bus-routing: "by-chanel" is not known'],
  [
    ['kafka://h'],
    { busRouting: 'by-channel' },
    '--bus-routing: by-channel is not what Kafka offers',
  ],
  [[], { channels: '5000' }, '--channels: 5,000 channels for 1,000 clients'],
  [[], { transport: 'sse,ws' }, '--transport: '],
] as const) {
  test(`is refused: ${line}`, () => {
    assert.throws(
      () => cells(given, options),
      (error) => {
        assert.ok(error instanceof RtbenchError && error.code === 'usage')
        assert.ok(error.message.startsWith(line), error.message)
        assert.doesNotMatch(error.message, /\n/)
        return true
      },
    )
  })
}
