import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { until } from '../transports/session.conformance.ts'
import type { VirtualClient } from '../transports/transport.ts'
import { type Message, type Outbox, OwnSocketsUp, RequestsUp } from './way-up.ts'

function message(index: number, sequence: number): Message {
  return {
    ...{ index, number: 100 + index, channel: 'room', data: `m${index}.${sequence}`, sequence },
    ...{ intendedAtNs: 0, handedOverAtNs: 0, counted: true },
  }
}

/** Keeps what it is told, in its order. */
class Kept implements Outbox {
  readonly written: string[] = []
  readonly settled: string[] = []

  onWritten({ data }: Message, requests: number): void {
    this.written.push(`${data} ${requests}`)
  }

  onSettled({ data }: Message, fate: string, cause: string | null): void {
    this.settled.push(`${data} ${fate} ${cause}`)
  }
}

/** Clients that write while they may. */
function clients() {
  const state = { isOpen: true, said: [] as [string, number][] }
  const client: VirtualClient = {
    start() {},
    stop() {},
    say(_channel, data, ref) {
      if (!state.isOpen) return 0
      state.said.push([data, ref])
      return data.length
    },
  }
  return { state, clientAt: () => client }
}

test('on their own sockets messages are settled by their references, in whatever order', () => {
  const outbox = new Kept()
  const { state, clientAt } = clients()
  const way = new OwnSocketsUp(outbox, clientAt)
  for (const sequence of [1, 2, 3]) way.send(message(0, sequence))
  const refs = state.said.map(([, ref]) => ref)
  assert.equal(new Set(refs).size, 3)
  way.acknowledged(refs[2] as number, null, 40)
  way.acknowledged(refs[0] as number, 'ws-refused', 41)
  // Of nobody, and of one that is settled.
  way.acknowledged(99, null, 1)
  way.acknowledged(refs[0] as number, null, 1)
  way.close()
  assert.deepEqual(outbox.written, ['m0.1 0', 'm0.2 0', 'm0.3 0'])
  assert.deepEqual(outbox.settled, [
    'm0.3 accepted null',
    'm0.1 dropped ws-refused',
    'm0.2 unknown unanswered',
  ])
  assert.deepEqual([way.bytesSent, way.bytesReceived, way.openSockets], [12, 83, 0])
})

test('a cut leaves what was written unknown, and what was not written is sent later, in order', () => {
  const outbox = new Kept()
  const { state, clientAt } = clients()
  const way = new OwnSocketsUp(outbox, clientAt)
  way.send(message(0, 1))
  way.send(message(1, 1))
  state.isOpen = false
  way.cut(0, 'closed')
  way.send(message(0, 2))
  way.send(message(0, 3))
  assert.deepEqual(outbox.settled, ['m0.1 unknown closed'])
  state.isOpen = true
  // Behind those that wait, though the socket would take it.
  way.send(message(0, 4))
  assert.equal(state.said.length, 2)
  way.subscribed(0)
  assert.deepEqual(
    state.said.map(([data]) => data),
    ['m0.1', 'm1.1', 'm0.2', 'm0.3', 'm0.4'],
  )
})

test('what never left is dropped when all is over', () => {
  const outbox = new Kept()
  const { state, clientAt } = clients()
  state.isOpen = false
  const way = new OwnSocketsUp(outbox, clientAt)
  way.send(message(0, 1))
  way.close()
  assert.deepEqual([outbox.written, outbox.settled], [[], ['m0.1 dropped unanswered']])
})

test('by requests each message is one, on a connection of each client that is opened when first needed', async (context) => {
  const bodies: unknown[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (piece) => {
      text += piece
    })
    request.on('end', () => {
      bodies.push(JSON.parse(text))
      response.statusCode = text.includes('m1.1') ? 503 : 202
      response.end()
    })
  })
  let connections = 0
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const address = { host: '127.0.0.1', port, secure: false, authority: `127.0.0.1:${port}` }
  const outbox = new Kept()
  const targetOf = () => ({ ...address, basePath: '', token: null })
  const way = new RequestsUp(outbox, targetOf, () => {})
  context.after(() => way.close())
  assert.equal(way.openSockets, 0)
  way.send(message(0, 1))
  way.send(message(0, 2))
  way.send(message(1, 1))
  await until(() => outbox.settled.length === 3, 'three answers')
  assert.deepEqual(outbox.written.sort(), ['m0.1 1', 'm0.2 1', 'm1.1 1'])
  assert.deepEqual(outbox.settled.sort(), [
    'm0.1 accepted null',
    'm0.2 accepted null',
    'm1.1 dropped http-503',
  ])
  assert.deepEqual([connections, way.openSockets], [2, 2])
  assert.deepEqual(bodies[0], { channel: 'room', data: 'm0.1' })
})
