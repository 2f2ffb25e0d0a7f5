/** What lets connections go silent in a run: packets vanish, and neither end is told. */
import { spawn } from 'node:child_process'
import { RtbenchError } from '../error.ts'
import { RunningForwarder } from '../forwarder/start.ts'
import { isDisruptedBy } from '../scenario/disruption.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Blackhole } from '../swarm/run-order.ts'
import type { Target } from '../transports/transport.ts'

export interface StartedBlackhole extends Blackhole {
  stop(): Promise<void>
}

/**
 * Starts what a scenario needs to let connections go silent; null where it wants none to.
 * @param isIsolated the run has a network namespace of its own, whose firewall drops their packets; else a
 *   forwarder stands before the servers
 */
export async function startBlackhole(
  { disruptions }: Scenario,
  servers: readonly Target[],
  isIsolated: boolean,
): Promise<StartedBlackhole | null> {
  if (!isDisruptedBy('blackhole', disruptions)) return null
  return isIsolated ? throughFirewall() : throughForwarder(servers)
}

const TABLE = 'inet rtbench'

/** The rules of a first disruption; before it no packet meets any. */
const RULES = `add set ${TABLE} silent { type inet_service; }
add chain ${TABLE} input { type filter hook input priority 0; policy accept; }
flush chain ${TABLE} input
add rule ${TABLE} input tcp sport @silent drop
add rule ${TABLE} input tcp dport @silent drop
`

function throughFirewall(): StartedBlackhole {
  return {
    means: 'nftables',
    targets: null,
    open: async (ports) => {
      const elements = `${TABLE} silent { ${[...ports].join(', ')} }`
      await nft(`add table ${TABLE}\n${RULES}add element ${elements}\n`)
      return () => nft(`delete element ${elements}\n`)
    },
    cpuUs: () => null,
    // The next run of the invocation is in the same namespace, and its clients may get the same ports.
    stop: () => nft(`add table ${TABLE}\ndelete table ${TABLE}\n`),
  }
}

/** Has the firewall of this namespace take commands. */
function nft(commands: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('nft', ['-f', '-'], { stdio: ['pipe', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (bytes: Buffer) => {
      said += bytes
    })
    child.once('error', reject)
    child.stdin.on('error', () => {})
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new RtbenchError('cannot-run', `nft: ${said.split('\n', 1)[0]}`))
    })
    child.stdin.end(commands)
  })
}

async function throughForwarder(servers: readonly Target[]): Promise<StartedBlackhole> {
  const ports = servers.map(({ port, morePorts = [] }) => [port, ...morePorts])
  const upstreams = servers.flatMap(({ host }, at) =>
    (ports[at] ?? []).map((port) => ({ host, port })),
  )
  const forwarder = await RunningForwarder.start(upstreams)
  let next = 0
  const targets = servers.map((server, at) => {
    const [port = 0, ...morePorts] = (ports[at] ?? []).map(() => forwarder.ports[next++] ?? 0)
    return { ...server, host: '127.0.0.1', port, morePorts }
  })
  return {
    means: 'forwarder',
    targets,
    open: async (ports) => {
      const restore = await forwarder.silence({ ports: Uint32Array.from(ports) })
      return async () => restore()
    },
    cpuUs: () => forwarder.cpuUs,
    stop: () => forwarder.stop(),
  }
}
