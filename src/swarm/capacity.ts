import { availableParallelism } from 'node:os'
import { RtbenchError } from '../error.ts'

/** Descriptors that a process needs beside its clients' sockets. */
const SPARE_DESCRIPTORS = 256
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
 * Works out the processes: as many of each as the descriptor limit asks for, and so many workers as
 * there are cores for them. Throws where what was asked for cannot hold the clients.
 */
export function planProcesses(wish: ProcessWish, cores = availableParallelism()): ProcessPlan {
  const perProcess = (wish.openFilesLimit ?? USUAL_DESCRIPTORS) - SPARE_DESCRIPTORS
  if (perProcess < 1) {
    throw new RtbenchError(
      'cannot-run',
      `a process may open ${wish.openFilesLimit} files, and needs ${SPARE_DESCRIPTORS} beside its clients; raise the limit (ulimit -n)`,
    )
  }
  const least = Math.ceil(wish.clients / perProcess)
  const instances = wish.instances === 'auto' ? (wish.ownServer ? least : 1) : wish.instances
  const forCores = Math.min(
    Math.ceil(wish.clients / CLIENTS_PER_WORKER),
    Math.max(1, cores - instances),
  )
  const workers = wish.workers === 'auto' ? Math.max(least, forCores) : wish.workers
  if (workers < least) refuse('workers', workers, wish.clients, perProcess, least)
  if (wish.ownServer && instances < least) {
    refuse('instances', instances, wish.clients, perProcess, least)
  }
  if (workers > wish.clients) {
    throw new RtbenchError('usage', `--workers ${workers} is more than --clients ${wish.clients}`)
  }
  const explanation = `${wish.clients} clients at up to ${perProcess} sockets a process on ${cores} cores: ${workers} worker(s), ${instances} server instance(s)`
  return { instances, workers, explanation }
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
