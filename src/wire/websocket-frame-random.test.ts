import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import * as ws from 'ws'
import { harmed, inReads, runs } from './random.conformance.ts'
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
const TOO_LARGE: ReadonlySet<string> = new Set([
  'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
  'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
])
const PROTOCOL = ['error', 'ws-protocol']
const COMPRESSED = ['error', 'ws-compressed']

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
  if (code === 'WS_ERR_UNEXPECTED_RSV_1') return 'ws-compressed'
  return TOO_LARGE.has(code) ? 'ws-message-too-large' : 'ws-protocol'
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

const frameStreams = fc.array(frames, { maxLength: 8 }).map((parts) => Buffer.concat(parts))

/** Bytes that begin like a frame, and go on as they like. */
const byteStreams = fc
  .array(
    fc
      .tuple(fc.constantFrom(0x81, 0x82, 0x01, 0x88, 0x89), fc.uint8Array({ maxLength: 60 }))
      .map(([first, rest]) => Buffer.from([first, ...rest])),
    { maxLength: 5 },
  )
  .map((parts) => Buffer.concat(parts))

const harm = fc.oneof(
  fc.constantFrom('', '', '00', '80', '81', '01', '7e', '7f', 'fe', 'ff', '8800', '8a05', 'c3'),
  fc.constantFrom('7e0003', '7f0000000000000003', '7f8000000000000000', '7f00000000ffffffff'),
)

/** Where the first frame with a length that ws lets pass begins; -1 when there is none. */
function wrongLength(stream: Buffer): number {
  let at = 0
  while (at + 2 <= stream.length) {
    const form = (stream[at + 1] ?? 0) & 0x7f
    const lengthBytes = form === 126 ? 2 : form === 127 ? 8 : 0
    const payload = at + 2 + lengthBytes
    if (payload > stream.length) return -1
    let length = lengthBytes === 0 ? form : 0
    for (const byte of stream.subarray(at + 2, payload)) length = length * 256 + byte
    const shortest = length > 0xffff ? 8 : length > 125 ? 2 : 0
    if (lengthBytes > shortest || length >= 2 ** 63) return at
    at = payload + length
  }
  return -1
}

/**
 * Both tell the same, but for two rules on lengths (RFC 6455, 5.2) that ws does not keep. At the
 * first frame that breaks one, the parser here ends with `ws-protocol`, having told all before it:
 * - a length takes the fewest bytes: ws takes it in more;
 * - the most significant bit of a 64-bit length is 0: to ws such a frame is just too large.
 */
function compare(reads: readonly Buffer[]): void {
  const stream = Buffer.concat(reads)
  const log = parse(reads, MAX_MESSAGE_BYTES)
  const at = wrongLength(stream)
  if (at < 0) {
    assert.deepEqual(log, parseByWs(reads))
    return
  }
  const before = parseByWs([stream.subarray(0, at)])
  const ended = ['error', 'close'].includes(String(before.at(-1)?.[0]))
  // What is wrong with the same frame before its length is told first.
  const end = ((stream[at] ?? 0) & 0x70) === 0x40 ? COMPRESSED : PROTOCOL
  assert.deepEqual(log, ended ? before : [...before, end])
}

for (const [name, streams] of [
  ['frames right and wrong', frameStreams],
  [
    'frames with some bytes harmed',
    harmed(
      frameStreams,
      harm.map((hex) => Buffer.from(hex, 'hex')),
    ),
  ],
  ['bytes', byteStreams],
] as const) {
  test(`${name}, against ws`, (context) => {
    fc.assert(fc.property(inReads(streams), compare), runs(context, 4000))
  })
}
