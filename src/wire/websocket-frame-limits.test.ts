import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { heldBytes, parseAnyhow } from './reads.conformance.ts'
import { Opcode } from './websocket-encode.ts'
import { frame, type Log, parse } from './websocket-frame.conformance.ts'
import { WebSocketParser } from './websocket-frame.ts'

const { text, ping, pong, continuation } = Opcode
const part = { fin: false }
const hex = (value: string) => Buffer.from(value, 'latin1').toString('hex')

/** A handler that tells the names of what happens. */
function handler(tell: (what: string) => void) {
  return {
    onMessage: () => tell('message'),
    onPing: () => tell('ping'),
    onPong: () => tell('pong'),
    onClose: () => tell('close'),
  }
}

describe('limits', () => {
  const large = ['error', 'ws-message-too-large']
  const ten = 'x'.repeat(10)
  const cases: [name: string, frames: Buffer[], expected: Log][] = [
    [
      'as long as allowed',
      [frame(text, ten), frame(text, ten)],
      [
        ['text', ten],
        ['text', ten],
      ],
    ],
    ['too long', [frame(text, `${ten}x`)], [large]],
    ['refused at its length', [Buffer.of(0x81, 11)], [large]],
    [
      'fragments as long as allowed',
      [frame(text, 'xxxxx', part), frame(continuation, 'xxxxx')],
      [['text', ten]],
    ],
    ['fragments too long', [frame(text, 'xxxxx', part), frame(continuation, 'xxxxxx')], [large]],
    [
      'control frames do not count',
      [frame(text, ten, part), frame(ping, ten), frame(continuation)],
      [
        ['ping', hex(ten)],
        ['text', ten],
      ],
    ],
    ['control frames are not bounded by it', [frame(pong, `${ten}x`)], [['pong', hex(`${ten}x`)]]],
  ]
  for (const [name, frames, expected] of cases) {
    test(name, () =>
      assert.deepEqual(
        parseAnyhow(Buffer.concat(frames), (reads) => parse(reads, 10)),
        expected,
      ),
    )
  }

  test('fragments forever', () => {
    for (const payload of ['', 'x']) {
      const fragment = frame(continuation, payload, part)
      const fragments = Buffer.concat([frame(text, '', part), ...Array(20_000).fill(fragment)])
      assert.deepEqual(parse([fragments]), [large])
      assert.deepEqual(parse([fragments], 100), [large])
    }
  })

  test('a length announced is not a length allocated', () => {
    const head = Buffer.from('827f00000000000ff000', 'hex')
    const before = process.memoryUsage().arrayBuffers
    const parsers = Array.from({ length: 100 }, () => new WebSocketParser(handler(() => {})))
    for (const parser of parsers) {
      parser.execute(head, 0, head.length)
      parser.execute(head, 0, 1)
    }
    assert(process.memoryUsage().arrayBuffers - before < 1024 * 1024)
  })

  test('a flood of pings costs nothing', () => {
    let pings = 0
    const parser = new WebSocketParser(handler(() => pings++))
    const flood = Buffer.concat(Array(1000).fill(frame(ping, 'x'.repeat(50))))
    const before = process.memoryUsage().arrayBuffers
    for (let fed = 0; fed < 500; fed++) parser.execute(flood, 0, flood.length)
    assert.equal(pings, 500_000)
    assert(process.memoryUsage().arrayBuffers - before < 1024 * 1024)
  })

  test('fragments of many messages', () => {
    const message = Buffer.concat([frame(text, 'a', part), frame(continuation)])
    assert.equal(parse([Buffer.concat(Array(20_000).fill(message))]).length, 20_000)
  })

  test('nothing is held of what has been read', () => {
    const stream = Buffer.concat([
      frame(text, 'x'.repeat(20_000), part),
      frame(ping, 'x'.repeat(100)),
      frame(continuation, 'x'.repeat(20_000)),
    ])
    const before = heldBytes()
    const parsers = Array.from({ length: 100 }, () => new WebSocketParser(handler(() => {})))
    for (const parser of parsers) {
      for (const [at, to] of [
        [0, 10_000],
        [10_000, 20_050],
        [20_050, stream.length],
      ] as const) {
        parser.execute(Buffer.from(stream.subarray(at, to)), 0, to - at)
      }
    }
    assert(heldBytes() - before < 1024 * 1024)
    assert.equal(parsers.length, 100)
  })
})

describe('a connection’s end', () => {
  const stream = Buffer.concat([frame(pong), frame(text, 'a'), frame(ping), frame(text, 'b', part)])

  test('stopped inside a callback, nothing more is told', () => {
    for (const at of ['pong', 'message', 'ping']) {
      const seen: string[] = []
      const parser: WebSocketParser = new WebSocketParser(
        handler((what) => {
          seen.push(what)
          parser.stopped = what === at
        }),
      )
      parser.execute(stream, 0, stream.length)
      parser.execute(stream, 0, stream.length)
      assert.equal(seen.indexOf(at), seen.length - 1)
    }
  })

  test('after an error nothing more is told', () => {
    const seen: string[] = []
    const parser = new WebSocketParser(handler((what) => seen.push(what)))
    assert.throws(() => parser.execute(frame(3), 0, 2), { name: 'WireError', code: 'ws-protocol' })
    parser.execute(stream, 0, stream.length)
    assert.deepEqual(seen, [])
  })
})
