import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'redis'
import { testBackplane } from './backplane.conformance.ts'
import type { BusOptions } from './backplane.ts'
import { open } from './redis.ts'
import {
  hang,
  Listener,
  listenDumb,
  messagesOf,
  REDIS,
  refusesToOpen,
  serveRedis,
  type TestServer,
  testsOn,
} from './servers.conformance.ts'

testBackplane(REDIS)
testBackplane({
  ...REDIS,
  name: 'Redis that keeps its store',
  serve: () => serveRedis({ isPersistent: true, password: 's3cret' }),
  keepsStore: true,
})

const OPTIONS: BusOptions = { namespace: 'n', retain: 100, routing: 'broadcast' }

const withRedis = testsOn(serveRedis)

/** Asks the server as anybody may. */
async function ask(url: string, ...command: string[]): Promise<unknown> {
  const client = createClient({ url })
  client.on('error', () => {})
  await client.connect()
  return client.sendCommand(command).finally(() => client.destroy())
}

async function joined(url: string, options: Partial<BusOptions> = {}): Promise<Listener> {
  const listener = new Listener(await open(url, { ...OPTIONS, ...options }))
  await listener.bus.join(listener)
  return listener
}

describe('the store of Redis', () => {
  withRedis('begins anew for all when it is emptied', {}, async ({ url }) => {
    const [one, two] = [await joined(url), await joined(url)]
    await one.bus.publish(messagesOf('a', 'b'))
    await two.has('a b')
    await ask(url, 'FLUSHALL')
    await Promise.all([one, two].map((member) => member.until(() => member.epochs.length === 2)))
    await one.until(() => one.isThere)
    await one.bus.publish(messagesOf('c'))
    await Promise.all([one.has('a b c'), two.has('a b c')])
    assert.deepEqual(one.epochs, two.epochs)
    assert.equal(one.positions.at(-1), 1)
    await Promise.all([one.bus.close(), two.bus.close()])
  })

  withRedis('refuses a publish that was on its way to the one before', {}, async ({ url }) => {
    const one = await joined(url)
    await ask(url, 'FLUSHALL')
    await assert.rejects(one.bus.publish(messagesOf('a')), /emptied/)
    await one.until(() => one.isThere)
    await one.bus.publish(messagesOf('b'))
    await one.has('b')
    await one.bus.close()
  })

  withRedis('begins anew when the server is back with what it was once', {}, async (server) => {
    const one = await joined(server.url)
    await one.bus.publish(messagesOf('a', 'b'))
    await ask(server.url, 'SAVE')
    await one.bus.publish(messagesOf('c'))
    await one.has('a b c')
    await server.kill()
    await server.start()
    assert.equal(await ask(server.url, 'EXISTS', 'rtbench:{n}:store'), 1)
    await one.until(() => one.epochs.length === 2)
    await one.bus.close()
  })

  withRedis(
    'goes when the last member has closed, and by itself when none could',
    {},
    async ({ url }) => {
      for (const routing of ['broadcast', 'by-channel'] as const) {
        const [one, two] = [await joined(url, { routing }), await joined(url, { routing })]
        await one.bus.publish(messagesOf('a'))
        const keys = (await ask(url, 'KEYS', '*')) as string[]
        assert.equal(keys.length, routing === 'broadcast' ? 2 : 3)
        for (const key of keys) assert.ok(Number(await ask(url, 'TTL', key)) > 500, key)
        await one.bus.close()
        assert.deepEqual(await ask(url, 'KEYS', '*'), keys)
        await two.bus.close()
        assert.deepEqual(await ask(url, 'KEYS', '*'), [])
      }
    },
  )

  withRedis('retains as many events with routing by channel, and no more', {}, async ({ url }) => {
    const one = await joined(url, { routing: 'by-channel', retain: 10 })
    for (let round = 0; round < 10; round++) await one.bus.publish(messagesOf(...'abcde'))
    assert.equal(await ask(url, 'XLEN', 'rtbench:{n}:events'), 10)
    assert.equal(await ask(url, 'ZCARD', 'rtbench:{n}:index'), 10)
    await one.bus.close()
  })
})

describe('a Redis that is not well', () => {
  withRedis('that hangs is lost and caught up with', {}, async (server) => {
    const [one, two] = [await joined(server.url), await joined(server.url)]
    await one.bus.publish(messagesOf('a'))
    await hang(server.pid)
    await assert.rejects(one.bus.publish(messagesOf('b')), /no answer|did not answer/)
    await one.until(() => !one.isThere)
    process.kill(server.pid, 'SIGCONT')
    await Promise.all([one, two].map((member) => member.until(() => member.isThere)))
    await one.bus.publish(messagesOf('c'))
    await two.until(() => two.data.at(-1) === 'c')
    await one.until(() => one.data.at(-1) === 'c')
    assert.deepEqual(one.data, two.data)
    assert.match(one.data.join(' '), /^a (b )?c$/)
    await Promise.all([one.bus.close(), two.bus.close()])
  })

  withRedis('that forgot the scripts gets them again', {}, async ({ url }) => {
    const one = await joined(url)
    await ask(url, 'SCRIPT', 'FLUSH')
    await assert.rejects(one.bus.publish(messagesOf('a')))
    await one.until(() => one.isThere)
    await one.bus.publish(messagesOf('b'))
    await one.has('b')
    assert.equal(one.epochs.length, 1)
    await one.bus.close()
  })

  withRedis('that has no memory left refuses, and says so', {}, async ({ url }) => {
    const one = await joined(url)
    await ask(url, 'CONFIG', 'SET', 'maxmemory', '1')
    await assert.rejects(one.bus.publish(messagesOf('a')), /maxmemory/)
    await ask(url, 'CONFIG', 'SET', 'maxmemory', '0')
    await one.bus.publish(messagesOf('b'))
    await one.has('b')
    await one.bus.close()
  })

  withRedis('that cuts off a slow reader has it back without loss', {}, async ({ url }) => {
    const [one, two] = [
      await joined(url, { retain: 10_000 }),
      await joined(url, { retain: 10_000 }),
    ]
    await ask(url, 'CLIENT', 'KILL', 'TYPE', 'pubsub')
    await one.until(() => one.causes.length === 1 && one.isThere)
    await one.bus.publish(messagesOf('a'))
    await Promise.all([one.has('a'), two.has('a')])
    await Promise.all([one.bus.close(), two.bus.close()])
  })
})

describe('a Redis cluster', () => {
  it('is joined at the node that has the keys', async (context: TestContext) => {
    const nodes: TestServer[] = []
    try {
      for (let node = 0; node < 2; node++) {
        const server = await serveRedis({ isClustered: true })
        if (typeof server === 'string') return context.skip(server)
        nodes.push(server)
      }
      const [first, second] = nodes as [TestServer, TestServer]
      await ask(first.url, 'CLUSTER', 'ADDSLOTSRANGE', '0', '8191')
      await ask(second.url, 'CLUSTER', 'ADDSLOTSRANGE', '8192', '16383')
      const met = [String(second.port), String(second.morePort)]
      await ask(first.url, 'CLUSTER', 'MEET', '127.0.0.1', ...met)
      for (const { url } of nodes) {
        while (!String(await ask(url, 'CLUSTER', 'INFO')).includes('cluster_state:ok'))
          await sleep(50)
      }
      // One of some namespaces is on the other node.
      for (const namespace of ['a', 'b', 'c', 'd', 'e']) {
        const [one, two] = await Promise.all(nodes.map(({ url }) => joined(url, { namespace })))
        await one?.bus.publish(messagesOf('x', 'y'))
        await two?.has('x y')
        await Promise.all([one?.bus.close(), two?.bus.close()])
      }
      assert.deepEqual(await Promise.all(nodes.map(({ url }) => ask(url, 'DBSIZE'))), [0, 0])
    } finally {
      await Promise.all(nodes.map((node) => node.stop()))
    }
  })
})

describe('a Redis that cannot be used is said in a line', () => {
  let locked: TestServer | string
  before(async () => {
    locked = await serveRedis({ password: 's3cret' })
  })
  after(async () => {
    if (typeof locked !== 'string') await locked.stop()
  })
  const refuses = (url: string, message: RegExp): Promise<void> =>
    refusesToOpen(open, url, OPTIONS, message)

  it('with a wrong password, and without one', async (context: TestContext) => {
    if (typeof locked === 'string') return context.skip(locked)
    const { port } = locked
    await refuses(`redis://:wr0ng@127.0.0.1:${port}`, /\/\/\*\*\*@.*refuses the login/)
    await refuses(`redis://127.0.0.1:${port}`, /wants a login: redis:\/\/USER:PASSWORD@HOST/)
    await refuses(`redis://:s3cret@127.0.0.1:${port}/99`, /out of range/)
    await refuses(`redis://:s3cret@127.0.0.1:${port}/name`, /no number of a database/)
    await refuses(`rediss://:s3cret@127.0.0.1:${port}`, /no Redis there/)
    const replica = await serveRedis({ args: ['--replicaof', '127.0.0.1', '1'] })
    assert.ok(typeof replica !== 'string')
    await refuses(replica.url, /replica/).finally(() => replica.stop())
  })

  it('where something else is, or nothing', async () => {
    await refuses('redis://127.0.0.1:1', /nothing listens there/)
    await refuses('redis://nowhere.invalid', /host is not known/)
    const other = await listenDumb('HTTP/1.1 400 Bad Request\r\n\r\n')
    await refuses(`redis://127.0.0.1:${other.port}`, /no Redis there/).finally(other.close)
    await refuses('redis://a:port', /expected redis:\/\/\[USER:PASSWORD@\]HOST/)
  })

  it('where nobody answers', async () => {
    const begunMs = performance.now()
    const other = await listenDumb('')
    try {
      await refuses(`redis://127.0.0.1:${other.port}`, /no answer in/)
      assert.ok(performance.now() - begunMs < 20_000)
      await other.isLeft()
    } finally {
      other.close()
    }
  })
})
