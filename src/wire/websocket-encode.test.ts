import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import * as ws from 'ws'
import { runs } from './random.conformance.ts'
import { acceptKey, encodeClose, encodeFrame, isCloseCode, Opcode } from './websocket-encode.ts'

interface Receiver {
  on(event: string, listener: (...values: unknown[]) => void): void
  write(chunk: Buffer): void
}

/** Parts of ws that its typings leave out. */
const { Receiver, Sender } = ws as unknown as {
  Receiver: new (options: { isServer: boolean }) => Receiver
  Sender: {
    frame(
      data: Buffer,
      options: {
        opcode: number
        fin: boolean
        mask: boolean
        readOnly: boolean
        generateMask(mask: Buffer): void
      },
    ): Buffer[]
  }
}

/** What a server makes of a client's bytes. */
function receive(bytes: Buffer): unknown[][] {
  const seen: unknown[][] = []
  const receiver = new Receiver({ isServer: true })
  for (const event of ['message', 'ping', 'pong', 'conclude', 'error']) {
    receiver.on(event, (...values) => seen.push([event, ...values]))
  }
  receiver.write(bytes)
  return seen
}

test('the accept key of RFC 6455, 1.3', () => {
  assert.equal(acceptKey('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
})

describe('encodeFrame', () => {
  test('the masked text of RFC 6455, 5.7', () => {
    assert.equal(
      encodeFrame(Opcode.text, 'Hello', 0x37fa213d).toString('hex'),
      '818537fa213d7f9f4d5158',
    )
  })

  for (const [length, head] of [
    [0, '8280'],
    [1, '8281'],
    [125, '82fd'],
    [126, '82fe007e'],
    [65535, '82feffff'],
    [65536, '82ff0000000000010000'],
  ] as const) {
    test(`a payload of ${length} bytes`, () => {
      const payload = Buffer.alloc(length, 'é')
      const frame = encodeFrame(Opcode.binary, payload)
      assert.equal(frame.toString('hex', 0, head.length / 2), head)
      assert.equal(frame.length, head.length / 2 + 4 + length)
      assert.deepEqual(receive(frame), [['message', payload, true]])
      assert.deepEqual(payload, Buffer.alloc(length, 'é'), 'the payload is left alone')
    })
  }

  test('masks differ', () => {
    const masks = new Set<string>()
    for (let made = 0; made < 2000; made++) {
      masks.add(encodeFrame(Opcode.ping, '').toString('hex', 2))
    }
    assert(masks.size > 1990)
  })

  test('refuses what no control frame can carry', () => {
    for (const opcode of [Opcode.close, Opcode.ping, Opcode.pong]) {
      assert.equal(encodeFrame(opcode, Buffer.alloc(125)).length, 131)
      assert.throws(() => encodeFrame(opcode, Buffer.alloc(126)), RangeError)
      assert.throws(() => encodeFrame(opcode, 'é'.repeat(63)), RangeError)
    }
  })

  test('random frames, against ws', (context) => {
    const opcodes = fc.constantFrom(Opcode.binary, Opcode.text)
    const text = fc.string({ unit: 'binary', maxLength: 300 })
    const mask = fc.integer({ min: 0, max: 0xffffffff })
    fc.assert(
      fc.property(opcodes, text, mask, (opcode, payload, mask) => {
        const frame = encodeFrame(opcode, payload, mask)
        assert.deepEqual(encodeFrame(opcode, Buffer.from(payload), mask), frame)
        const reference = Sender.frame(Buffer.from(payload), {
          opcode,
          fin: true,
          mask: true,
          readOnly: false,
          generateMask: (bytes) => bytes.writeUInt32BE(mask),
        })
        assert.deepEqual(frame, Buffer.concat(reference))
        assert.deepEqual(receive(encodeFrame(opcode, payload)), [
          ['message', Buffer.from(payload), opcode === Opcode.binary],
        ])
      }),
      runs(context, 2000),
    )
  })

  test('random pings and pongs, against ws', (context) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 125 }), fc.boolean(), (bytes, ping) => {
        const frame = encodeFrame(ping ? Opcode.ping : Opcode.pong, Buffer.from(bytes))
        assert.deepEqual(receive(frame), [[ping ? 'ping' : 'pong', Buffer.from(bytes)]])
      }),
      runs(context, 2000),
    )
  })
})

describe('encodeClose', () => {
  test('the code reaches the server', () => {
    for (const code of [1000, 1001, 1014, 3000, 4999]) {
      assert.deepEqual(receive(encodeClose(code)), [['conclude', code, Buffer.alloc(0)]])
    }
  })

  test('codes that may not be sent are refused', () => {
    const sendable = (code: number) =>
      (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) ||
      (code >= 3000 && code <= 4999)
    for (let code = 0; code < 6000; code++) {
      assert.equal(isCloseCode(code), sendable(code), `${code}`)
      if (!sendable(code)) assert.throws(() => encodeClose(code), RangeError)
    }
    for (const code of [-1, 65536 + 1000, Number.NaN]) {
      assert.throws(() => encodeClose(code), RangeError)
    }
  })
})
