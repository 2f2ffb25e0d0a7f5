/** Every transport over HTTP/2: by prior knowledge, and chosen in TLS. */
import { transports } from '../transports/registry.ts'
import type { StartServer } from '../transports/stage.conformance.ts'
import { transportConformance } from '../transports/transport.conformance.ts'
import type { Open } from '../transports/transport.ts'
import { connectHttp2 } from '../wire/http2-socket.ts'
import { ownIdentity } from './identity.ts'
import { startTestServer } from './reference-server.conformance.ts'

const identity = await ownIdentity()
const plain: StartServer = (setting) => startTestServer({ ...setting, http2: true })
const secure: StartServer = (setting) => startTestServer({ ...setting, http2: true, identity })

for (const transport of transports) {
  const open: Open = (target, session) =>
    transport.open({ ...target, streams: 1 }, session, connectHttp2)
  const over = (label: string) => ({ ...transport, label: `${transport.label} ${label}`, open })
  transportConformance(over('over HTTP/2'), plain, 2)
  transportConformance(over('over HTTP/2 and TLS'), secure, 2)
}
