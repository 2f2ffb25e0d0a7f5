/** What every transport has to keep, whatever its technique: real sockets, any server. */
import { suite } from 'node:test'
import { deliveryConformance } from './delivery.conformance.ts'
import { failureConformance } from './failure.conformance.ts'
import { resumeConformance } from './resume.conformance.ts'
import type { StartServer } from './stage.conformance.ts'
import type { Transport } from './transport.ts'

/**
 * Defines the tests of one transport's client against servers of the given make.
 * @param version of HTTP that both speak
 */
export function transportConformance(
  transport: Transport,
  start: StartServer,
  version: 1 | 2 = 1,
): void {
  // Most of a test is waiting.
  suite(transport.label, { concurrency: 8 }, () => {
    deliveryConformance(transport, start)
    resumeConformance(transport, start)
    failureConformance(transport, start, version)
  })
}
