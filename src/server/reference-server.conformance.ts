/** The reference server as the tests start it, with a client of its own for what they ask of it. */
import assert from 'node:assert/strict'
import { Client } from 'undici'
import type { ServerSetting, ServerUnderTest } from '../transports/stage.conformance.ts'
import type { Identity } from './identity.ts'
import {
  type BusMembership,
  DEFAULT_LIMITS,
  DEFAULT_SERVER_OPTIONS,
  startServer,
} from './reference-server.ts'
import type { ServerStatistics } from './statistics.ts'

export interface TestServer extends ServerUnderTest {
  /** Such as `http://127.0.0.1:40000`. */
  readonly origin: string
  statistics(query?: string): Promise<ServerStatistics>
}

/** Starts a server in this process. */
export async function startTestServer(
  setting: ServerSetting & {
    readonly bus?: BusMembership
    readonly identity?: Identity
    readonly http2?: boolean
  } = {},
): Promise<TestServer> {
  const { limits, ...options } = setting
  const { identity } = options
  const server = await startServer({
    ...DEFAULT_SERVER_OPTIONS,
    ...options,
    limits: { ...DEFAULT_LIMITS, ...limits },
  })
  const scheme = identity === undefined ? 'http' : 'https'
  const origin = `${scheme}://127.0.0.1:${server.port}`
  const client = new Client(origin, identity && { connect: { ca: identity.cert } })
  const headers = setting.token === undefined ? {} : { authorization: `Bearer ${setting.token}` }

  const statistics = async (query = ''): Promise<ServerStatistics> => {
    const answer = await client.request({ method: 'GET', path: `/stats${query}`, headers })
    return (await answer.body.json()) as ServerStatistics
  }
  return {
    port: server.port,
    ...(identity === undefined ? {} : { identity }),
    origin,
    statistics,
    async publish(channel, ...data) {
      const body = JSON.stringify(data.map((one) => ({ channel, data: one })))
      const answer = await client.request({ method: 'POST', path: '/publish', headers, body })
      assert.equal(answer.statusCode, 202, await answer.body.text())
      await answer.body.dump()
    },
    async account(transport) {
      const { transports, openSockets } = await statistics()
      const { held = 0, slowConsumers = 0 } = transports[transport] ?? {}
      return { held, slowConsumers, openSockets }
    },
    async drain() {
      await client.destroy()
      await server.drain()
    },
  }
}
