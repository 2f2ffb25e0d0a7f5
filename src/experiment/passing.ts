/** What a program between clients and servers, a front or a proxy, has to let through. */
import type { Passing } from '../balancer/balancer.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { limitsOf } from '../server/reference-server.ts'
import { transportNamed } from '../transports/registry.ts'

export function passingOf(scenario: Scenario): Passing {
  const { clients, holdMs, intervalMs } = scenario
  const { heartbeatMs, pingMs } = limitsOf(scenario)
  return { clients, holdMs, intervalMs, heartbeatMs, pingMs }
}

/** Connections of a client: in a chat a second one, by which it sends, where its own goes one way. */
export function socketsEach({
  workload,
  transports,
}: Pick<Scenario, 'workload' | 'transports'>): 1 | 2 {
  const isOneWay = (name: string): boolean => !transportNamed(name).traits.bidirectional
  return workload === 'chat' && transports.some(isOneWay) ? 2 : 1
}
