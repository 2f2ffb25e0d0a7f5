/** Every transport over TLS, on both engines: the server's certificate is its authority. */
import { transports } from '../transports/registry.ts'
import type { StartServer } from '../transports/stage.conformance.ts'
import { transportConformance } from '../transports/transport.conformance.ts'
import { ownIdentity } from './identity.ts'
import { startTestServer } from './reference-server.conformance.ts'

const identity = await ownIdentity()
const start: StartServer = (setting) => startTestServer({ ...setting, identity })

for (const transport of transports) {
  const { label } = transport
  const open = await transport.openWithLibrary()
  transportConformance({ ...transport, label: `${label} over TLS` }, start)
  transportConformance({ ...transport, label: `${label} over TLS by its library`, open }, start)
}
