/** The flags of `serve` about several instances and what connects them. */
import type { Routing } from '../../backplane/backplane.ts'
import { kindOf } from '../../backplane/registry.ts'
import { RtbenchError } from '../../error.ts'
import { isRefusal, parseCount, type Refusal } from '../../scenario/units.ts'
import { MOST_PROCESSES, refuseBackplane } from '../../scenario/values.ts'
import type { Connecting } from '../../server/instances.ts'
import { readFlag } from '../flags.ts'

export interface ConnectionFlags {
  readonly port?: string
  readonly instances?: string
  readonly backplane?: string
  readonly busRouting?: string
}

export const MOST_PORT = 65_535
/** Instances of one bus meet there by this name. */
const NAMESPACE = 'rtbench'
const ROUTINGS = ['broadcast', 'by-channel'] as const

/**
 * Reads the flags about instances and their bus.
 * @throws RtbenchError `usage`
 */
export function connection(
  options: ConnectionFlags,
  environment: NodeJS.ProcessEnv,
): Connecting & { readonly instances: number } {
  const { instances: written = '1', port = '8080' } = options
  const instances = readFlag('--instances', written, instanceCount)
  const last = Number(port) + instances - 1
  if (Number(port) !== 0 && last > MOST_PORT) {
    throw new RtbenchError(
      'usage',
      `--instances: ${instances} from --port ${port} on end at port ${last}; expected a lower port`,
    )
  }
  const backplane = readFlag(
    '--backplane',
    options.backplane ?? environment['RTBENCH_BACKPLANE'] ?? 'memory',
    busName,
  )
  const routing = readFlag('--bus-routing', options.busRouting ?? 'broadcast', (text) =>
    routingOf(text, backplane),
  )
  return { instances, backplane, routing, namespace: NAMESPACE }
}

function instanceCount(text: string): number | Refusal {
  const expected = `expected a whole number from 1 to ${MOST_PROCESSES}`
  const count = parseCount(text)
  if (isRefusal(count)) return { problem: `${count.problem}; ${expected}` }
  return count >= 1 && count <= MOST_PROCESSES
    ? count
    : { problem: `is out of bounds; ${expected}` }
}

function busName(text: string): string | Refusal {
  const refusal = refuseBackplane(text)
  return refusal === null
    ? text
    : { problem: `${refusal.problem}; expected memory, none, or the URL of a bus` }
}

function routingOf(text: string, backplane: string): Routing | Refusal {
  const offered = kindOf(backplane)?.routings ?? ROUTINGS
  const routing = offered.find((one) => one === text)
  return routing ?? { problem: `is no routing of this backplane; expected ${offered.join(' or ')}` }
}
