/** Every transport's client against the reference server. */

import { transports } from '../transports/registry.ts'
import { transportConformance } from '../transports/transport.conformance.ts'
import { startTestServer } from './reference-server.conformance.ts'

for (const transport of transports) transportConformance(transport, startTestServer)
