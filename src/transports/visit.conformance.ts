/** A client at a server that a test made itself. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import type { EndpointDescription } from '../scenario/target.ts'
import { PACE, RecordingSession, TimerAlarms } from './session.conformance.ts'
import type { Pace, Session, Target, VirtualClient } from './transport.ts'

/** A server on a free port that is gone after the test. */
export async function listen(context: TestContext, answer: RequestListener): Promise<Server> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return server
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

/** Starts a client, which is stopped after the test. */
export function visit(
  context: TestContext,
  server: Server,
  open: (target: Target, session: Session) => VirtualClient,
  pace: Partial<Pace> = {},
  endpoint?: EndpointDescription,
): RecordingSession {
  const alarms = new TimerAlarms()
  const session = new RecordingSession('news', { ...PACE, ...pace }, alarms)
  const port = portOf(server)
  const target: Target = {
    host: '127.0.0.1',
    port,
    secure: false,
    authority: `127.0.0.1:${port}`,
    basePath: '/base',
    token: null,
    ...(endpoint === undefined ? {} : { endpoint }),
  }
  const client = open(target, session)
  context.after(() => {
    client.stop()
    alarms.stop()
  })
  client.start()
  return session
}
