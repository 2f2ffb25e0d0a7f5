import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sampleStatistics } from './server-reading.conformance.ts'
import {
  type Dated,
  FOREIGN,
  follow,
  type InstanceReading,
  parseReading,
} from './server-reading.ts'

const told = JSON.stringify(sampleStatistics())

/** The statistics with one of their keys, however deep, set or taken out. */
function changed(path: string, value: unknown): string {
  const statistics = sampleStatistics()
  const keys = path.split('.')
  let at = statistics
  for (const key of keys.slice(0, -1)) at = at[key] as Record<string, unknown>
  at[keys.at(-1) ?? ''] = value
  return JSON.stringify(statistics)
}

describe('what a server tells', () => {
  it('is read, and what nobody reads is ignored', () => {
    const reading = parseReading(changed('weather', 'fine'), 'sse')
    const { pid, upMs, limits, cpu, loop, fanOut } = sampleStatistics()
    assert.deepEqual(reading, {
      ...{ pid, upMs, limits, cpu, loop, fanOut },
      transports: {
        sse: { held: 50, deliveries: 1_000, slowConsumers: 0 },
        websocket: { held: 0, deliveries: 0, slowConsumers: 0 },
      },
      memory: { rssBytes: 90_000_000 },
      restarts: 0,
    })
  })

  it('is read of an older server, which tells less', () => {
    for (const key of ['pid', 'limits', 'fanOut', 'openSockets']) {
      const reading = parseReading(changed(key, undefined), 'sse')
      assert.ok(typeof reading === 'object' && !(key in reading), key)
    }
  })

  it('keeps no key that would be the prototype of anything', () => {
    const reading = parseReading(told.replace('{', '{"__proto__":{"x":1},'), 'sse')
    assert.deepEqual(reading, parseReading(told, 'sse'))
  })

  for (const text of [
    '',
    'hello',
    '[]',
    '"rtbench"',
    'null',
    '{"server":"nginx"}',
    'x'.repeat(1e6),
  ]) {
    it(`is not ours: ${text.slice(0, 20)}`, () => {
      assert.equal(parseReading(text, 'sse'), FOREIGN)
    })
  }

  it('is not ours where nothing can be read of it, nested as it is', () => {
    const deep = `${'['.repeat(450_001)}${']'.repeat(450_001)}`
    assert.equal(parseReading(deep, 'sse'), FOREIGN)
  })

  for (const [path, value, line] of [
    ['upMs', undefined, 'upMs: expected number, received undefined'],
    ['transports', null, 'transports: expected record, received null'],
    ['transports.sse', undefined, 'transports.sse: missing'],
    ['transports.sse.held', -7, 'transports.sse.held: expected number to be >=0, found -7'],
    ['transports.sse.held', 0.5, 'transports.sse.held: expected int, received number, found 0.5'],
    ['transports.websocket', 'no', 'transports.websocket: expected object, received string'],
    ['cpu', { userUs: '1', systemUs: 'x' }, 'cpu.userUs: expected number, received string'],
    ['cpu.systemUs', 1e308, 'cpu.systemUs: expected number to be <=9007199254740991, found 1e+308'],
    ['cpu.systemUs', null, 'cpu.systemUs: expected number, received null'],
    ['memory.rssBytes', '9', 'memory.rssBytes: expected number, received string'],
    ['loop', null, 'loop: expected object, received null'],
    ['loop.samples', [], 'loop.samples: expected number, received array'],
    ['fanOut.spanMaxUs', {}, 'fanOut.spanMaxUs: expected number, received object'],
    ['pid', '../../etc/passwd', 'pid: expected number, received string'],
    ['pid', 0, 'pid: expected number to be >=1, found 0'],
    ['limits.holdMs', '\u001b[2J::error::x', 'limits.holdMs: expected number, received string'],
    [
      'transports',
      { '\u001b[2J\n': 1 },
      'transports. [2J : expected object, received number, found 1',
    ],
  ] as const) {
    it(`is wrong: ${line}`, () => {
      assert.equal(parseReading(changed(path, value), 'sse'), line)
    })
  }
})

describe('a reading after another one', () => {
  /** Of a moment; the answer took a millisecond. */
  function dated(atMs: number, changes: Partial<InstanceReading> = {}): Dated {
    const reading = parseReading(told, 'sse')
    assert.ok(typeof reading === 'object')
    return { reading: { ...reading, ...changes }, askedAtMs: atMs, hadAtMs: atMs + 1 }
  }
  const transports = { sse: { held: 9, deliveries: 7, slowConsumers: 0 } }

  for (const [name, afterMs, changes, expected] of [
    ['of the same server', 1_000, { upMs: 11_000 }, 2],
    ['within what clocks differ by', 100_000, { upMs: 110_900 }, 2],
    ['of a server started anew', 5_000, { upMs: 3_000, cpu: { userUs: 0, systemUs: 0 } }, 3],
    ['of one in another process', 5_000, { pid: 99, upMs: 4_000 }, 3],
    // In a container each process has the same number.
    ['of one that is up for longer than the one before was', 60_000, { upMs: 55_000 }, 3],
    [
      'of another process that was up before',
      1_000,
      { pid: 99, upMs: 11_000 },
      'pid: 4711 and then 99, and neither was started meanwhile; do several processes answer at one address?',
    ],
    [
      'of a time that went back',
      1_000,
      { upMs: 9_000 },
      'upMs: went from 10000 to 9000 within 1001 ms',
    ],
    [
      'of a time that leapt',
      1_000,
      { upMs: 1e9 },
      'upMs: went from 10000 to 1000000000 within 1001 ms',
    ],
    [
      'of CPU time that went back',
      1_000,
      { upMs: 11_000, cpu: { userUs: 400_000, systemUs: 0 } },
      'cpu: went back from 500000 to 400000',
    ],
    [
      'of more CPU time than there is',
      1_000,
      { upMs: 11_000, cpu: { userUs: 1e13, systemUs: 0 } },
      'cpu: 9999999500 ms of processor time within 1000 ms',
    ],
    [
      'of deliveries that went back',
      1_000,
      { upMs: 11_000, transports },
      'transports.sse.deliveries: went back from 1000 to 7',
    ],
    [
      'of waits that went back',
      1_000,
      { upMs: 11_000, fanOut: { waitedUs: 0, events: 0, spanP99Us: 0, spanMaxUs: 0 } },
      'fanOut.waitedUs: went back from 30000 to 0',
    ],
  ] as const) {
    it(name, () => {
      assert.equal(follow(dated(0, { restarts: 2 }), dated(afterMs, changes)), expected)
    })
  }

  it('may be of before it, where both were under way at once', () => {
    const slow: Dated = { ...dated(0), hadAtMs: 2_000 }
    const { reading } = dated(0, { upMs: 9_500, cpu: { userUs: 1, systemUs: 1 } })
    assert.equal(follow(slow, { reading, askedAtMs: 500, hadAtMs: 2_100 }), 0)
  })
})
