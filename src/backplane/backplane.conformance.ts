/** What every backplane keeps, held against a running bus of its kind. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net'
import { after, before, describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../measure/random.ts'
import type {
  Backplane,
  BusMessage,
  BusOptions,
  BusReceiver,
  Delivered,
  OpenBackplane,
  Routing,
} from './backplane.ts'

/** A bus's server process, started for a test. */
export interface ServedBus {
  readonly url: string
  /** Where it listens; a member is cut off by a proxy in front of it. */
  readonly address: NetConnectOpts
  /** The URL of the same server at another port or path; null where its clients find it by themselves. */
  at(address: NetConnectOpts): string | null
  /** Ends its process at once, as a crash would. */
  kill(): Promise<void>
  /** Starts it again on the same address, with what its store kept. */
  start(): Promise<void>
  /** Ends it for good, and removes what it left. */
  stop(): Promise<void>
}

export interface BusUnderTest {
  readonly name: string
  readonly open: OpenBackplane
  readonly routings: readonly Routing[]
  /** Starts a server; or says in a line what is missing here, and the tests are skipped with it. */
  serve(): Promise<ServedBus | string>
  /** A server that was killed has its events again when it is back; otherwise an epoch begins. */
  readonly keepsStore: boolean
  /** It tells what its process takes. */
  readonly tells: boolean
  /** The store's trimming is exact; otherwise it retains up to so many events more than was asked for. */
  readonly retainsMore?: number
}

/** Starts a bus's server for a suite; the answer makes what runs a test on it, or skips it, saying why, where there is none. */
export function servedTests(bus: Pick<BusUnderTest, 'serve'>) {
  let served: ServedBus | null = null
  let missing = ''
  before(async () => {
    const started = await bus.serve()
    if (typeof started === 'string') missing = started
    else served = started
  })
  after(() => served?.stop())
  return (
    name: string,
    body: (running: ServedBus, context: TestContext) => Promise<void>,
    options: object = {},
  ): void => {
    it(name, options, async (context: TestContext) => {
      if (served === null) context.skip(missing)
      else await body(served, context)
    })
  }
}

/** The longest that anything may take here, on a machine that is busy with other things. */
const PATIENCE_MS = 30_000

export function testBackplane(bus: BusUnderTest): void {
  describe(`${bus.name}: what every backplane keeps`, () => {
    const opened: Backplane[] = []
    // Before the bus is stopped.
    after(() => Promise.all(opened.map((member) => member.close())))
    const served = servedTests(bus)

    const test = (
      name: string,
      body: (running: ServedBus) => Promise<void>,
      isFor = true,
    ): void => {
      if (isFor) served(name, body)
    }

    const open = async (
      { url }: { readonly url: string },
      options: Partial<BusOptions>,
    ): Promise<Backplane> => {
      const whole = {
        namespace: anyName(),
        retain: 1_000,
        routing: 'broadcast',
        ...options,
      } as const
      const member = await bus.open(url, whole)
      opened.push(member)
      return member
    }
    const join = async (
      running: { readonly url: string },
      options: Partial<BusOptions>,
    ): Promise<Member> => {
      const member = new Member(await open(running, options))
      await member.bus.join(member)
      return member
    }
    const joinAll = (
      running: { readonly url: string },
      count: number,
      options: Partial<BusOptions> = {},
    ): Promise<Member[]> => {
      const namespace = anyName()
      const joining = Array.from({ length: count }, () => join(running, { namespace, ...options }))
      return Promise.all(joining)
    }

    test('all members receive all messages once, in one order with rising positions', async (running) => {
      const members = await joinAll(running, 3)
      const batches = members.flatMap((member, entry) =>
        Array.from({ length: 40 }, (_, index) => ({
          member,
          messages: some(1 + (index % 3), `entry${entry}`, `${index}`),
        })),
      )
      await Promise.all(batches.map(({ member, messages }) => member.bus.publish(messages)))
      const count = batches.reduce((sum, { messages }) => sum + messages.length, 0)
      await Promise.all(members.map((member) => member.has(count)))
      const [first, ...others] = members.map(({ events }) => events)
      assert.ok(first !== undefined)
      for (const events of others) assert.deepEqual(events, first)
      assertRising(first)
      // What entered at one instance keeps the order of the calls.
      for (const entry of members.keys()) {
        const channel = `entry${entry}`
        const published = batches.flatMap(({ messages }) =>
          messages.filter((message) => message.channel === channel),
        )
        assert.deepEqual(
          first.filter(({ message }) => message.channel === channel).map(({ message }) => message),
          published,
        )
      }
      assert.equal(new Set(members.map(({ epoch }) => epoch)).size, 1)
      for (const { told } of members) assert.deepEqual(told, ['begin 0'])
    })

    test('a message comes as it was, whatever is in it', async (running) => {
      const [member] = await joinAll(running, 1)
      assert.ok(member !== undefined)
      const messages: readonly BusMessage[] = [
        { channel: '!~*.>:{}', type: null, data: '', acceptedAtNs: 0 },
        { channel: 'a'.repeat(128), type: 'ü"\\', data: '\0\r\n{}', acceptedAtNs: 1.5 },
        { channel: 'a', type: '', data: 'ö𝄞'.repeat(8_000), acceptedAtNs: 2 ** 53 - 1 },
        { channel: 'a', type: null, data: 'x'.repeat(65_536), acceptedAtNs: 12_345_678_901_234 },
      ]
      await member.bus.publish(messages)
      await member.has(messages.length)
      assert.deepEqual(member.messages, messages)
    })

    test('nothing and a thousand are published as one is', async (running) => {
      const [member] = await joinAll(running, 1)
      assert.ok(member !== undefined)
      await member.bus.publish([])
      await member.bus.publish(some(1_000))
      await member.has(1_000)
      assert.deepEqual(member.messages, some(1_000))
      const { published, received } = member.bus.account
      assert.deepEqual([published, received], [1_000, 1_000])
    })

    test('who joins later has what is retained, then what comes, and knows from where on', async (running) => {
      const options = { namespace: anyName(), retain: 100 }
      const first = await join(running, options)
      await first.bus.publish(some(250))
      await first.has(250)
      const second = await join(running, options)
      await second.has(100)
      await first.bus.publish(some(5, 'later'))
      await first.has(255)
      await second.until(() => second.messages.at(-1)?.data === first.messages.at(-1)?.data)
      const more = second.events.length - 105
      assert.ok(more >= 0 && more <= (bus.retainsMore ?? 0), `${more} more than retained`)
      assert.deepEqual(second.events, first.events.slice(-second.events.length))
      assert.equal(second.epoch, first.epoch)
      const lostUpTo = (second.events[0]?.position ?? 0) - 1
      assert.deepEqual(second.told, [`begin ${lostUpTo}`])
    })

    test('what is published while one joins is missed by nobody', async (running) => {
      const options = { namespace: anyName() }
      const first = await join(running, options)
      const joining: Promise<Member>[] = []
      for (let round = 0; round < 20; round++) {
        const published = first.bus.publish(some(10, 'news', `${round}`))
        if (round % 4 === 1) joining.push(join(running, options))
        await published
      }
      await first.has(200)
      for (const later of await Promise.all(joining)) {
        await later.has(200)
        assert.deepEqual(later.events, first.events)
      }
    })

    test('namespaces do not meet', async (running) => {
      const [one] = await joinAll(running, 1)
      const [other] = await joinAll(running, 1)
      assert.ok(one !== undefined && other !== undefined)
      await one.bus.publish(some(3, 'news', 'one'))
      await other.bus.publish(some(4, 'news', 'other'))
      await Promise.all([one.has(3), other.has(4)])
      await sleep(100)
      assert.deepEqual(one.messages, some(3, 'news', 'one'))
      assert.deepEqual(other.messages, some(4, 'news', 'other'))
    })

    const cuttable = async (
      running: ServedBus,
    ): Promise<{ readonly proxy: BusProxy; readonly url: string } | null> => {
      const proxy = await BusProxy.before(running.address)
      const url = running.at(proxy.address)
      if (url !== null) return { proxy, url }
      await proxy.close()
      return null
    }

    test('who was cut off has what it missed, once and in its place', async (running) => {
      const through = await cuttable(running)
      if (through === null) return
      const options = { namespace: anyName() }
      const [near, far] = await Promise.all([join(running, options), join(through, options)])
      await near.bus.publish(some(5, 'news', 'before'))
      await Promise.all([near.has(5), far.has(5)])
      for (let round = 1; round <= 3; round++) {
        through.proxy.cut()
        await far.until(() => far.told.at(-1)?.startsWith('lost') === true)
        await near.bus.publish(some(5, 'news', `while${round}`))
        through.proxy.heal()
        await far.until(() => far.told.at(-1) === 'restored')
        await near.bus.publish(some(5, 'news', `after${round}`))
        await Promise.all([near.has(5 + 10 * round), far.has(5 + 10 * round)])
        assert.deepEqual(far.events, near.events)
      }
      assert.deepEqual(
        far.told.map((word) => word.split(' ')[0]),
        ['begin', ...Array(3).fill(['lost', 'restored'])].flat(),
      )
      await through.proxy.close()
    })

    test('who was cut off for longer than the store retains is told of the gap', async (running) => {
      const through = await cuttable(running)
      if (through === null) return
      const options = { namespace: anyName(), retain: 50 }
      const [near, far] = await Promise.all([join(running, options), join(through, options)])
      await near.bus.publish(some(10, 'news', 'before'))
      await far.has(10)
      through.proxy.cut()
      await far.until(() => far.told.at(-1)?.startsWith('lost') === true)
      const rounds = 10 + Math.ceil((bus.retainsMore ?? 0) / 100)
      for (let round = 0; round < rounds; round++)
        await near.bus.publish(some(100, 'news', 'while'))
      through.proxy.heal()
      await far.until(() => far.told.at(-1) === 'restored')
      await near.bus.publish(some(1, 'news', 'last'))
      await near.has(10 + 100 * rounds + 1)
      await far.until(() => far.messages.at(-1)?.data === near.messages.at(-1)?.data)
      assert.deepEqual(far.events.slice(0, 10), near.events.slice(0, 10))
      const kept = far.events.slice(10)
      assert.ok(kept.length >= 50, `${kept.length}`)
      assert.deepEqual(kept, near.events.slice(-kept.length))
      const gap = far.told.find((word) => word.startsWith('gap'))
      assert.equal(gap, `gap ${(kept[0]?.position ?? 0) - 1}`)
      await through.proxy.close()
    })

    test('what is published while the bus cannot be reached waits for it, in the order of the calls', async (running) => {
      const through = await cuttable(running)
      if (through === null) return
      const options = { namespace: anyName() }
      const [near, far] = await Promise.all([join(running, options), join(through, options)])
      await far.bus.publish(some(1, 'news', 'before'))
      await Promise.all([near.has(1), far.has(1)])
      through.proxy.cut()
      await far.until(() => far.told.at(-1)?.startsWith('lost') === true)
      const waits = Array.from({ length: 200 }, (_, call) =>
        far.bus.publish(some(1 + (call % 3), 'news', `${call}.`)),
      )
      await near.bus.publish(some(1, 'news', 'near'))
      through.proxy.heal()
      await Promise.all(waits)
      await far.bus.publish(some(1, 'news', 'after'))
      await Promise.all([near.has(402), far.has(402)])
      assert.deepEqual(far.events, near.events)
      const published = waits.flatMap((_, call) => some(1 + (call % 3), 'news', `${call}.`))
      assert.deepEqual(near.messages, [
        ...some(1, 'news', 'before'),
        ...some(1, 'news', 'near'),
        ...published,
        ...some(1, 'news', 'after'),
      ])
      assert.equal(far.bus.account.published, 401)
      await through.proxy.close()
    })

    test('over a wire that breaks, what is acknowledged is there once, what is refused at most once, all in order', async (running) => {
      const through = await cuttable(running)
      if (through === null) return
      const options = { namespace: anyName(), retain: 10_000 }
      const [near, far] = await Promise.all([join(running, options), join(through, options)])
      const random = seededRandom(13, 0)
      const calls: Promise<boolean>[] = []
      const publish = async (messages: readonly BusMessage[]): Promise<boolean> =>
        far.bus.publish(messages).then(
          () => true,
          () => false,
        )
      for (let round = 0; round < 8; round++) {
        for (let call = 0; call < 40; call++) {
          calls.push(publish(some(1, 'news', `${calls.length}.`)))
          if (random() < 0.3) await sleep(1)
          if (call === 20) through.proxy.cut()
        }
        through.proxy.heal()
        await far.until(() => /begin|restored/.test(far.told.at(-1) ?? ''))
      }
      const taken = (await Promise.all(calls)).flatMap((isTaken, call) => (isTaken ? [call] : []))
      await far.bus.publish(some(1, 'last'))
      await Promise.all(
        [near, far].map((member) => member.until(() => member.of('last').length > 0)),
      )
      const received = near.of('news').map(({ data }) => Number.parseInt(data, 10))
      assert.ok(taken.length > calls.length / 2, `${taken.length} of ${calls.length}`)
      assert.deepEqual(
        received,
        [...new Set(received)].sort((one, other) => one - other),
      )
      const known = new Set(received)
      assert.deepEqual(
        taken.filter((call) => !known.has(call)),
        [],
      )
      assert.deepEqual(far.events, near.events)
      await through.proxy.close()
    })

    test('a publish is refused in some seconds while the bus is down, and taken when it is back', async (running) => {
      const members = await joinAll(running, 2)
      const [one, two] = members
      assert.ok(one !== undefined && two !== undefined)
      await one.bus.publish(some(20, 'news', 'before'))
      await Promise.all([one.has(20), two.has(20)])
      const { epoch } = one
      await running.kill()
      try {
        await Promise.all(
          members.map((member) =>
            member.until(() => member.told.some((word) => word.startsWith('lost'))),
          ),
        )
        const begunMs = performance.now()
        await assert.rejects(one.bus.publish(some(1, 'news', 'down')), /^Error: [^\n]*:[^\n]+$/)
        const tookMs = performance.now() - begunMs
        assert.ok(tookMs > 3_000 && tookMs < 15_000, `${tookMs} ms`)
      } finally {
        await running.start()
      }
      await Promise.all(
        members.map((member) => member.until(() => member.told.at(-1) === 'restored')),
      )
      await one.until(async () => {
        try {
          await one.bus.publish(some(1, 'news', 'back'))
          return true
        } catch {
          return false
        }
      })
      await two.bus.publish(some(10, 'news', 'after'))
      const isLast = (member: Member): boolean => member.messages.at(-1)?.data === 'after9'
      await Promise.all(members.map((member) => member.until(() => isLast(member))))
      assert.equal(one.epoch, two.epoch)
      assert.equal(one.epoch === epoch, bus.keepsStore)
      for (const { told, messages } of members) {
        // Whether what was refused is there nobody knows, but all the same.
        const known = messages.filter(({ data }) => !/^(?:down|back)/.test(data))
        assert.deepEqual(known, [...some(20, 'news', 'before'), ...some(10, 'news', 'after')])
        const kinds = told.map((word) => word.split(' ')[0])
        assert.equal(kinds.filter((kind) => kind === 'begin').length, bus.keepsStore ? 1 : 2)
        assert.equal(kinds.filter((kind) => kind === 'lost').length, 1)
        assert.doesNotMatch(told.join(), /\n/)
      }
      assert.deepEqual(one.events.slice(-10), two.events.slice(-10))
      // Who joins now has the same store before it.
      const third = await join(running, { namespace: anyName() })
      assert.deepEqual(third.events, [])
    })

    const byChannel = bus.routings.includes('by-channel')

    test(
      'by channel, an instance gets what it entered and nothing else',
      async (running) => {
        const [one, two] = await joinAll(running, 2, { routing: 'by-channel' })
        assert.ok(one !== undefined && two !== undefined)
        await one.bus.publish([...some(3, 'a'), ...some(3, 'b')])
        assert.equal(await two.enter('a'), 0)
        assert.deepEqual(two.messages, some(3, 'a'))
        await one.bus.publish([...some(2, 'b', 'live'), ...some(2, 'a', 'live')])
        await two.has(5)
        assert.equal(await two.enter('b'), 0)
        assert.deepEqual(two.of('a'), [...some(3, 'a'), ...some(2, 'a', 'live')])
        assert.deepEqual(two.of('b'), [...some(3, 'b'), ...some(2, 'b', 'live')])
        two.bus.channels?.leave('a')
        await one.bus.publish([...some(1, 'a', 'gone'), ...some(1, 'b', 'last')])
        await two.has(11)
        await sleep(100)
        assert.deepEqual(two.of('a').length, 5)
        assert.equal(one.events.length, 0)
        two.events.length = 0
        await two.enter('a')
        assert.deepEqual(two.of('a').length, 6)
      },
      byChannel,
    )

    test(
      'by channel, nothing is missed or twice while channels are entered under load',
      async (running) => {
        const [one, two] = await joinAll(running, 2, { routing: 'by-channel' })
        assert.ok(one !== undefined && two !== undefined)
        const channels = ['a', 'b', 'c', 'd']
        const entering: Promise<number>[] = []
        for (let round = 0; round < 40; round++) {
          const published = one.bus.publish(
            channels.map((channel) => some(1, channel, `${round}.`)[0] as BusMessage),
          )
          const channel = channels[round / 8]
          if (channel !== undefined) entering.push(two.enter(channel))
          await published
        }
        await Promise.all(entering)
        await two.has(160)
        for (const channel of channels) {
          const events: readonly Delivered[] = two.events.filter(
            ({ message }) => message.channel === channel,
          )
          assertRising(events)
          assert.deepEqual(
            events.map(({ message }) => message.data),
            Array.from({ length: 40 }, (_, round) => `${round}.0`),
          )
        }
      },
      byChannel,
    )

    for (const routing of bus.routings) {
      test(`${routing}, what several publish on the same channels at once comes to all once, each channel in one order, and no bus is lost for it`, async (running) => {
        const members = await joinAll(running, 3, { routing, retain: 10_000 })
        const channels = ['a', 'b', 'c']
        if (routing === 'by-channel') {
          await Promise.all(members.flatMap((one) => channels.map((channel) => one.enter(channel))))
        }
        for (let round = 0; round < 60; round++) {
          await Promise.all(
            members.flatMap(({ bus }) => channels.map((channel) => bus.publish(some(2, channel)))),
          )
        }
        const count = 60 * 3 * 3 * 2
        await Promise.all(members.map((member) => member.has(count)))
        const [first] = members
        for (const member of members) {
          assert.equal(member.events.length, count)
          assert.deepEqual(member.told, ['begin 0'])
          for (const channel of channels) {
            const of = ({ events }: Member): readonly Delivered[] =>
              events.filter(({ message }) => message.channel === channel)
            assertRising(of(member))
            assert.deepEqual(of(member), of(first ?? member))
          }
        }
      })
    }

    test(
      'by channel, who was cut off has what it missed of its channels',
      async (running) => {
        const through = await cuttable(running)
        if (through === null) return
        const options = { namespace: anyName(), routing: 'by-channel' } as const
        const [near, far] = await Promise.all([join(running, options), join(through, options)])
        await far.enter('a')
        await near.bus.publish([...some(2, 'a'), ...some(2, 'b')])
        await far.has(2)
        through.proxy.cut()
        await far.until(() => far.told.at(-1)?.startsWith('lost') === true)
        await near.bus.publish([...some(2, 'a', 'while'), ...some(2, 'b', 'while')])
        through.proxy.heal()
        await far.until(() => far.told.at(-1) === 'restored')
        await near.bus.publish(some(2, 'a', 'after'))
        await far.has(6)
        assertRising(far.events)
        assert.deepEqual(far.messages, [
          ...some(2, 'a'),
          ...some(2, 'a', 'while'),
          ...some(2, 'a', 'after'),
        ])
        await through.proxy.close()
      },
      byChannel,
    )

    test(
      'its process tells what it takes, ever more of it',
      async (running) => {
        const [member] = await joinAll(running, 1)
        assert.ok(member !== undefined)
        const earlier = await member.bus.read()
        for (let round = 0; round < 20; round++) await member.bus.publish(some(100))
        await member.has(2_000)
        const later = await member.bus.read()
        assert.ok(earlier !== null && later !== null)
        const { bytesIn, bytesOut, cpuUs, rssBytes } = later
        assert.ok((bytesIn ?? 0) > (earlier.bytesIn ?? 0) + 2_000 * 5, `${bytesIn}`)
        assert.ok((bytesOut ?? 0) > (earlier.bytesOut ?? 0) + 2_000 * 5, `${bytesOut}`)
        assert.ok((cpuUs ?? 1) >= (earlier.cpuUs ?? 0))
        assert.ok((rssBytes ?? 1e6) > 100_000)
      },
      bus.tells,
    )

    test('who has closed receives nothing and is refused, and others go on', async (running) => {
      const [one, two] = await joinAll(running, 2)
      assert.ok(one !== undefined && two !== undefined)
      await one.bus.publish(some(1))
      await two.has(1)
      await two.bus.close()
      await two.bus.close()
      await assert.rejects(two.bus.publish(some(1)))
      await one.bus.publish(some(1))
      await one.has(2)
      await sleep(50)
      assert.equal(two.events.length, 1)
      assert.ok(!two.told.some((word) => /lost|restored/.test(word)))
    })

    test('where no bus is, it is said in one line without secrets', async (running) => {
      const nowhere = running.at(await freeAddress(running.address))
      if (nowhere === null) return
      const options = { namespace: anyName(), retain: 1, routing: 'broadcast' } as const
      await assert.rejects(bus.open(withPassword(nowhere), options), (error: Error) => {
        assert.equal((error as Error & { code: string }).code, 'cannot-run')
        assert.match(error.message, /^[^\n]+$/)
        assert.doesNotMatch(error.message, /s3cret/)
        return true
      })
    })
  })
}

/** A member of a bus, and all that it was told. */
class Member implements BusReceiver {
  readonly bus: Backplane
  epoch = ''
  readonly events: Delivered[] = []
  /** All but the events, a line each. */
  readonly told: string[] = []

  constructor(bus: Backplane) {
    this.bus = bus
  }

  get messages(): readonly BusMessage[] {
    return this.events.map(({ message }) => message)
  }

  of(channel: string): readonly BusMessage[] {
    return this.messages.filter((message) => message.channel === channel)
  }

  enter(channel: string): Promise<number> {
    assert.ok(this.bus.channels !== null)
    return this.bus.channels.enter(channel)
  }

  begin(epoch: string, lostUpTo: number): void {
    assert.match(epoch, /^[A-Za-z0-9]{1,24}$/)
    assert.notEqual(epoch, this.epoch)
    this.epoch = epoch
    this.told.push(`begin ${lostUpTo}`)
  }

  receive(events: readonly Delivered[]): void {
    assert.notEqual(this.epoch, '')
    for (const { position, message } of events) this.events.push({ position, message })
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

  has(count: number): Promise<void> {
    return this.until(() => this.events.length >= count)
  }

  async until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    const begunMs = performance.now()
    while (!(await isSo())) {
      if (performance.now() - begunMs > PATIENCE_MS) {
        assert.fail(`waited in vain; ${this.events.length} events, ${this.told.join(', ')}`)
      }
      await sleep(5)
    }
  }
}

/** Between a member and its bus: a wire that can be cut, and may be long. */
export class BusProxy {
  readonly #server = createServer({ allowHalfOpen: false })
  readonly #sockets = new Set<Socket>()
  readonly #target: NetConnectOpts
  #isCut = false
  address: NetConnectOpts = { port: 0 }
  /** What comes from the bus comes so much later, milliseconds. */
  lagMs = 0

  static async before(target: NetConnectOpts): Promise<BusProxy> {
    const proxy = new BusProxy(target)
    await new Promise<void>((resolve) => proxy.#listen(resolve))
    return proxy
  }

  private constructor(target: NetConnectOpts) {
    this.#target = target
    this.#server.on('connection', (socket: Socket) => this.#onConnection(socket))
  }

  #listen(onListening: () => void): void {
    const listening = (): void => {
      const at = this.#server.address()
      if (typeof at === 'object' && at !== null) this.address = { host: '127.0.0.1', port: at.port }
      onListening()
    }
    if ('path' in this.#target) {
      const path = `${this.#target.path}.${anyName()}`
      this.address = { path }
      this.#server.listen(path, listening)
    } else this.#server.listen(0, '127.0.0.1', listening)
  }

  #onConnection(socket: Socket): void {
    if (this.#isCut) {
      socket.destroy()
      return
    }
    const onward = connect(this.#target)
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.#sockets.add(one)
      one.on('error', () => {})
      one.once('close', () => {
        this.#sockets.delete(one)
        other.destroy()
      })
      one.on('data', (chunk: Buffer) => {
        if (one === onward && this.lagMs > 0) setTimeout(() => other.write(chunk), this.lagMs)
        else other.write(chunk)
      })
    }
  }

  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  heal(): void {
    this.#isCut = false
  }

  close(): Promise<void> {
    this.cut()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
}

function assertRising(events: readonly Delivered[]): void {
  for (const [index, { position }] of events.entries()) {
    assert.ok(Number.isSafeInteger(position) && position >= 1, `${position}`)
    assert.ok(position > (events[index - 1]?.position ?? 0), `${position} is not above`)
  }
}

/** Messages whose data tell them apart: `before0`, `before1`… */
function some(count: number, channel = 'news', prefix = ''): readonly BusMessage[] {
  return Array.from({ length: count }, (_, index) => ({
    channel,
    type: null,
    data: `${prefix}${index}`,
    acceptedAtNs: index,
  }))
}

function anyName(): string {
  return `t${randomBytes(6).toString('hex')}`
}

function withPassword(url: string): string {
  return url.replace(/^(\w+:\/\/)(?=[\w[])/, '$1me:s3cret@')
}

/** An address of the same sort at which nobody listens. */
async function freeAddress(like: NetConnectOpts): Promise<NetConnectOpts> {
  const proxy = await BusProxy.before(like)
  await proxy.close()
  return proxy.address
}
