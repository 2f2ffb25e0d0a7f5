import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cut, parseAnyhow } from './reads.conformance.ts'
import { Opcode } from './websocket-encode.ts'
import { frame, type Log, parse, status } from './websocket-frame.conformance.ts'

const { text, binary, close, ping, pong, continuation } = Opcode
const part = { fin: false }
const protocol = ['error', 'ws-protocol']
const compressed = ['error', 'ws-compressed']
const notUtf8 = ['error', 'ws-utf8']
const hex = (value: string) => Buffer.from(value, 'latin1').toString('hex')

describe('rules of RFC 6455, whole and cut at every byte', () => {
  const cases: [name: string, frames: Buffer[], expected: Log][] = [
    ['text', [frame(text, 'a')], [['text', 'a']]],
    ['empty text', [frame(text)], [['text', '']]],
    ['binary', [frame(binary, Buffer.of(0, 255))], [['binary', '00ff']]],
    ['UTF-8', [frame(text, 'é€💥')], [['text', 'é€💥']]],
    [
      'several in one read',
      [frame(text, 'a'), frame(binary), frame(text, 'b')],
      [
        ['text', 'a'],
        ['binary', ''],
        ['text', 'b'],
      ],
    ],
    ['7-bit length', [frame(text, 'x'.repeat(125))], [['text', 'x'.repeat(125)]]],
    [
      '16-bit length',
      [frame(text, 'x'.repeat(126)), frame(ping)],
      [
        ['text', 'x'.repeat(126)],
        ['ping', ''],
      ],
    ],
    [
      'fragments',
      [
        frame(text, 'a', part),
        frame(continuation, 'b', part),
        frame(continuation, 'c'),
        frame(text, 'd'),
      ],
      [
        ['text', 'abc'],
        ['text', 'd'],
      ],
    ],
    [
      'empty fragments',
      [frame(binary, '', part), frame(continuation, '', part), frame(continuation)],
      [['binary', '']],
    ],
    [
      'all in the last fragment',
      [frame(text, '', part), frame(continuation, 'ab')],
      [['text', 'ab']],
    ],
    [
      'a character across fragments',
      [frame(text, Buffer.of(0xe2, 0x82), part), frame(continuation, Buffer.of(0xac))],
      [['text', '€']],
    ],
    [
      'interleaved control frames',
      [
        frame(text, 'a', part),
        frame(ping, 'p'),
        frame(continuation, 'b', part),
        frame(pong, 'q'),
        frame(continuation, 'c'),
      ],
      [
        ['ping', hex('p')],
        ['pong', hex('q')],
        ['text', 'abc'],
      ],
    ],
    [
      'close inside a fragmented message',
      [frame(text, 'a', part), frame(close, status(1001))],
      [['close', 1001, '']],
    ],
    ['longest control frame', [frame(ping, 'x'.repeat(125))], [['ping', hex('x'.repeat(125))]]],
    ['close without code', [frame(close)], [['close', 1005, '']]],
    ['close with reason', [frame(close, status(1000, 'é'))], [['close', 1000, 'é']]],
    [
      'nothing after close',
      [frame(close, status(4000)), frame(text, 'a'), frame(3)],
      [['close', 4000, '']],
    ],

    ['masked', [frame(text, 'a', { masked: true })], [protocol]],
    ['masked control frame', [frame(ping, '', { masked: true })], [protocol]],
    ['RSV1', [frame(text, 'a', { rsv: 4 })], [compressed]],
    ['RSV1 and RSV2', [frame(text, 'a', { rsv: 6 })], [protocol]],
    ['RSV2', [frame(text, 'a', { rsv: 2 })], [protocol]],
    ['RSV3', [frame(ping, 'a', { rsv: 1 })], [protocol]],
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): [string, Buffer[], Log] => [
      `reserved opcode ${opcode}`,
      [frame(text, 'a'), frame(opcode)],
      [['text', 'a'], protocol],
    ]),
    ['continuation of nothing', [frame(continuation, 'a')], [protocol]],
    [
      'continuation after the end',
      [frame(text, 'a', part), frame(continuation, 'b'), frame(continuation, 'c')],
      [['text', 'ab'], protocol],
    ],
    ['message inside a message', [frame(text, 'a', part), frame(text, 'b')], [protocol]],
    ['fragment inside a message', [frame(text, '', part), frame(binary, 'b', part)], [protocol]],
    ['fragmented ping', [frame(ping, 'a', part)], [protocol]],
    ['fragmented close', [frame(close, '', part)], [protocol]],
    ['control frame of 126 bytes', [frame(ping, 'x'.repeat(126))], [protocol]],
    ['control frame with a long length', [frame(pong, 'x', { lengthBytes: 8 })], [protocol]],
    ['16-bit length not minimal', [frame(text, 'x'.repeat(125), { lengthBytes: 2 })], [protocol]],
    ['64-bit length not minimal', [frame(text, 'x', { lengthBytes: 8 })], [protocol]],
    ['64-bit length not minimal by one', [Buffer.from('817f000000000000ffff', 'hex')], [protocol]],
    ['length 2^63', [Buffer.from('827f8000000000000000', 'hex')], [protocol]],
    ['length 2^64 - 1', [Buffer.from('827fffffffffffffffff', 'hex')], [protocol]],
    [
      'length 2^53',
      [Buffer.from('827f0020000000000000', 'hex')],
      [['error', 'ws-message-too-large']],
    ],
    ['close with half a code', [frame(close, 'x')], [protocol]],
    ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535].map(
      (code): [string, Buffer[], Log] => [
        `close code ${code}`,
        [frame(close, status(code))],
        [protocol],
      ],
    ),
    ['text not UTF-8', [frame(text, Buffer.of(0x61, 0xff)), frame(text, 'a')], [notUtf8]],
    ['surrogate', [frame(text, Buffer.of(0xed, 0xa0, 0x80))], [notUtf8]],
    ['overlong', [frame(text, Buffer.of(0xc0, 0xaf))], [notUtf8]],
    ['character cut off', [frame(text, Buffer.of(0xe2, 0x82))], [notUtf8]],
    [
      'fragments not UTF-8',
      [frame(text, Buffer.of(0xe2), part), frame(continuation, 'a')],
      [notUtf8],
    ],
    [
      'binary may be anything',
      [frame(binary, Buffer.of(0xe2), part), frame(continuation, 'a')],
      [['binary', 'e261']],
    ],
    ['reason not UTF-8', [frame(close, status(1000, Buffer.of(0xff)))], [notUtf8]],
  ]
  for (const [name, frames, expected] of cases) {
    test(name, () => assert.deepEqual(parseAnyhow(Buffer.concat(frames), parse), expected))
  }

  test('64-bit length', () => {
    const payload = 'é'.repeat(40_000)
    const stream = frame(text, payload)
    for (const at of [0, 1, 2, 5, 9, 10, 11, 70_000, stream.length - 1]) {
      assert.deepEqual(parse(cut(stream, at)), [['text', payload]])
      assert.deepEqual(parse(cut(stream, at, 5000, 5000, 40_000)), [['text', payload]])
    }
  })
})
