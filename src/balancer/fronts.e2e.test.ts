/** The real programs before real servers: who comes where, who stays there, and how they start and end. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { startTestServer, type TestServer } from '../server/reference-server.conformance.ts'
import { transports } from '../transports/registry.ts'
import { PACE, RecordingSession, TimerAlarms, until } from '../transports/session.conformance.ts'
import { TcpProxy } from '../transports/tcp-proxy.conformance.ts'
import type { Open } from '../transports/transport.ts'
import { formatMark } from '../wire/mark.ts'
import { type Balance, CLIENT_KEY } from './balancer.ts'
import { balancers } from './registry.ts'
import { type Installed, installed, type RunningFront, startFront } from './running.ts'

const CLIENTS = 24

/** A front and its instances; all is gone after the test. */
async function startBefore(
  context: TestContext,
  program: Installed,
  balance: Balance,
  count = 3,
): Promise<{ readonly front: RunningFront; readonly instances: readonly TestServer[] }> {
  const limits = { holdMs: PACE.holdMs, retryMs: 10 }
  const instances = await Promise.all(
    Array.from({ length: count }, () => startTestServer({ limits })),
  )
  const { heartbeatMs, pingMs } = { heartbeatMs: 15_000, pingMs: 25_000 }
  const ports = instances.map(({ port }) => [port])
  const plan = { balance, instances: ports, clients: CLIENTS, ...PACE, heartbeatMs, pingMs }
  const front = await startFront(program, plan, 1).catch(async (error) => {
    await Promise.all(instances.map((instance) => instance.drain()))
    throw error
  })
  context.after(async () => {
    await front.stop()
    await Promise.all(instances.map((instance) => instance.drain().catch(() => {})))
  })
  return { front, instances }
}

/** Clients that come to a front by way of a proxy that can cut them all. */
async function join(context: TestContext, front: RunningFront, open: Open, balance: Balance) {
  const proxy = await TcpProxy.start(front.ports[0] ?? 0)
  const alarms = new TimerAlarms()
  const target = {
    ...{ host: '127.0.0.1', port: proxy.port, secure: false, basePath: '', token: null },
    authority: `127.0.0.1:${proxy.port}`,
    ...(balance === 'hash' && { clientKey: CLIENT_KEY }),
  }
  const sessions = Array.from({ length: CLIENTS }, (_, number) => {
    const session = new RecordingSession(`c${number}`, PACE, alarms)
    session.key = `${number}`
    return session
  })
  const clients = sessions.map((session) => open(target, session))
  const leave = async (): Promise<void> => {
    for (const client of clients) client.stop()
    alarms.stop()
    await proxy.close()
  }
  context.after(leave)
  for (const client of clients) client.start()
  await until(() => sessions.every(({ subscriptions }) => subscriptions > 0), 'all subscriptions')
  return { proxy, sessions, leave }
}

/**
 * Where each client is, found out by an event that enters one instance alone: its sequence tells which. Who
 * polls may hear of several.
 */
async function whereabouts(
  instances: readonly TestServer[],
  sessions: readonly RecordingSession[],
  round: number,
): Promise<readonly string[]> {
  const first = round * instances.length + 1
  for (const [index, instance] of instances.entries()) {
    for (const { channel } of sessions) {
      const mark = {
        run: 1,
        channel: 0,
        sequence: first + index,
        intendedAtNs: 0,
        handedOverAtNs: 0,
      }
      await instance.publish(channel, formatMark(mark))
    }
  }
  const heard = ({ sequences }: RecordingSession) =>
    sequences.filter((sequence) => sequence >= first).map((sequence) => sequence - first + 1)
  await until(() => sessions.every((session) => heard(session).length > 0), 'an event for each')
  return sessions.map((session) => [...new Set(heard(session))].sort().join())
}

async function cutAll(proxy: TcpProxy, sessions: readonly RecordingSession[]): Promise<void> {
  const before = sessions.map(({ subscriptions }) => subscriptions)
  proxy.cut()
  await until(
    () => sessions.every(({ subscriptions }, at) => subscriptions > (before[at] ?? 0)),
    'all clients again',
  )
}

function programOf(look: () => Installed): Installed | null {
  try {
    return look()
  } catch {
    return null
  }
}

/** What this process has started of a program, by the guards between them. */
function processesOf(program: string): readonly number[] {
  const statOf = (pid: string | number): readonly string[] => {
    try {
      const [, command = '', rest = ''] =
        /^\d+ \((.*)\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
      return [command, ...rest.split(' ')]
    } catch {
      return []
    }
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const [command, , parent = '0'] = statOf(pid)
      return command === program && statOf(parent)[2] === `${process.pid}`
    })
    .map(Number)
}

/** Rejects where nobody listens. */
function connectedTo(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', reject).once('connect', () => {
      socket.destroy()
      resolve()
    })
  })
}

const pushing = transports.filter(({ hasExchanges }) => !hasExchanges)

for (const balancer of balancers) {
  const program = programOf(() => installed(balancer))
  const needed =
    program === null
      ? { skip: `${balancer.label} is not here: apt-get install ${balancer.package}` }
      : {}

  describe(balancer.label, needed, () => {
    const here = program as Installed

    for (const balance of ['cookie', 'hash'] as const) {
      it(`keeps all that reconnect on their instance, by ${balance}, whatever their technique`, async (context) => {
        for (const transport of transports) {
          for (const open of [transport.open, await transport.openWithLibrary()]) {
            const { front, instances } = await startBefore(context, here, balance)
            const { proxy, sessions, leave } = await join(context, front, open, balance)
            const before = await whereabouts(instances, sessions, 0)
            assert.deepEqual(new Set(before), new Set(['1', '2', '3']), transport.name)
            for (const round of [1, 2]) {
              await cutAll(proxy, sessions)
              assert.deepEqual(
                await whereabouts(instances, sessions, round),
                before,
                transport.name,
              )
            }
            await leave()
            await front.stop()
          }
        }
      })
    }

    for (const balance of ['round-robin', 'least-connections'] as const) {
      it(`spreads clients evenly by ${balance}`, async (context) => {
        for (const { name, open } of pushing) {
          const { front, instances } = await startBefore(context, here, balance)
          const { leave } = await join(context, front, open, balance)
          const held = instances.map(async (instance) => (await instance.account(name)).held)
          assert.deepEqual(await Promise.all(held), [8, 8, 8], name)
          await leave()
          await front.stop()
        }
      })
    }

    it('keeps nobody where he was without a cookie or a hash', async (context) => {
      for (const { name, open } of pushing) {
        const { front, instances } = await startBefore(context, here, 'round-robin')
        const { proxy, sessions, leave } = await join(context, front, open, 'round-robin')
        const before = await whereabouts(instances, sessions, 0)
        // Turns do not begin anew by chance where they began before.
        await fetch(`http://127.0.0.1:${front.ports[0]}/ready`).then((answer) => answer.text())
        await cutAll(proxy, sessions)
        assert.notDeepEqual(await whereabouts(instances, sessions, 1), before, name)
        await leave()
        await front.stop()
      }
    })

    it('moves the clients of an instance that is gone, and no others', async (context) => {
      for (const { name, open } of pushing) {
        const { front, instances } = await startBefore(context, here, 'cookie')
        const { sessions, leave } = await join(context, front, open, 'cookie')
        const before = await whereabouts(instances, sessions, 0)
        const cookies = sessions.map((session) => session.cookies)
        const gone = sessions.filter((_, at) => before[at] === '2')
        await instances[1]?.drain()
        await until(() => gone.every(({ subscriptions }) => subscriptions > 1), 'those that moved')
        const left = [instances[0], instances[2]] as [TestServer, TestServer]
        const after = (await whereabouts(left, sessions, 50)).map((at) => (at === '2' ? '3' : at))
        for (const [at, session] of sessions.entries()) {
          if (before[at] === '2') {
            assert.match(after[at] ?? '', /^[13]$/, name)
            assert.notEqual(session.cookies, cookies[at], name)
          } else {
            assert.equal(after[at], before[at], name)
            assert.deepEqual([session.subscriptions, session.cookies], [1, cookies[at]], name)
          }
        }
        await leave()
        await front.stop()
      }
    })

    it('passes on what is streamed when it is there', async (context) => {
      const { front, instances } = await startBefore(context, here, 'round-robin', 1)
      const slowest: number[] = []
      for (const { open } of pushing) {
        const { sessions } = await join(context, front, open, 'round-robin')
        for (let round = 0; round < 10; round++) {
          const sinceMs = performance.now()
          await whereabouts(instances, sessions.slice(0, 1), round)
          slowest.push(performance.now() - sinceMs)
        }
      }
      // A front that fills its buffers, or waits for more to fill a packet, takes 200 ms and more for each.
      const median = slowest.sort((one, other) => one - other)[10] ?? 0
      assert.ok(median < 100, `${median} ms`)
    })

    it('says in the words of its own why it does not start', async (context) => {
      const broken = { ...balancer, configuration: () => 'nonsense;\n' }
      const instance = await startTestServer()
      context.after(() => instance.drain())
      const plan = { balance: 'round-robin' as const, instances: [[instance.port]], clients: 1 }
      const pace = { ...PACE, heartbeatMs: 15_000, pingMs: 25_000 }
      await assert.rejects(
        startFront({ ...here, kind: broken }, { ...plan, ...pace }, 1),
        new RegExp(`^RtbenchError: ${balancer.label} could not start: .*nonsense`),
      )
      assert.deepEqual(processesOf(balancer.program), [])
    })

    it('tells what it takes, ends when told to, and tells when it ends by itself', async (context) => {
      const { front } = await startBefore(context, here, 'round-robin')
      assert.match(front.version, /^\d+\.\d+/)
      const reading = front.read()
      assert.ok(reading !== null && reading.rssBytes > 1e6 && reading.cpuUs > 0)
      const lost = new Promise<string>((resolve) => front.onLost(resolve))
      const [pid = 0] = processesOf(balancer.program)
      process.kill(pid, 'SIGKILL')
      assert.match(await lost, new RegExp(`^${balancer.label} ended`))
      await front.stop()
      const again = await startBefore(context, here, 'round-robin')
      again.front.onLost(() => assert.fail('nobody lost it'))
      await again.front.stop()
      assert.equal(again.front.read(), null)
      await assert.rejects(connectedTo(again.front.ports[0] ?? 0), { code: 'ECONNREFUSED' })
      assert.deepEqual(processesOf(balancer.program), [])
    })
  })
}
