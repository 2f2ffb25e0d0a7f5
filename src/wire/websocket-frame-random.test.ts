import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import * as ws from 'ws'
import { cut } from './reads.conformance.ts'
import { Opcode } from './websocket-encode.ts'
import { frame, type Log, parse, status } from './websocket-frame.conformance.ts'

interface Receiver {
  on(event: string, listener: (...values: never[]) => void): void
  /** Unlike `write`, it tells of an error before it returns. */
  _write(chunk: Buffer, encoding: string, done: (error?: Error & { code?: string }) => void): void
}

/** Parts of ws that its typings leave out. */
const { Receiver, Sender } = ws as unknown as {
  Receiver: new (options: { maxPayload: number; maxFragments: number }) => Receiver
  Sender: {
    frame(data: Buffer, options: { opcode: number; fin: boolean; readOnly: boolean }): Buffer[]
  }
}

const MAX_MESSAGE_BYTES = 400

function parseByWs(reads: readonly Buffer[]): Log {
  const log: Log = []
  const receiver = new Receiver({ maxPayload: MAX_MESSAGE_BYTES, maxFragments: 16 * 1024 })
  receiver.on('message', (data: Buffer, isBinary: boolean) =>
    log.push(isBinary ? ['binary', data.toString('hex')] : ['text', data.toString()]),
  )
  receiver.on('ping', (data: Buffer) => log.push(['ping', data.toString('hex')]))
  receiver.on('pong', (data: Buffer) => log.push(['pong', data.toString('hex')]))
  receiver.on('conclude', (code: number, reason: Buffer) =>
    log.push(['close', code, reason.toString()]),
  )
  let failed = false
  for (const read of reads) {
    if (failed) break
    // A copy, since ws keeps what it is given.
    receiver._write(Buffer.from(read), 'buffer', (error) => {
      if (error === undefined) return
      failed = true
      log.push(['error', errorCode(error.code ?? '')])
    })
  }
  return log
}

function errorCode(code: string): string {
  if (code === 'WS_ERR_INVALID_UTF8') return 'ws-utf8'
  return code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'ws-message-too-large' : 'ws-protocol'
}

const bytes = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }).map((s) => Buffer.from(s)) },
  { weight: 2, arbitrary: fc.string({ maxLength: 250 }).map((s) => Buffer.from(s)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 5 }).map((b) => Buffer.from(b)) },
)
const codes = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(1000, 1001, 1011, 3000, 4999) },
  { weight: 1, arbitrary: fc.nat(5100) },
)
const { text, binary, continuation, ping, pong, close } = Opcode

/** Whole and fragmented messages, control frames anywhere, and now and then a fault. */
const frames = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom(text, binary), bytes).map(whole) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom(text, binary),
        bytes,
        fc.array(fc.nat(250), { maxLength: 4 }),
        fc.option(fc.tuple(fc.constantFrom(ping, pong), bytes).map(whole)),
      )
      .map(fragmented),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(ping, pong), bytes).map(whole) },
  {
    weight: 1,
    arbitrary: fc.tuple(codes, bytes).map(([code, reason]) => frame(close, status(code, reason))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.nat(15),
        bytes,
        fc.record({
          fin: fc.boolean(),
          rsv: fc.constantFrom(0, 0, 0, 1, 2, 4),
          masked: fc.constantFrom(false, false, true),
        }),
      )
      .map(([opcode, payload, odd]) => frame(opcode, payload, odd)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(frame(continuation), frame(close), frame(text, '', { fin: false })),
  },
)

function whole([opcode, payload]: [number, Buffer]): Buffer {
  return Buffer.concat(Sender.frame(payload, { opcode, fin: true, readOnly: true }))
}

function fragmented([opcode, payload, cuts, between]: [
  number,
  Buffer,
  number[],
  Buffer | null,
]): Buffer {
  const parts = cut(payload, ...cuts.map((at) => at % (payload.length + 1)))
  const last = parts.length - 1
  return Buffer.concat(
    parts.flatMap((part, index) => [
      frame(index === 0 ? opcode : continuation, part, { fin: index === last }),
      ...(between !== null && index === 0 ? [between] : []),
    ]),
  )
}

const randomReads = fc
  .tuple(fc.array(frames, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 12 }))
  .map(([parts, cuts]) => {
    const stream = Buffer.concat(parts)
    return cut(stream, ...cuts.map((at) => at % (stream.length + 1)))
  })

// Deliberate differences, none of which these frames have:
// - ws takes lengths that are not in their shortest form, which RFC 6455, 5.2 forbids;
// - ws calls a length of 2^63 or more too large, where it is a breach of the protocol here.
test('random frames in random reads, against ws', () => {
  fc.assert(
    fc.property(randomReads, (reads) => {
      assert.deepEqual(parse(reads, MAX_MESSAGE_BYTES), parseByWs(reads))
    }),
    { numRuns: 3000 },
  )
})

test('random bytes in random reads, against ws', () => {
  // No byte can announce a long length, which random bytes would not have in its shortest form.
  const byte = fc.nat(255).map((value) => ((value & 127) < 126 ? value : value - 2))
  const start = fc.constantFrom(0x81, 0x82, 0x01, 0x88, 0x89)
  const stretch = fc.tuple(start, fc.array(byte, { maxLength: 60 })).map(([a, b]) => [a, ...b])
  fc.assert(
    fc.property(fc.array(stretch, { maxLength: 5 }), fc.nat(), (stretches, at) => {
      const stream = Buffer.from(stretches.flat())
      const reads = cut(stream, at % (stream.length + 1))
      assert.deepEqual(parse(reads, MAX_MESSAGE_BYTES), parseByWs(reads))
    }),
    { numRuns: 2000 },
  )
})
