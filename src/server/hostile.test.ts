/** Every transport's client between a hostile server and the reference server. */
import { suite } from 'node:test'
import { hostileConformance } from '../transports/hostile.conformance.ts'
import { transports } from '../transports/registry.ts'
import { startTestServer } from './reference-server.conformance.ts'

for (const transport of transports) {
  suite(transport.label, () => hostileConformance(transport, startTestServer))
}
