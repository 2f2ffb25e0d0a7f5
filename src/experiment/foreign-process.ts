/** The process of a server that somebody else has started, where a run may stop it. */
import { RtbenchError } from '../error.ts'
import { isDisruptedBy } from '../scenario/disruption.ts'
import type { Plan } from '../scenario/plan.ts'
import { familyOf, freeze } from '../server/freezing.ts'
import type { InstanceControl } from '../swarm/run-order.ts'
import type { Target } from '../transports/transport.ts'
import { isLoopback } from './plan.ts'

/**
 * Sees that a process is there to be stopped where a plan wants it, before any load.
 * @param remote null of a plan that starts its own server
 * @throws RtbenchError `usage`, one line
 */
export function assertStoppable(
  { scenario }: Plan,
  remote: Target | null,
  pid: number | null,
): void {
  const isWanted = isDisruptedBy('stop-instance', scenario.disruptions)
  if (pid === null) {
    if (remote === null || !isWanted) return
    throw refused('is missing: stop-instance wants the process of the server at --url')
  }
  if (remote === null) throw refused(`${pid} is of no use without --url: a run knows its own`)
  if (!isWanted) throw refused(`${pid} is of no use without --disrupt stop-instance=3s@10s`)
  if (!isLoopback(remote.host)) throw refused(`${pid}: ${remote.authority} is another machine`)
  try {
    process.kill(pid, 0)
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EPERM'
    throw refused(isThere ? `${pid} is not yours to stop` : `${pid} is no process here`)
  }
  if (familyOf(pid).includes(process.pid)) throw refused(`${pid} is what rtbench runs under`)
}

function refused(why: string): RtbenchError {
  return new RtbenchError('usage', `--server-pid: ${why}`)
}

/** What can be done to a server by its process: it stands still, with all that descend from it. */
export function controlOfProcess(pid: number): InstanceControl {
  const absent = (): never => {
    throw new Error('the server was started by somebody else')
  }
  return {
    freeze: () => freeze(familyOf(pid)),
    ...{ kill: absent, revive: absent, leave: absent, restartBus: absent, part: absent },
  }
}
