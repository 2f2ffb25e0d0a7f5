import { availableParallelism } from 'node:os'
import { RtbenchError } from '../error.ts'
import { readLocalPorts } from '../measure/host.ts'

/** Descriptors that a process needs beside its clients' sockets. */
const SPARE_DESCRIPTORS = 256
/** Local ports left for the publisher, for readings, and for connections that were just closed. */
const SPARE_PORTS = 256
/** Local ports where the system does not tell. */
const USUAL_PORTS = 16_384
/** Clients for which a further worker is worth its memory, where there are cores for it. */
const CLIENTS_PER_WORKER = 2_500
/** Descriptors of a process where the system does not tell. */
const USUAL_DESCRIPTORS = 8_192

/** How many processes carry the clients, and why. */
export interface ProcessPlan {
  readonly instances: number
  readonly workers: number
  /** The arithmetic, for a person. */
  readonly explanation: string
}

export interface ProcessWish {
  readonly clients: number
  readonly instances: 'auto' | number
  readonly workers: 'auto' | number
  /** A process's limit of open files; null when unknown. */
  readonly openFilesLimit: number | null
  /** The server is an own one. */
  readonly ownServer: boolean
}

/**
 * Works out the processes: as many of each as the descriptor limit asks for, so many instances as
 * the local ports do, and so many workers as there are cores for them. Throws where what was asked
 * for cannot hold the clients.
 *
 * @param localPorts for connections to one address and port; null when unknown
 */
export function planProcesses(
  wish: ProcessWish,
  cores = availableParallelism(),
  localPorts = readLocalPorts(),
): ProcessPlan {
  const perProcess = (wish.openFilesLimit ?? USUAL_DESCRIPTORS) - SPARE_DESCRIPTORS
  if (perProcess < 1) {
    throw new RtbenchError(
      'cannot-run',
      `a process may open ${wish.openFilesLimit} files, and needs ${SPARE_DESCRIPTORS} beside its clients; raise the limit (ulimit -n)`,
    )
  }
  const least = Math.ceil(wish.clients / perProcess)
  const perPort = (localPorts ?? USUAL_PORTS) - SPARE_PORTS
  checkPorts(wish, perPort)
  const leastInstances = Math.max(least, Math.ceil(wish.clients / perPort))
  const instances =
    wish.instances === 'auto' ? (wish.ownServer ? leastInstances : 1) : wish.instances
  const forCores = Math.min(
    Math.ceil(wish.clients / CLIENTS_PER_WORKER),
    Math.max(1, cores - instances),
  )
  const workers = wish.workers === 'auto' ? Math.max(least, forCores) : wish.workers
  if (workers < least) refuse('workers', workers, wish.clients, perProcess, least)
  if (wish.ownServer && instances < least) {
    refuse('instances', instances, wish.clients, perProcess, leastInstances)
  }
  if (wish.ownServer && instances < leastInstances) {
    throw new RtbenchError(
      'usage',
      `--instances ${instances} cannot hold ${wish.clients} clients: this machine has ${perPort} local ports to spare for each instance (net.ipv4.ip_local_port_range); use --instances ${leastInstances} or auto`,
    )
  }
  if (workers > wish.clients) {
    throw new RtbenchError('usage', `--workers ${workers} is more than --clients ${wish.clients}`)
  }
  const explanation = `${wish.clients} clients at up to ${perProcess} sockets a process and ${perPort} local ports an instance on ${cores} cores: ${workers} worker(s), ${instances} server instance(s)`
  return { instances, workers, explanation }
}

/** One address and port, as that of a server elsewhere, takes no more clients than there are ports. */
function checkPorts({ clients, ownServer }: ProcessWish, perPort: number): void {
  if (perPort >= 1 && (ownServer || clients <= perPort)) return
  throw new RtbenchError(
    'cannot-run',
    `this machine has ${Math.max(0, perPort)} local ports to spare for connections to one server; use fewer --clients or widen net.ipv4.ip_local_port_range`,
  )
}

function refuse(
  what: string,
  given: number,
  clients: number,
  perProcess: number,
  least: number,
): never {
  throw new RtbenchError(
    'usage',
    `--${what} ${given} cannot hold ${clients} clients: a process has ${perProcess} descriptors to spare (ulimit -n); use --${what} ${least} or auto`,
  )
}
