import { availableParallelism } from 'node:os'
import { RtbenchError } from '../error.ts'
import { readAvailableMemory, readLocalPorts } from '../measure/host.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { formatGigabytes, formatWhole, roundedDown } from '../scenario/units.ts'
import { counted } from '../text.ts'

/**
 * Descriptors that a process needs beside its clients' sockets: Node's own, listeners, connections, and
 * sockets that are closing. Where there are few, the last of these get no more than a quarter.
 */
const SPARE_DESCRIPTORS = 256
const LEAST_SPARE_DESCRIPTORS = 64
/** Descriptors of the coordinator beside those for each of its processes: a channel, a connection. */
const COORDINATOR_DESCRIPTORS = 64
const DESCRIPTORS_PER_PROCESS = 2
/** Local ports left for the publisher, for readings, and for connections that were just closed. */
const SPARE_PORTS = 256
/** Local ports where the system does not tell. */
const USUAL_PORTS = 16_384
/** Clients for which a further worker is worth its memory, where there are cores for it. */
const CLIENTS_PER_WORKER = 2_500
/** Descriptors of a process where the system does not tell. */
const USUAL_DESCRIPTORS = 8_192
/** What a process takes before it has a client, and what a client adds on both sides and in the kernel. */
const PROCESS_BYTES = 60 * 2 ** 20
const SWARM_CLIENT_BYTES = 5 * 2 ** 10
const SERVER_CLIENT_BYTES = 9 * 2 ** 10
const SOCKET_BYTES = 5 * 2 ** 10
/** What TLS keeps of a connection, at either end: on Node 20.20 some 42 KiB. */
const TLS_SOCKET_BYTES = 42 * 2 ** 10
/** What a front keeps of a client, beside its two sockets. */
const FRONT_CLIENT_BYTES = 12 * 2 ** 10

/** The processes that carry the clients, and why so many. */
export interface ProcessPlan {
  readonly instances: number
  readonly workers: number
  /** Ports on which an own instance listens. */
  readonly portsPerInstance: number
  /** Ports on which a front listens; 0 without one. */
  readonly frontPorts: number
  readonly explanation: string
}

export interface ProcessWish extends Pick<Scenario, 'clients' | 'instances' | 'workers'> {
  /** A process's limit of open files; null when unknown. */
  readonly openFilesLimit: number | null
  readonly ownServer: boolean
  /** Of each client, at the most; 1 unless it sends on another one than it receives. */
  readonly socketsEach?: 1 | 2
  /** The program that stands before the instances; none without one. */
  readonly front?: string
  /** Connections are over TLS. */
  readonly isSecure?: boolean
}

export interface Machine {
  readonly cores: number
  /** For connections to one address and port; null when unknown. */
  readonly localPorts: number | null
  /** That can be had without swapping; null when unknown. */
  readonly availableBytes: number | null
}

export function readMachine(): Machine {
  return {
    cores: availableParallelism(),
    localPorts: readLocalPorts(),
    availableBytes: readAvailableMemory(),
  }
}

/**
 * Works out the processes: as many of each as the descriptor limit asks for, so many workers as
 * there are cores for them, and so many ports that the local ones do not run short. Throws where
 * what was asked for cannot hold the clients, or the machine cannot.
 */
export function planProcesses(wish: ProcessWish, machine: Machine = readMachine()): ProcessPlan {
  const { clients, ownServer, socketsEach = 1, front = 'none', isSecure = false } = wish
  const sockets = clients * socketsEach
  const perProcess = clientsPerProcess(wish.openFilesLimit)
  if (perProcess < 1) {
    throw new RtbenchError(
      'cannot-run',
      `${filesText(wish.openFilesLimit ?? USUAL_DESCRIPTORS)}; raise the limit (ulimit -n)`,
    )
  }
  const least = Math.ceil(sockets / perProcess)
  const perPort = clientsPerPort(machine.localPorts)
  checkPorts(wish, sockets, perPort)
  const instances = wish.instances === 'auto' ? (ownServer ? least : 1) : wish.instances
  const forCores = Math.min(
    Math.ceil(clients / CLIENTS_PER_WORKER),
    Math.max(1, machine.cores - instances),
  )
  const workers = wish.workers === 'auto' ? Math.max(least, forCores) : wish.workers
  if (workers < least) refuse('workers', workers, wish, perProcess, least)
  if (ownServer && instances < least) refuse('instances', instances, wish, perProcess, least)
  if (workers > clients) {
    throw new RtbenchError('usage', `--workers ${workers} is more than --clients ${clients}`)
  }
  const processes = workers + (ownServer ? instances : 0)
  // Of the many that were asked for, and not of the clients.
  const fewer =
    processes > 2 * (ownServer ? 2 * least : least)
      ? `use fewer ${instances > workers ? '--instances' : '--workers'}`
      : null
  checkCoordinator(wish, processes, fewer)
  checkFront(wish)
  const frontBytes = front === 'none' ? 0 : sockets * (FRONT_CLIENT_BYTES + 2 * SOCKET_BYTES)
  const secureBytes = isSecure ? sockets * (ownServer ? 2 : 1) * TLS_SOCKET_BYTES : 0
  const neededBytes =
    memoryOf(clients, sockets, workers, ownServer ? instances : 0) + frontBytes + secureBytes
  checkMemory(wish, neededBytes, machine.availableBytes, fewer)
  // Linux gives out one half of the ports first, and once that is used up it looks through all of
  // it for each connection: a second port is cheaper.
  const perListener = Math.ceil(perPort / 2)
  const portsPerInstance = Math.ceil(Math.ceil(sockets / instances) / perListener)
  const frontPorts = front === 'none' ? 0 : Math.ceil(sockets / perListener)
  const explanation = [
    `${formatWhole(clients)} clients${socketsEach === 1 ? '' : `, ${socketsEach} sockets each,`} at up to ${formatWhole(perProcess)} sockets a process on ${machine.cores} cores: ${counted(workers, 'worker')}`,
    ...(ownServer ? [counted(instances, 'server instance')] : []),
    ...(front === 'none' ? [] : [`${front} before them`]),
    ...(ownServer && portsPerInstance > 1
      ? [`${portsPerInstance} ports each for ${formatWhole(perPort)} local ones`]
      : []),
    `about ${formatGigabytes(neededBytes)}${machine.availableBytes === null ? '' : ` of ${formatGigabytes(machine.availableBytes)}`}`,
  ].join(', ')
  const ports = { portsPerInstance: ownServer ? portsPerInstance : 1, frontPorts }
  return { instances, workers, ...ports, explanation }
}

/** Clients that a process can hold; none or fewer where its limit, null when unknown, is below its own needs. */
export function clientsPerProcess(openFilesLimit: number | null): number {
  const limit = openFilesLimit ?? USUAL_DESCRIPTORS
  return limit - spareDescriptors(limit)
}

function spareDescriptors(limit: number): number {
  return Math.min(SPARE_DESCRIPTORS, Math.max(LEAST_SPARE_DESCRIPTORS, Math.floor(limit / 4)))
}

/** Clients that can be connected to one address and port. */
export function clientsPerPort(localPorts: number | null): number {
  return (localPorts ?? USUAL_PORTS) - SPARE_PORTS
}

/** The limit of what a process may open, as every refusal and the doctor say it. */
export function filesText(openFilesLimit: number): string {
  return `a process may open ${formatWhole(openFilesLimit)} files, and needs ${spareDescriptors(openFilesLimit)} beside its clients`
}

/** The ports that there are, as every refusal and the doctor say it. */
export function portsText(perPort: number): string {
  return `this machine has ${formatWhole(Math.max(0, perPort))} local ports to spare for connections to one server`
}

/** One address and port, as that of a server elsewhere, takes no more clients than there are ports. */
function checkPorts({ ownServer }: ProcessWish, sockets: number, perPort: number): void {
  if (perPort >= 1 && (ownServer || sockets <= perPort)) return
  throw new RtbenchError(
    'cannot-run',
    `${portsText(perPort)}; use fewer --clients or widen net.ipv4.ip_local_port_range`,
  )
}

/** A front has two sockets for each client: the client's, and one to an instance. */
function checkFront({
  clients,
  socketsEach = 1,
  front = 'none',
  openFilesLimit,
}: ProcessWish): void {
  const limit = openFilesLimit ?? USUAL_DESCRIPTORS
  const room = Math.floor((limit - SPARE_DESCRIPTORS) / 2.2 / socketsEach)
  if (front === 'none' || clients <= room) return
  throw new RtbenchError(
    'cannot-run',
    `${front} takes ${2 * socketsEach} sockets for each of ${formatWhole(clients)} clients, and a process may open ${formatWhole(limit)} files; ${room < 1 ? '' : `use about ${formatWhole(roundedDown(room))} --clients or `}raise the limit (ulimit -n)`,
  )
}

/** Many small processes are too many for the one that starts them. */
function checkCoordinator(
  { clients, openFilesLimit }: ProcessWish,
  processes: number,
  fewer: string | null,
): void {
  const limit = openFilesLimit ?? USUAL_DESCRIPTORS
  const room = Math.floor((limit - COORDINATOR_DESCRIPTORS) / DESCRIPTORS_PER_PROCESS)
  if (processes <= room) return
  const fits = roundedDown((clients * room) / processes)
  throw new RtbenchError(
    'cannot-run',
    `${formatWhole(clients)} clients take ${formatWhole(processes)} processes, and a process that may open ${formatWhole(limit)} files can start ${formatWhole(room)}; ${fewer !== null ? `${fewer}, or ` : fits < 1 ? '' : `use about ${formatWhole(fits)} --clients or `}raise the limit (ulimit -n)`,
  )
}

/** @param instances own ones: those of a server elsewhere take no memory here */
function memoryOf(clients: number, sockets: number, workers: number, instances: number): number {
  const sides = instances > 0 ? 2 : 1
  const client = SWARM_CLIENT_BYTES + (sides - 1) * SERVER_CLIENT_BYTES
  return (workers + instances) * PROCESS_BYTES + clients * client + sockets * sides * SOCKET_BYTES
}

function checkMemory(
  { clients }: ProcessWish,
  neededBytes: number,
  availableBytes: number | null,
  fewer: string | null,
): void {
  if (availableBytes === null || neededBytes <= availableBytes) return
  const fits = formatWhole(roundedDown((0.95 * clients * availableBytes) / neededBytes))
  throw new RtbenchError(
    'cannot-run',
    `${formatWhole(clients)} clients take about ${formatGigabytes(neededBytes)}, and this machine has ${formatGigabytes(availableBytes)} to spare; ${fewer ?? `use about ${fits} --clients`} or a larger machine`,
  )
}

function refuse(
  what: string,
  given: number,
  { clients, socketsEach = 1 }: ProcessWish,
  perProcess: number,
  least: number,
): never {
  throw new RtbenchError(
    'usage',
    `--${what} ${given} cannot hold ${formatWhole(clients)} clients${socketsEach === 1 ? '' : ` of ${socketsEach} sockets each`}: a process has ${formatWhole(perProcess)} descriptors to spare (ulimit -n); use --${what} ${least} or auto`,
  )
}
