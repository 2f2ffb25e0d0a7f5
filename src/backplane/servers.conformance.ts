/** Real servers for tests, of Debian's packages: on loopback and free ports, with a folder of their own. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BusUnderTest, ServedBus } from './backplane.conformance.ts'
import type {
  Backplane,
  BusMessage,
  BusOptions,
  BusReceiver,
  Delivered,
  OpenBackplane,
} from './backplane.ts'
import { open as openNats } from './nats.ts'
import { open as openRedis } from './redis.ts'

const START_MS = 30_000
const STEP_MS = 20

interface ServerSetting {
  readonly password?: string
  /** What it took outlives its process. */
  readonly isPersistent?: boolean
  /** A Redis that is a node of a cluster. */
  readonly isClustered?: boolean
  readonly args?: readonly string[]
}

export const REDIS: BusUnderTest = {
  name: 'Redis',
  open: openRedis,
  routings: ['broadcast', 'by-channel'],
  serve: () => serveRedis(),
  keepsStore: false,
  tells: true,
  retainsMore: 100,
}

export const NATS: BusUnderTest = {
  name: 'NATS',
  open: openNats,
  routings: ['broadcast', 'by-channel'],
  serve: () => serveNats(),
  keepsStore: false,
  tells: true,
}

/** Starts Redis; or says what is missing. */
export function serveRedis(setting: ServerSetting = {}): Promise<TestServer | string> {
  const { password, isPersistent = false, isClustered = false, args = [] } = setting
  const append = isPersistent ? 'yes' : 'no'
  return serve(
    'redis-server',
    (folder, port, morePort) => [
      ...['--bind', '127.0.0.1', '--port', `${port}`, '--dir', folder],
      ...['--daemonize', 'no', '--save', '', '--appendonly', append],
      ...(password === undefined ? [] : ['--requirepass', password]),
      ...(isClustered ? ['--cluster-enabled', 'yes', '--cluster-port', `${morePort}`] : []),
      ...args,
    ],
    (port) => `redis://${password === undefined ? '' : `:${password}@`}127.0.0.1:${port}`,
  )
}

/** Starts NATS with JetStream; or says what is missing. */
export function serveNats(setting: ServerSetting = {}): Promise<TestServer | string> {
  const { password, args = ['--jetstream'] } = setting
  const login = password === undefined ? [] : ['--user', 'me', '--pass', password]
  return serve(
    'nats-server',
    (folder, port, morePort) => [
      ...['--addr', '127.0.0.1', '--port', `${port}`, '--http_port', `${morePort}`],
      ...['--store_dir', folder, ...login, ...args],
    ],
    (port, morePort) =>
      `nats://${password === undefined ? '' : `me:${password}@`}127.0.0.1:${port}?monitor=${morePort}`,
  )
}

export interface TestServer extends ServedBus {
  readonly pid: number
  readonly port: number
  /** Of NATS's monitor, of a Redis cluster's own traffic. */
  readonly morePort: number
}

async function serve(
  program: string,
  argsOf: (folder: string, port: number, morePort: number) => readonly string[],
  urlOf: (port: number, morePort: number) => string,
): Promise<TestServer | string> {
  if (spawnSync(program, ['--version']).error !== undefined) {
    return `${program} is not here: apt-get install ${program}`
  }
  const folder = mkdtempSync(join(tmpdir(), `rtbench-${program}-`))
  const [port = 0, morePort = 0] = await freePorts(2)
  let child: ChildProcess | null = null
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child
    child = null
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return
    const gone = once(ending, 'exit')
    ending.kill(signal)
    await gone
  }
  const killNow = (): void => void child?.kill('SIGKILL')
  process.once('exit', killNow)
  const start = async (): Promise<void> => {
    const begunMs = performance.now()
    const started = spawn(program, argsOf(folder, port, morePort), {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = started
    let said = ''
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (text: Buffer) => {
        said = (said + text.toString()).slice(-2_000)
      })
    }
    while (!(await answers(port))) {
      if (started.exitCode !== null || performance.now() - begunMs > START_MS) {
        throw new Error(`${program} does not start: ${said}`)
      }
      await sleep(STEP_MS)
    }
  }
  await start()
  return {
    get pid() {
      return child?.pid ?? 0
    },
    port,
    morePort,
    url: urlOf(port, morePort),
    address: { host: '127.0.0.1', port },
    at: (address: NetConnectOpts) => urlOf('port' in address ? address.port : 0, morePort),
    kill: () => end('SIGKILL'),
    start,
    async stop() {
      await end('SIGKILL')
      process.off('exit', killNow)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Whether a server answers: Redis says PONG or that it wants a password, NATS greets. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const tell = (isThere: boolean): void => {
      socket.destroy()
      resolve(isThere)
    }
    socket.once('connect', () => socket.write('PING\r\n'))
    socket.once('data', (data: Buffer) => tell(/PONG|NOAUTH|INFO/.test(data.toString())))
    socket.once('error', () => tell(false))
    socket.setTimeout(1_000, () => tell(false))
  })
}

/** Ports that were free a moment ago, where the system takes none of its own from: a server finds its own again. */
async function freePorts(count: number): Promise<number[]> {
  const found: number[] = []
  while (found.length < count) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
    if (isFree && !found.includes(port)) found.push(port)
  }
  return found
}

/** Stops a process: all of its threads, which may answer once more while the others are already stopped. */
export async function hang(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP')
  const begunMs = performance.now()
  const threads = `/proc/${pid}/task`
  const isStopped = (thread: string): boolean =>
    /\) T /.test(readFileSync(join(threads, thread, 'stat'), 'utf8'))
  while (!readdirSync(threads).every(isStopped)) {
    if (performance.now() - begunMs > START_MS) throw new Error(`process ${pid} does not stop`)
    await sleep(STEP_MS)
  }
}

/** Makes what runs a test with a server of its own, or skips it, saying why, where there is none. */
export function testsOn(serve: (setting: ServerSetting) => Promise<TestServer | string>) {
  return (
    name: string,
    setting: ServerSetting,
    body: (server: TestServer) => Promise<void>,
  ): void => {
    it(name, async (context: TestContext) => {
      const server = await serve(setting)
      if (typeof server === 'string') context.skip(server)
      else {
        try {
          await body(server)
        } finally {
          await server.stop()
          // A member that a failed test leaves would dial on, and keep the process alive.
          await Promise.allSettled(Listener.opened.splice(0).map(({ bus }) => bus.close()))
        }
      }
    })
  }
}

/** Messages of one channel each, which bears the name that is the data. */
export function messagesOf(...data: readonly string[]): readonly BusMessage[] {
  return data.map((one) => ({ channel: one, type: null, data: one, acceptedAtNs: 1 }))
}

/** A member that keeps what it is told. */
export class Listener implements BusReceiver {
  /** All whose test has not ended. */
  static readonly opened: Listener[] = []
  readonly bus: Backplane
  readonly epochs: string[] = []
  readonly positions: number[] = []
  readonly data: string[] = []
  readonly gaps: number[] = []
  readonly causes: string[] = []
  isThere = true

  constructor(bus: Backplane) {
    this.bus = bus
    Listener.opened.push(this)
  }

  begin(epoch: string): void {
    this.epochs.push(epoch)
  }

  receive(events: readonly Delivered[]): void {
    for (const { position, message } of events) {
      this.positions.push(position)
      this.data.push(message.data)
    }
  }

  gap(lostUpTo: number): void {
    this.gaps.push(lostUpTo)
  }

  lost(cause: string): void {
    this.causes.push(cause)
    this.isThere = false
  }

  restored(): void {
    this.isThere = true
  }

  has(data: string): Promise<void> {
    return this.until(() => this.data.join(' ') === data)
  }

  async until(isSo: () => boolean): Promise<void> {
    const begunMs = performance.now()
    while (!isSo()) {
      if (performance.now() - begunMs > START_MS) {
        throw new Error(`waited in vain: ${this.data.join(' ')}; ${this.causes.join(', ')}`)
      }
      await sleep(STEP_MS)
    }
  }
}

/** Opening this is refused for a reason that says so, in a line without secrets. */
export async function refusesToOpen(
  open: OpenBackplane,
  url: string,
  options: BusOptions,
  reason: RegExp,
): Promise<void> {
  let bus: Backplane | null = null
  try {
    bus = await open(url, options)
  } catch (error) {
    const { code, message } = error as Error & { code: string }
    assert.equal(code, 'cannot-run', String(error))
    assert.match(message, reason)
    assert.match(message, /^--backplane \w+:\/\/[^\n]+$/)
    assert.doesNotMatch(message, /s3cret|wr0ng/)
    return
  } finally {
    await bus?.close()
  }
  assert.fail(`${url} was opened`)
}

/** Something that is no bus: it greets with what it is given, and says no more. */
export async function listenDumb(greeting: string) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).once('close', () => sockets.delete(socket))
    socket.resume().write(greeting)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    /** Resolves when nobody is connected. */
    async isLeft(): Promise<void> {
      while (sockets.size > 0) await sleep(STEP_MS)
    },
    close(): void {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
