import { Socket } from 'node:net'
import type { SharedReader } from '../wire/socket.ts'

const READER = Symbol('reader')

type CountedSocket = Socket & { readonly [READER]: SharedReader }

const { push, write } = Socket.prototype

/**
 * Counts a library's socket into its worker's account, from the moment at which it is connected. It
 * counts where bytes enter and leave Node's stream, which is exact whatever the library does with
 * them, and costs an addition a read; one pair of functions serves all sockets.
 */
export function countSocket(socket: Socket, reader: SharedReader): void {
  reader.openSockets++
  // A library may have written its request before there was a connection.
  reader.bytesSent += socket.writableLength
  Object.assign(socket, { [READER]: reader, push: countedPush, write: countedWrite })
  socket.once('close', discount)
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

function discount(this: CountedSocket): void {
  this[READER].openSockets--
}
