/** What the frame parser's tests share: a log of what a parser tells, and a server's frames. */
import { feed } from './reads.conformance.ts'
import { WebSocketParser } from './websocket-frame.ts'

/** What was told, in order: `['text', 'a']`, `['close', 1000, 'bye']`, `['error', code]`. */
export type Log = (string | number)[][]

const STALE = Buffer.from([0x81, 0x01, 0x78, 0x89, 0x00])

/** What our parser makes of the reads. */
export function parse(reads: readonly Buffer[], maxMessageBytes?: number): Log {
  const log: Log = []
  const parser = new WebSocketParser(
    {
      onMessage: (bytes, start, end, isBinary) =>
        log.push(
          isBinary
            ? ['binary', bytes.toString('hex', start, end)]
            : ['text', bytes.toString('utf8', start, end)],
        ),
      onPing: (bytes, start, end) => log.push(['ping', bytes.toString('hex', start, end)]),
      onPong: (bytes, start, end) => log.push(['pong', bytes.toString('hex', start, end)]),
      onClose: (code, reason) => log.push(['close', code, reason]),
    },
    maxMessageBytes,
  )
  const error = feed(reads, STALE, (bytes, start, end) => parser.execute(bytes, start, end))
  if (error !== '') log.push(['error', error])
  return log
}

/** Faults that a frame may have. */
export interface Odd {
  fin?: boolean
  /** The three reserved bits. */
  rsv?: number
  masked?: boolean
  /** Bytes of the extended length; the shortest form by default. */
  lengthBytes?: number
}

/** A server's frame, a faulty one on request. */
export function frame(opcode: number, payload: Buffer | string = '', odd: Odd = {}): Buffer {
  const bytes = Buffer.from(payload as string)
  const lengthBytes = odd.lengthBytes ?? (bytes.length < 126 ? 0 : bytes.length < 65536 ? 2 : 8)
  const head = Buffer.alloc(2 + lengthBytes)
  head[0] = ((odd.fin ?? true) ? 0x80 : 0) | ((odd.rsv ?? 0) << 4) | opcode
  head[1] = lengthBytes === 0 ? bytes.length : lengthBytes === 2 ? 126 : 127
  if (lengthBytes === 2) head.writeUInt16BE(bytes.length, 2)
  if (lengthBytes === 8) head.writeBigUInt64BE(BigInt(bytes.length), 2)
  if (odd.masked !== true) return Buffer.concat([head, bytes])
  head[1] = (head[1] ?? 0) | 0x80
  return Buffer.concat([head, Buffer.alloc(4), bytes])
}

/** Payload of a close frame. */
export function status(code: number, reason: Buffer | string = ''): Buffer {
  return Buffer.concat([Buffer.of(code >> 8, code & 255), Buffer.from(reason as string)])
}
