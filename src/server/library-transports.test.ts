/** Every transport's library client against the reference server. */

import { transports } from '../transports/registry.ts'
import { transportConformance } from '../transports/transport.conformance.ts'
import { startTestServer } from './reference-server.conformance.ts'

for (const transport of transports) {
  const open = await transport.openWithLibrary()
  const label = `${transport.label} by its library`
  transportConformance({ ...transport, label, open }, startTestServer)
}
