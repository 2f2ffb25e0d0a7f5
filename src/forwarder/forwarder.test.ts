import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Forwarder } from './forwarder.ts'

/** An echo behind a forwarder. */
async function stage(context: TestContext) {
  const taken: Socket[] = []
  const server = createServer((socket) => {
    taken.push(socket)
    socket.on('error', () => {}).pipe(socket)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const forwarder = new Forwarder()
  const upstream = { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
  const [port = 0] = await forwarder.listen([upstream])
  context.after(async () => {
    for (const socket of taken) socket.destroy()
    await forwarder.close()
    await new Promise((resolve) => server.close(resolve))
  })
  return { forwarder, port, taken }
}

class Client {
  readonly socket: Socket
  text = ''
  isClosed = false

  constructor(context: TestContext, port: number) {
    this.socket = connect({ host: '127.0.0.1', port })
    this.socket.on('data', (bytes) => {
      this.text += bytes
    })
    this.socket
      .on('error', () => {})
      .on('close', () => {
        this.isClosed = true
      })
    context.after(() => this.socket.destroy())
  }

  async has(text: string): Promise<void> {
    await until(() => this.text === text, `${JSON.stringify(text)}: ${JSON.stringify(this.text)}`)
  }
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const untilMs = performance.now() + 5_000
  while (!holds()) {
    assert.ok(performance.now() < untilMs, `not in time: ${what}`)
    await sleep(5)
  }
}

test('what goes silent carries nothing, and the others go on; then it speaks again', async (context) => {
  const { forwarder, port } = await stage(context)
  const [silent, other] = [new Client(context, port), new Client(context, port)]
  silent.socket.write('one')
  other.socket.write('one')
  await Promise.all([silent.has('one'), other.has('one')])
  const { count, restore } = forwarder.silence({ ports: [silent.socket.localPort ?? 0] })
  assert.equal(count, 1)
  silent.socket.write(' two')
  other.socket.write(' two')
  await other.has('one two')
  await sleep(50)
  assert.equal(silent.text, 'one')
  restore()
  await silent.has('one two')
})

test('neither end learns that the other one left in silence, until it is over', async (context) => {
  const { forwarder, port, taken } = await stage(context)
  const client = new Client(context, port)
  client.socket.write('hello')
  await client.has('hello')
  const { restore } = forwarder.silence({ ports: [client.socket.localPort ?? 0] })
  client.socket.destroy()
  await sleep(100)
  assert.equal(taken[0]?.destroyed, false)
  restore()
  await until(() => taken[0]?.destroyed === true, 'the server learns of it')
})

test('a listener that is silent takes connections, and answers when it speaks again', async (context) => {
  const { forwarder, port } = await stage(context)
  const before = new Client(context, port)
  before.socket.write('a')
  await before.has('a')
  const { restore } = forwarder.silence({ listener: 0 })
  const after = new Client(context, port)
  after.socket.write('b')
  await sleep(100)
  assert.equal(after.text, '')
  restore()
  await after.has('b')
  before.socket.write('c')
  await before.has('ac')
})

test('an end that is closed closes the other one, after what was on its way', async (context) => {
  const { port, taken } = await stage(context)
  const client = new Client(context, port)
  client.socket.write('x'.repeat(100_000))
  await until(() => client.text.length === 100_000, 'all of it')
  taken[0]?.end('end')
  await until(() => client.isClosed, 'the close')
  assert.equal(client.text.length, 100_003)
})

test('a path leads to a path', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'rtbench-forwarder-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const server = createServer((socket) => socket.pipe(socket))
  await new Promise<void>((resolve) => {
    server.listen(join(folder, 'to'), resolve)
  })
  const forwarder = new Forwarder()
  const upstream = { path: join(folder, 'to'), listenAt: join(folder, 'from') }
  assert.deepEqual(await forwarder.listen([upstream]), [0])
  const socket = connect(upstream.listenAt)
  const said = new Promise<string>((resolve) => {
    socket.once('data', (bytes) => resolve(String(bytes)))
  })
  socket.write('hello')
  assert.equal(await said, 'hello')
  socket.destroy()
  await forwarder.close()
  await new Promise((resolve) => server.close(resolve))
})
