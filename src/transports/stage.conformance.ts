/** Where the conformance suite plays: a server, a proxy before it, and clients of one transport. */
import type { TestContext } from 'node:test'
import type { Trust } from '../wire/secure.ts'
import { PACE, RecordingSession, TimerAlarms, until } from './session.conformance.ts'
import { type Identity, TcpProxy } from './tcp-proxy.conformance.ts'
import type { Pace, ServerLimits, Target, Transport, VirtualClient } from './transport.ts'

export interface ServerSetting {
  /** 0, the default, takes a free one. */
  readonly port?: number
  readonly token?: string
  readonly origins?: readonly string[]
  readonly logSize?: number
  readonly limits?: Partial<ServerLimits>
}

/** A server that the suite may start; every call is a plain HTTP request or less. */
export interface ServerUnderTest {
  readonly port: number
  /** As whom it speaks TLS, in PEM; without it, it speaks none. */
  readonly identity?: Identity
  /** Publishes in one batch. */
  publish(channel: string, ...data: readonly string[]): Promise<void>
  /** What the server counts of one transport, and the sockets that are open in all. */
  account(transport: string): Promise<ServerAccount>
  drain(): Promise<void>
}

export interface ServerAccount {
  readonly held: number
  readonly slowConsumers: number
  readonly openSockets: number
}

export type StartServer = (setting: ServerSetting) => Promise<ServerUnderTest>

export interface Admission {
  readonly pace?: Partial<Pace>
  readonly token?: string
  /** Past the proxy. */
  readonly port?: number
}

/** One test's server, proxy and clients; all of it is gone after the test. */
export class Stage {
  readonly transport: Transport
  readonly proxy: TcpProxy
  server: ServerUnderTest
  readonly #start: StartServer
  readonly #setting: ServerSetting
  readonly #clients: VirtualClient[] = []
  readonly #alarms = new TimerAlarms()
  /** One object for all clients, which share what is made of it. */
  readonly #trust: Trust | null

  private constructor(
    transport: Transport,
    start: StartServer,
    setting: ServerSetting,
    server: ServerUnderTest,
    proxy: TcpProxy,
  ) {
    this.transport = transport
    this.#start = start
    this.#setting = setting
    this.server = server
    this.proxy = proxy
    this.#trust = server.identity === undefined ? null : { ca: server.identity.cert }
  }

  static async open(
    context: TestContext,
    transport: Transport,
    start: StartServer,
    { limits, ...setting }: ServerSetting = {},
  ): Promise<Stage> {
    const quick = { ...setting, limits: { holdMs: PACE.holdMs, retryMs: 10, ...limits } }
    const server = await start(quick)
    const proxy = await TcpProxy.start(server.port, server.identity)
    const stage = new Stage(transport, start, quick, server, proxy)
    context.after(() => stage.#close())
    return stage
  }

  /** Starts a client, by way of the proxy unless told otherwise. */
  join(channel = 'news', { pace, token, port }: Admission = {}): [RecordingSession, VirtualClient] {
    const session = new RecordingSession(channel, { ...PACE, ...pace }, this.#alarms)
    const at = port ?? this.proxy.port
    const target: Target = {
      host: '127.0.0.1',
      port: at,
      secure: this.#trust !== null,
      ...(this.#trust === null ? {} : { trust: this.#trust }),
      authority: `127.0.0.1:${at}`,
      basePath: '',
      token: token ?? null,
    }
    const client = this.transport.open(target, session)
    this.#clients.push(client)
    client.start()
    return [session, client]
  }

  /** A client that is subscribed. */
  async joined(channel = 'news', admission: Admission = {}): Promise<RecordingSession> {
    const [session] = this.join(channel, admission)
    await subscribed(session)
    return session
  }

  /** Keeps clients away while something happens, then lets them come back. */
  async whileCut(happens: () => Promise<void>): Promise<void> {
    this.proxy.reception = 'close'
    this.proxy.cut()
    await happens()
    this.proxy.reception = 'forward'
  }

  /** Ends the server and starts another one on its port. */
  async restart(): Promise<void> {
    const { port } = this.server
    await this.server.drain()
    this.server = await this.#start({ ...this.#setting, port })
  }

  async #close(): Promise<void> {
    for (const client of this.#clients) client.stop()
    this.#alarms.stop()
    await this.proxy.close()
    await this.server.drain()
  }
}

/** Waits for the session's next subscription after so many. */
export async function subscribed(session: RecordingSession, times = 1): Promise<void> {
  await until(() => session.subscriptions >= times, `subscription ${times}`)
}

/** Waits until the session has the event of this sequence. */
export async function reached(session: RecordingSession, sequence: number): Promise<void> {
  await until(() => session.sequences.includes(sequence), `event ${sequence}`)
}
