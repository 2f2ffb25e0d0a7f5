import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, describe, it, type TestContext } from 'node:test'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { testBackplane } from './backplane.conformance.ts'
import type { BusOptions } from './backplane.ts'
import { open } from './nats.ts'
import {
  hang,
  Listener,
  listenDumb,
  messagesOf,
  NATS,
  refusesToOpen,
  serveNats,
  type TestServer,
  testsOn,
} from './servers.conformance.ts'

testBackplane(NATS)

const OPTIONS: BusOptions = { namespace: 'n', retain: 100, routing: 'broadcast' }

const withNats = testsOn(serveNats)

type Manager = Awaited<ReturnType<typeof jetstreamManager>>

/** Asks the server as anybody may. */
async function ask<Answer>(
  { port }: TestServer,
  question: (manager: Manager) => Promise<Answer>,
): Promise<Answer> {
  const connection = await connect({ servers: `127.0.0.1:${port}` })
  try {
    return await question(await jetstreamManager(connection))
  } finally {
    await connection.close()
  }
}

const streams = (server: TestServer): Promise<readonly string[]> =>
  ask(server, async (manager) => {
    const names: string[] = []
    for await (const name of manager.streams.names()) names.push(name)
    return names
  })

async function joined(url: string, options: Partial<BusOptions> = {}): Promise<Listener> {
  const listener = new Listener(await open(url, { ...OPTIONS, ...options }))
  await listener.bus.join(listener)
  return listener
}

describe('the store of NATS', () => {
  withNats(
    'begins anew for all when it is removed, and nothing of it is taken for the one before',
    {},
    async (server) => {
      const [one, two] = [await joined(server.url), await joined(server.url)]
      await one.bus.publish(messagesOf('a', 'b'))
      await two.has('a b')
      await ask(server, (manager) => manager.streams.delete('rtbench-n'))
      // A third makes it again, and more in it than there was.
      const three = await joined(server.url)
      await three.bus.publish(messagesOf('c', 'd', 'e', 'f'))
      await Promise.all([one, two].map((member) => member.has('a b c d e f')))
      assert.deepEqual(one.epochs.slice(1), three.epochs)
      assert.deepEqual(one.epochs, two.epochs)
      assert.deepEqual(one.positions, [1, 2, 1, 2, 3, 4])
      await Promise.all([one, two, three].map(({ bus }) => bus.close()))
    },
  )

  withNats('goes when the last member has closed', {}, async (server) => {
    const [one, two] = [await joined(server.url), await joined(server.url, { namespace: 'other' })]
    const three = await joined(server.url)
    await one.bus.publish(messagesOf('a'))
    assert.deepEqual([...(await streams(server))].sort(), ['rtbench-n', 'rtbench-other'])
    await Promise.all([one.bus.close(), two.bus.close()])
    assert.deepEqual(await streams(server), ['rtbench-n'])
    await three.bus.close()
    assert.deepEqual(await streams(server), [])
  })
})

describe('a NATS that is not well', () => {
  withNats('that hangs is lost and caught up with', {}, async (server) => {
    const [one, two] = [await joined(server.url), await joined(server.url)]
    await one.bus.publish(messagesOf('a'))
    await hang(server.pid)
    await assert.rejects(one.bus.publish(messagesOf('b')), /no answer|did not answer/)
    await one.until(() => !one.isThere)
    process.kill(server.pid, 'SIGCONT')
    await Promise.all([one, two].map((member) => member.until(() => member.isThere)))
    await one.bus.publish(messagesOf('c'))
    await Promise.all([one, two].map((member) => member.until(() => member.data.at(-1) === 'c')))
    assert.deepEqual(one.data, two.data)
    assert.match(one.data.join(' '), /^a (b )?c$/)
    await Promise.all([one.bus.close(), two.bus.close()])
  })

  withNats('that takes no message so large refuses it, and goes on', {}, async ({ url }) => {
    const one = await joined(url)
    const [message] = messagesOf('a')
    assert.ok(message !== undefined)
    await assert.rejects(one.bus.publish([{ ...message, data: 'x'.repeat(2 ** 21) }]), /payload/i)
    await one.until(() => one.isThere)
    await one.bus.publish(messagesOf('b'))
    await one.has('b')
    await one.bus.close()
  })

  withNats(
    'tells of itself by its process here, and of bytes by its monitor',
    {},
    async ({ url }) => {
      const one = await joined(url)
      const other = await joined(url.replace(/\?.*/, ''))
      const [told, less] = [await one.bus.read(), await other.bus.read()]
      assert.ok((told?.rssBytes ?? 0) > 1e6 && (told?.bytesIn ?? 0) > 0)
      if (existsSync('/proc/self/stat')) {
        assert.ok((told?.cpuUs ?? -1) >= 0)
        assert.ok((less?.cpuUs ?? -1) >= (told?.cpuUs ?? 0) && less?.bytesIn === null)
      } else assert.equal(less, null)
      await Promise.all([one.bus.close(), other.bus.close()])
    },
  )
})

describe('a NATS that cannot be used is said in a line', () => {
  const refuses = (url: string, message: RegExp): Promise<void> =>
    refusesToOpen(open, url, OPTIONS, message)
  let locked: TestServer | string
  before(async () => {
    locked = await serveNats({ password: 's3cret' })
  })
  after(async () => {
    if (typeof locked !== 'string') await locked.stop()
  })

  it('with a wrong password, without one, without JetStream or TLS', async (context: TestContext) => {
    if (typeof locked === 'string') return context.skip(locked)
    const { port } = locked
    await refuses(`nats://me:wr0ng@127.0.0.1:${port}`, /\/\/\*\*\*@.*refuses the login/)
    await refuses(`nats://wr0ng@127.0.0.1:${port}`, /\/\/\*\*\*@.*refuses the login/)
    await refuses(`nats://127.0.0.1:${port}`, /wants one: nats:\/\/USER:PASSWORD@HOST/)
    await refuses(`tls://me:s3cret@127.0.0.1:${port}`, /tls/i)
    const core = await serveNats({ args: [] })
    assert.ok(typeof core !== 'string')
    await refuses(core.url, /JetStream.* is not enabled: nats-server --jetstream/).finally(() =>
      core.stop(),
    )
  })

  it('with a URL that is none', async () => {
    for (const url of [
      'nats://',
      'nats://a b',
      'nats://a/path',
      'nats://a?x=1',
      'nats://a:1,',
      'tls://a:b:c',
    ]) {
      await refuses(url, /expected nats:\/\/\[USER:PASSWORD@\]HOST/)
    }
  })

  it('where something else is, or nothing', async () => {
    await refuses('nats://127.0.0.1:1', /nothing listens there/)
    await refuses('nats://nowhere.invalid', /host is not known/)
    const other = await listenDumb('HTTP/1.1 400 Bad Request\r\n\r\n')
    await refuses(`nats://127.0.0.1:${other.port}`, /something else/).finally(other.close)
  })

  it('where nobody answers', async () => {
    const begunMs = performance.now()
    const other = await listenDumb('')
    try {
      await refuses(`nats://127.0.0.1:${other.port}`, /says nothing/)
      assert.ok(performance.now() - begunMs < 20_000)
      // A connection that is left open keeps the process alive.
      await other.isLeft()
    } finally {
      other.close()
    }
  })
})
