import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:net'
import { type TestContext, test } from 'node:test'
import { NS_PER_MS } from '../measure/clock.ts'
import { WireError } from '../wire/wire-error.ts'
import { ReconnectingClient } from './reconnecting-client.ts'
import { PACE, RecordingSession, until } from './session.conformance.ts'
import type { Alarms, Sleeper, Target } from './transport.ts'

/** A clock whose hands the test turns. */
class ManualAlarms implements Alarms {
  #nowNs = 0
  #set: { readonly atNs: number; readonly sleeper: Sleeper }[] = []

  get pending(): number {
    return this.#set.length
  }

  nowNs(): number {
    return this.#nowNs
  }

  set(atNs: number, sleeper: Sleeper): void {
    this.#set.push({ atNs, sleeper })
  }

  /** Turns the clock on, one alarm after the other. */
  advance(milliseconds: number): void {
    const end = this.#nowNs + milliseconds * NS_PER_MS
    for (;;) {
      const [next] = this.#set.toSorted((a, b) => a.atNs - b.atNs)
      if (next === undefined || next.atNs > end) break
      this.#set = this.#set.filter((one) => one !== next)
      this.#nowNs = Math.max(this.#nowNs, next.atNs)
      next.sleeper.wake(next.atNs)
    }
    this.#nowNs = end
  }
}

/** Says nothing, and takes a byte each as a confirmation, as an event and as an error. */
class ByteClient extends ReconnectingClient {
  greeted = 0
  protected greet(): void {
    this.greeted++
  }
  protected read(bytes: Buffer, length: number): void {
    this.expectNothing()
    for (const byte of bytes.subarray(0, length)) {
      if (byte === 0x2b) this.session.subscribed()
      else if (byte === 0x21) this.served()
      else throw new WireError('http-syntax', 'no plus')
    }
  }
  protected forget(): void {}
}

interface Scene {
  readonly alarms: ManualAlarms
  readonly session: RecordingSession
  readonly client: ByteClient
  /** Writes to the newest connection. */
  say(text: string): void
  /** Closes all connections. */
  hangUp(): void
}

async function scene(context: TestContext): Promise<Scene> {
  const alarms = new ManualAlarms()
  const session = new RecordingSession('news', { ...PACE, timeoutMs: 1_000 }, alarms)
  const sockets: import('node:net').Socket[] = []
  const server: Server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  assert(typeof address === 'object' && address !== null)
  const target: Target = {
    host: '127.0.0.1',
    port: address.port,
    secure: false,
    authority: 'localhost',
    basePath: '',
    token: null,
  }
  const client = new ByteClient({ target }, session)
  context.after(() => {
    client.stop()
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  client.start()
  await until(() => client.greeted === 1 && sockets.length === 1, 'the connection')
  return {
    alarms,
    session,
    client,
    say: (text) => sockets.at(-1)?.write(text),
    hangUp: () => {
      for (const socket of sockets) socket.end()
    },
  }
}

test('gives a silent server up at the deadline, not before', async (context) => {
  const { alarms, session } = await scene(context)
  alarms.advance(999)
  assert.deepEqual(session.cuts, [])
  // Deadlines are looked at in steps.
  alarms.advance(251)
  assert.deepEqual(session.cuts, ['timeout'])
})

test('owes nothing once subscribed', async (context) => {
  const { alarms, session, say } = await scene(context)
  say('+')
  await until(() => session.subscriptions === 1, 'the subscription')
  alarms.advance(3_600_000)
  assert.deepEqual(session.cuts, [])
  assert.equal(alarms.pending, 0)
})

test('connects again though an older alarm stands before its time', async (context) => {
  const { alarms, session, client, hangUp } = await scene(context)
  session.random = () => 0.5
  // The cut is 10 ms before the deadline's alarm, the next attempt 40 ms after it.
  alarms.advance(990)
  hangUp()
  await until(() => session.cuts.length === 1, 'the cut')
  alarms.advance(49)
  assert.equal(client.greeted, 1)
  alarms.advance(1)
  await until(() => client.greeted === 2, 'the second connection')
})

test('doubles its waits until it is served', async (context) => {
  const { alarms, session, client, say } = await scene(context)
  session.random = () => 0.999
  for (const [index, wait] of [100, 200, 400].entries()) {
    while (session.cuts.length === index) alarms.advance(1)
    alarms.advance(wait * 0.98)
    assert.equal(client.greeted, index + 1)
    alarms.advance(wait * 0.02)
    await until(() => client.greeted === index + 2, 'another connection')
  }
  say('+!')
  await until(() => session.subscriptions === 1, 'the subscription')
  say('-')
  await until(() => session.cuts.length === 4, 'the error')
  assert.equal(session.cuts[3], 'http-syntax')
  alarms.advance(100)
  await until(() => client.greeted === 5, 'the connection after a short wait')
})

test('stays stopped', async (context) => {
  const { alarms, session, client, say } = await scene(context)
  session.subscribed = () => client.stop()
  // What comes after it in the same read is an error, of a connection that is no longer.
  say('+-')
  await until(() => session.reader.openSockets === 0, 'the end')
  alarms.advance(3_600_000)
  assert.equal(client.greeted, 1)
  assert.deepEqual(session.cuts, [])
})

test('stays stopped when stopped at a cut', async (context) => {
  const { alarms, session, client, hangUp } = await scene(context)
  session.cut = () => client.stop()
  hangUp()
  await until(() => session.reader.openSockets === 0, 'the end')
  alarms.advance(3_600_000)
  assert.equal(client.greeted, 1)
})

test('a subscription alone shortens no wait, a long life does', async (context) => {
  const { alarms, session, client, say } = await scene(context)
  session.random = () => 0.999
  for (const [index, wait] of [100, 200, 400].entries()) {
    say('+')
    await until(() => session.subscriptions === index + 1, 'the subscription')
    say('-')
    await until(() => session.cuts.length === index + 1, 'the error')
    alarms.advance(wait * 0.98)
    assert.equal(client.greeted, index + 1)
    alarms.advance(wait * 0.02)
    await until(() => client.greeted === index + 2, 'another connection')
  }
  say('+')
  await until(() => session.subscriptions === 4, 'the subscription')
  alarms.advance(5_001)
  say('-')
  await until(() => session.cuts.length === 4, 'the error')
  alarms.advance(100)
  await until(() => client.greeted === 5, 'the connection after a short wait')
})
