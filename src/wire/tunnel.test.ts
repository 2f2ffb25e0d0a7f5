import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClientSocket, SocketOwner } from './socket.ts'
import { Tunnel } from './tunnel.ts'

/** A tunnel whose proxy answers in pieces; what its owner heard. */
function through(pieces: readonly string[]) {
  const heard: string[] = []
  const owner: SocketOwner = {
    onConnected: () => void heard.push('connected'),
    onBytes: (bytes, length) => void heard.push(bytes.toString('latin1', 0, length)),
    onClosed: (cause) => void heard.push(`closed ${cause}`),
  }
  const written: string[] = []
  const socket = {
    write: (text: string) => written.push(text) > 0,
    break: () => tunnel.onClosed('ECONNRESET'),
  } as unknown as ClientSocket
  const tunnel = new Tunnel('server:80', owner, () => socket)
  tunnel.onConnected()
  assert.deepEqual(written, ['CONNECT server:80 HTTP/1.1\r\nHost: server:80\r\n\r\n'])
  for (const piece of pieces) tunnel.onBytes(Buffer.from(piece), piece.length)
  return { heard, tunnel }
}

test('a tunnel is the connection of its owner from its answer on, however that comes', () => {
  const head = 'HTTP/1.1 200 Connection established\r\nVia: squid\r\n\r\n'
  for (let cut = 1; cut < head.length; cut++) {
    const { heard } = through([head.slice(0, cut), head.slice(cut), 'bytes'])
    assert.deepEqual(heard, ['connected', 'bytes'])
  }
})

test('a refusal is the cause of the end, and so is an answer that is none', () => {
  assert.deepEqual(through(['HTTP/1.1 403 Forbidden\r\n\r\n<html>']).heard, [
    'closed proxy-connect-403',
  ])
  assert.deepEqual(through(['SSH-2.0\r\n\r\n']).heard, ['closed proxy-connect'])
  assert.deepEqual(through(['x'.repeat(20_000)]).heard, ['closed proxy-connect'])
  const { heard, tunnel } = through(['HTTP/1.1 2'])
  tunnel.onClosed(null)
  assert.deepEqual(heard, ['closed proxy-connect'])
})

test('what comes in one piece with the answer is nothing that a server says unasked', () => {
  const { heard } = through(['HTTP/1.1 200 OK\r\n\r\nearly'])
  assert.deepEqual(heard, ['closed proxy-connect-200'])
})
