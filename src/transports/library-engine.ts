import { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { acceptanceOf } from '../wire/broadcast-cache.ts'
import { type SharedReader, TrafficAccount } from '../wire/socket.ts'
import { WireError } from '../wire/wire-error.ts'
import type { Session } from './transport.ts'

const READER = Symbol('reader')
const ACCOUNT = Symbol('account')

type CountedSocket = Socket & {
  readonly [READER]: SharedReader
  readonly [ACCOUNT]: TrafficAccount
}

const { push, write } = Socket.prototype

/**
 * Counts a library's socket into its worker's account from when it is connected: where bytes enter and
 * leave Node's stream, which is exact whatever the library does, and costs an addition a read.
 */
export function countSocket(socket: Socket, reader: SharedReader): void {
  reader.openSockets++
  Object.assign(socket, { [READER]: reader })
  socket.once('close', discount)
  if (socket instanceof TLSSocket) {
    countSecure(socket, reader)
    return
  }
  // A library may have written its request before there was a connection.
  reader.bytesSent += socket.writableLength
  Object.assign(socket, { push: countedPush, write: countedWrite })
}

function discount(this: CountedSocket): void {
  this[READER].openSockets--
}

/** Of TLS the bytes below it count: they are looked at whenever the plain text comes and goes. */
function countSecure(socket: TLSSocket, reader: SharedReader): void {
  const account = new TrafficAccount(socket, reader)
  account.shake()
  Object.assign(socket, { [ACCOUNT]: account, push: securePush, write: secureWrite })
  socket.once('close', () => account.take())
}

function securePush(this: CountedSocket, chunk: Buffer | null, encoding?: BufferEncoding): boolean {
  this[ACCOUNT].take()
  return push.call(this, chunk, encoding)
}

function secureWrite(
  this: CountedSocket,
  chunk: string | Buffer,
  encoding?: BufferEncoding,
  callback?: (error?: Error | null) => void,
): boolean {
  const flows = write.call(this, chunk, encoding, callback)
  this[ACCOUNT].take()
  return flows
}

function countedPush(
  this: CountedSocket,
  chunk: Buffer | null,
  encoding?: BufferEncoding,
): boolean {
  if (chunk !== null) this[READER].bytesReceived += chunk.length
  return push.call(this, chunk, encoding)
}

function countedWrite(
  this: CountedSocket,
  chunk: string | Buffer,
  encoding?: BufferEncoding,
  callback?: (error?: Error | null) => void,
): boolean {
  if (!this.destroyed) {
    this[READER].bytesSent +=
      typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.length
  }
  return write.call(this, chunk, encoding, callback)
}

/** The lean engine's causes of what libraries have other codes for. */
const CAUSES: Readonly<Record<string, string>> = {
  HTTPParserError: 'http-syntax',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_OVERFLOW: 'http-head-too-large',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'http-body-too-large',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'http-closed-early',
  UND_ERR_SOCKET: 'closed',
  WS_ERR_INVALID_UTF8: 'ws-utf8',
  WS_ERR_UNEXPECTED_RSV_1: 'ws-compressed',
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'ws-message-too-large',
}

/** The cause under which a library's error is counted. */
export function libraryCause(error: Error): string {
  if (error instanceof WireError) return error.code
  // These two have no code of their own.
  if (error.message === 'bad upgrade') return 'http-101'
  if (error.message === 'socket hang up') return 'closed'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  if (code.startsWith('HPE_')) return 'http-syntax'
  return CAUSES[code] ?? (code.startsWith('WS_ERR_') ? 'ws-protocol' : code)
}

/** Characters for which the bytes are there at once; an event of more gets more. */
const USUAL_CHARACTERS = 64 * 1024
/** UTF-8 of a string's character takes no more. */
const BYTES_PER_CHARACTER = 3

// One for the whole worker: the session looks at the bytes during the call only.
let bytes = Buffer.alloc(0)

/**
 * Tells the session of an event that a library has made into strings; returns 1, or 0 if its data had
 * no mark. To be scanned it is written into a buffer once more: a tenth of a microsecond for 128 bytes.
 */
export function receiveEvent(session: Session, data: string, id: string | null): number {
  const length = encode(data)
  return session.received(bytes, 0, length, acceptanceOf(id ?? ''))
}

export function receiveUnmarked(session: Session, data: string): void {
  if (data !== '') session.unmarked(bytes, 0, encode(data))
}

/** Writes it to the bytes; returns how many. */
function encode(data: string): number {
  if (bytes.length < data.length * BYTES_PER_CHARACTER) {
    const characters = Math.max(USUAL_CHARACTERS, data.length)
    bytes = Buffer.allocUnsafeSlow(characters * BYTES_PER_CHARACTER)
  }
  return bytes.write(data)
}
