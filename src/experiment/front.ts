/** The front of a scenario: a program that its clients go through, before the instances of a run. */
import { CLIENT_KEY } from '../balancer/balancer.ts'
import { balancerNamed } from '../balancer/registry.ts'
import { type Installed, startFront as startProgram } from '../balancer/running.ts'
import { RtbenchError } from '../error.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { ProcessPlan } from '../swarm/process-plan.ts'
import type { RunFront } from '../swarm/run-order.ts'
import { passingOf, socketsEach } from './passing.ts'
import { ownTarget } from './plan.ts'

export interface StartedFront extends RunFront {
  stop(hurry?: AbortSignal): Promise<void>
}

/** Starts a scenario's front before instances that listen at these ports. */
export async function startFront(
  program: Installed,
  instances: readonly (readonly number[])[],
  scenario: Scenario,
  { frontPorts }: ProcessPlan,
): Promise<StartedFront> {
  const plan = { ...frontPlan(scenario), instances }
  const running = await startProgram(program, plan, frontPorts)
  const target = ownTarget(running.ports)
  return {
    name: program.kind.name,
    version: program.version,
    via: null,
    target: scenario.balance === 'hash' ? { ...target, clientKey: CLIENT_KEY } : target,
    read: () => running.read(),
    onLost: (tell) => running.onLost(tell),
    stop: (hurry) => running.stop(hurry),
  }
}

/** What a front is told of a scenario. */
function frontPlan(scenario: Scenario) {
  const { balance, clients } = scenario
  return { ...passingOf(scenario), balance, clients: clients * socketsEach(scenario) }
}

/** Where the instances and the front would listen, in a configuration that is shown. */
const SHOWN_PORT = 8080

/**
 * The configuration of a scenario's front, as a run would write it, with ports that are free ones then.
 * @throws RtbenchError `usage` where the scenario has no front
 */
export function frontConfiguration(
  scenario: Scenario,
  { instances, portsPerInstance, frontPorts }: ProcessPlan,
): string {
  if (scenario.front === 'none') {
    throw new RtbenchError('usage', '--print-front: there is no front; expected --front with it')
  }
  const portsFrom = (first: number, count: number): readonly number[] =>
    Array.from({ length: count }, (_, at) => first + at)
  return balancerNamed(scenario.front).configuration({
    ...frontPlan(scenario),
    ports: portsFrom(SHOWN_PORT, frontPorts),
    instances: Array.from({ length: instances }, (_, index) =>
      portsFrom(SHOWN_PORT + frontPorts + index * portsPerInstance, portsPerInstance),
    ),
  })
}
