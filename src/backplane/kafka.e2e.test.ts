import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { extname, join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { testBackplane } from './backplane.conformance.ts'
import type { Backplane, BusMessage, BusOptions, BusReceiver, Delivered } from './backplane.ts'
import { open } from './kafka.ts'
import {
  brokerCertificate,
  KAFKA,
  KafkaBroker,
  missingForKafka,
  SASL_LOGIN,
} from './kafka-broker.conformance.ts'
import { hang } from './servers.conformance.ts'

const missing = missingForKafka()

testBackplane(KAFKA)

describe('kafka: what is its own', { skip: missing ?? false }, () => {
  let broker: KafkaBroker
  let names = 0
  before(async () => {
    broker = await KafkaBroker.start()
  })
  after(() => broker.stop())

  const opened = async (
    context: TestContext,
    options: Partial<BusOptions> = {},
    url = broker.url,
  ): Promise<Backplane> => {
    const whole = { namespace: `own${++names}`, retain: 1_000, routing: 'broadcast' } as const
    const bus = await open(url, { ...whole, ...options })
    context.after(() => bus.close())
    return bus
  }
  const joined = async (
    context: TestContext,
    options: Partial<BusOptions> = {},
    url?: string,
  ): Promise<Member> => {
    const member = new Member(await opened(context, options, url))
    await member.bus.join(member)
    return member
  }

  it('takes the first broker that answers', async (context) => {
    const silent = createServer((socket) => socket.on('error', () => {}).resume())
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    context.after(() => silent.close())
    const { port } = silent.address() as AddressInfo
    const url = `kafka://127.0.0.1:1,127.0.0.1:${port},127.0.0.1:${broker.port}`
    const bus = await opened(context, {}, url)
    await bus.publish(some('a'))
  })

  it('logs in by SASL/PLAIN', async (context) => {
    const member = await joined(context, {}, `kafka://${SASL_LOGIN}@127.0.0.1:${broker.saslPort}`)
    await member.bus.publish(some('a'))
    await member.until(() => member.events.length === 1)
  })

  it('says in a line without secrets who is not let in', async (context) => {
    const { port, saslPort } = broker
    for (const [url, cause] of [
      [`alice:wr0ng@127.0.0.1:${saslPort}`, 'the broker does not accept this user and password'],
      [`bob:s3cret@127.0.0.1:${saslPort}`, 'the broker does not accept this user and password'],
      [
        `127.0.0.1:${saslPort}`,
        'the broker ended the connection (it may want user:password@ or ?tls=true)',
      ],
      [`bob:s3cret@127.0.0.1:${port}`, 'the broker does not let anybody log in by SASL/PLAIN'],
    ] as const) {
      await assert.rejects(opened(context, {}, `kafka://${url}`), {
        code: 'cannot-run',
        message: `--backplane kafka://${url.replace(/.*@/, '***@')}: no Kafka there that can be used: ${cause}`,
      })
    }
  })

  it('speaks TLS with a broker whose certificate is trusted, and with no other', async (context) => {
    const url = `kafka://127.0.0.1:${broker.tlsPort}?tls=true`
    await assert.rejects(opened(context, {}, url), /^[^\n]+: self-signed certificate$/)
    const source = import.meta.url
    const module = new URL(`kafka${extname(fileURLToPath(source))}`, source)
    const program = `const { open } = await import(${JSON.stringify(module)})
      const bus = await open('${url}', { namespace: 'tls', retain: 1, routing: 'broadcast' })
      await bus.publish([{ channel: 'news', type: null, data: 'a', acceptedAtNs: 1 }])
      console.log(bus.account.published)
      await bus.close()`
    const flags = [...process.execArgv.filter((flag) => !flag.startsWith('--test'))]
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [...flags, '--input-type=module', '-e', program],
      { env: { ...process.env, NODE_EXTRA_CA_CERTS: brokerCertificate } },
    )
    assert.deepEqual([stdout, stderr], ['1\n', ''])
  })

  it('goes on with a new store where the topic was removed', async (context) => {
    const namespace = `own${++names}`
    const owner = await opened(context, { namespace, isOwner: true })
    const members = [await joined(context, { namespace }), await joined(context, { namespace })]
    const [one, two] = members
    assert.ok(one !== undefined && two !== undefined)
    await one.bus.publish(some('a', 'b'))
    await Promise.all(members.map((member) => member.until(() => member.events.length === 2)))
    await owner.close()
    await Promise.all(members.map((member) => member.until(() => member.epochs.length === 2)))
    await one.bus.publish(some('c'))
    await two.bus.publish(some('d'))
    for (const { events, epochs } of members) {
      await one.until(() => events.length === 4)
      assert.deepEqual(
        events.map(({ position }) => position),
        [1, 2, 1, 2],
      )
      assert.deepEqual(
        events.map(({ message }) => message.data),
        ['a', 'b', 'c', 'd'],
      )
      assert.deepEqual(epochs, one.epochs)
    }
    // Who opened as owner what was there before leaves it there.
    const later = await opened(context, { namespace, isOwner: true })
    await later.close()
    await one.bus.publish(some('e'))
    await one.until(() => one.events.length === 5)
    assert.deepEqual(one.events.at(-1)?.position, 3)
  })

  it('goes on with a new store where the broker lost the end of it', async (context) => {
    const namespace = `own${++names}`
    const one = await joined(context, { namespace })
    await one.bus.publish(some('a', 'b', 'c'))
    await one.until(() => one.events.length === 3)
    await broker.kill()
    const [folder] = readdirSync(broker.data).filter((name) => name.includes(`${namespace}-`))
    const partition = join(broker.data, folder ?? assert.fail('no folder of the topic'))
    for (const file of readdirSync(partition)) {
      if (file !== 'partition.metadata') rmSync(join(partition, file))
    }
    await broker.start()
    await one.until(() => one.epochs.length === 2)
    await one.until(() => one.told.at(-1) === 'restored')
    const two = await joined(context, { namespace })
    await one.bus.publish(some('d'))
    for (const member of [one, two]) {
      await member.until(() => member.events.at(-1)?.message.data === 'd')
      assert.equal(member.events.at(-1)?.position, 1)
    }
    assert.equal(one.epochs[1], two.epochs[0])
  })

  it('publishes again without doubling or reordering what a broken connection left unsaid', async (context) => {
    const proxy = await BreakingProxy.before(context, broker.port)
    const namespace = `own${++names}`
    const reader = await joined(context, { namespace })
    const writer = await opened(context, { namespace }, proxy.url)
    const published: Promise<string | null>[] = []
    for (let round = 0; proxy.broken < 10; round++) {
      const data = `${round}`
      published.push(
        writer.publish(some(data)).then(
          () => data,
          () => null,
        ),
      )
      // Of an answer that tells of a batch at times, and of one to those that look for the broker at others.
      if (round % 20 === 19) proxy.breakAfter(Math.floor(Math.random() * 150))
      await sleep(5)
    }
    const taken = (await Promise.all(published)).filter((data) => data !== null)
    assert.ok(taken.length > published.length / 2, `${taken.length} of ${published.length} taken`)
    await reader.until(() => reader.events.at(-1)?.message.data === taken.at(-1))
    const received = reader.events.map(({ message }) => Number(message.data))
    assert.deepEqual(
      received,
      [...new Set(received)].sort((one, other) => one - other),
    )
    const known = new Set(received)
    assert.deepEqual(
      taken.filter((data) => !known.has(Number(data))),
      [],
    )
  })

  it('refuses in time and loses nothing while the broker hangs', async (context) => {
    const member = await joined(context)
    await member.bus.publish(some('a'))
    try {
      await hang(broker.pid)
      const begunMs = performance.now()
      await assert.rejects(member.bus.publish(some('b')), /did not acknowledge it/)
      assert.ok(performance.now() - begunMs < 10_000)
      await member.until(() => member.told.at(-1)?.startsWith('lost') === true)
    } finally {
      process.kill(broker.pid, 'SIGCONT')
    }
    await member.until(() => member.told.at(-1) === 'restored')
    await member.bus.publish(some('c'))
    await member.until(() => member.events.at(-1)?.message.data === 'c')
    const data = member.events.map(({ message }) => message.data).filter((each) => each !== 'b')
    assert.deepEqual(data, ['a', 'c'])
  })

  it('leaves nothing: no topic that its run made, no socket, no timer', async (context) => {
    const namespace = `own${++names}`
    const options = { namespace, retain: 10, routing: 'broadcast' } as const
    const proxy = await BreakingProxy.before(context, broker.port)
    const owner = await open(proxy.url, { ...options, isOwner: true })
    const member = new Member(await open(broker.url, options))
    await member.bus.join(member)
    await member.bus.publish(some('a'))
    const topics = () =>
      readdirSync(broker.data).filter((name) => name === `rtbench-${namespace}-0`)
    assert.equal(topics().length, 1)
    await member.bus.close()
    assert.equal(topics().length, 1)
    // As after minutes of silence.
    proxy.breakAll()
    await owner.close()
    await member.until(() => topics().length === 0)
    const isOurs = (name: string): boolean => /^(?:TCPSocketWrap|ConnectWrap|Timeout)$/.test(name)
    await member.until(() => !process.getActiveResourcesInfo().some(isOurs))
  })

  it('tells what the process of a broker on this machine takes', async (context) => {
    const bus = await opened(context)
    const earlier = await bus.read()
    for (let round = 0; round < 20; round++) await bus.publish(some(...'abcdefgh'))
    let later = await bus.read()
    assert.ok(earlier?.cpuUs && earlier.rssBytes && later?.cpuUs && later.rssBytes)
    assert.ok(later.cpuUs >= earlier.cpuUs && later.cpuUs < 600e6, `${later.cpuUs} µs`)
    assert.ok(later.rssBytes > 50e6 && later.rssBytes < 2e9, `${later.rssBytes} bytes`)
    assert.deepEqual([later.bytesIn, later.bytesOut], [null, null])
    const { published, bytesIn, bytesOut } = bus.account
    assert.equal(published, 160)
    assert.ok(bytesOut > 160 * 12 && bytesIn > 20 * 20, `${bytesOut} out, ${bytesIn} in`)
    await broker.kill()
    await broker.start()
    await bus.publish(some('a'))
    later = await bus.read()
    assert.ok(later?.cpuUs && later.rssBytes)
  })
})

/** A member of a bus, and all that it was told. */
class Member implements BusReceiver {
  readonly bus: Backplane
  readonly epochs: string[] = []
  readonly events: Delivered[] = []
  readonly told: string[] = []

  constructor(bus: Backplane) {
    this.bus = bus
  }

  begin(epoch: string): void {
    this.epochs.push(epoch)
  }

  receive(events: readonly Delivered[]): void {
    this.events.push(...events)
  }

  gap(lostUpTo: number): void {
    this.told.push(`gap ${lostUpTo}`)
  }

  lost(cause: string): void {
    this.told.push(`lost ${cause}`)
  }

  restored(): void {
    this.told.push('restored')
  }

  async until(isSo: () => boolean): Promise<void> {
    const untilMs = performance.now() + 60_000
    while (!isSo()) {
      assert.ok(performance.now() < untilMs, `${this.events.length} events, ${this.told.join()}`)
      await sleep(5)
    }
  }
}

/** Before a broker, a wire that breaks after so many more bytes of answers: what was asked for is done, and not told. */
class BreakingProxy {
  readonly #sockets = new Set<Socket>()
  #left = Number.POSITIVE_INFINITY
  broken = 0
  url = ''

  static async before(context: TestContext, port: number): Promise<BreakingProxy> {
    const proxy = new BreakingProxy()
    const server = createServer((socket) => proxy.#onConnection(socket, connect(port, '127.0.0.1')))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    proxy.url = `kafka://127.0.0.1:${(server.address() as AddressInfo).port}`
    context.after(() => {
      server.close()
      proxy.breakAll()
    })
    return proxy
  }

  #onConnection(socket: Socket, onward: Socket): void {
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.#sockets.add(one)
      one.on('error', () => {}).once('close', () => other.destroy())
    }
    socket.pipe(onward)
    onward.on('data', (bytes: Buffer) => {
      this.#left -= bytes.length
      if (this.#left > 0) {
        socket.write(bytes)
        return
      }
      this.#left = Number.POSITIVE_INFINITY
      this.broken++
      socket.destroy()
    })
  }

  breakAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  breakAfter(bytes: number): void {
    this.#left = bytes
  }
}

function some(...data: readonly string[]): readonly BusMessage[] {
  return data.map((each) => ({ channel: 'news', type: null, data: each, acceptedAtNs: 1 }))
}
