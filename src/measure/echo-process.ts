/**
 * One end of the machine's echo: answers what comes, or asks in bursts and tells how long they took.
 * A process for each, since what matters is how fast one process wakes another.
 */

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { beChild } from '../child-process.ts'
import { giveWay } from '../process-settings.ts'
import { nowNs } from './clock.ts'

/**
 * What a bare echo takes on this machine: how fast it is at what a measurement asks of it, whatever
 * is measured. Two states of one machine are told apart by it.
 */
export interface Echo {
  /** From the first write of a burst of small messages to the last answer, the median; microseconds. */
  readonly burstUs: number
  /** CPU time of both ends for each message, microseconds. */
  readonly cpuUsPerMessage: number
}

/** What the process is told, once. */
export type ToEcho = { readonly role: 'answer' } | { readonly role: 'ask'; readonly port: number }
/** What it answers, once: the port where it listens, or what it measured. */
export type FromEcho = { readonly port: number } | Echo

/** As many as a fan-out has receivers: of fewer messages waking up would be most of a burst. */
const SOCKETS = 100
const MESSAGE = Buffer.alloc(128, 'e')
/** Asks the other end for its CPU time instead, in digits of the same width. */
const CPU_QUESTION = Buffer.alloc(MESSAGE.length, 'c')
/** Between two bursts the machine falls asleep, as it does between two events of a quiet server. */
const IDLE_MS = 20
/** Until the code is compiled. */
const WARM_UP = 4
const BURSTS = 21

beChild('echo')
giveWay()
process.once('message', (told: ToEcho) => {
  if (told.role === 'answer') answer()
  else void ask(told.port).then(tell, fail)
})

function tell(message: FromEcho): void {
  process.send?.(message)
}

/** Nobody needs a word about it: a machine without an echo is one whose pace is not known. */
function fail(): void {
  process.exit(1)
}

function answer(): void {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', fail)
    socket.on('data', (bytes) => {
      socket.write(bytes[0] === CPU_QUESTION[0] ? cpuAnswer() : bytes)
    })
  })
  server.on('error', fail)
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    if (typeof address === 'object' && address !== null) tell({ port: address.port })
  })
}

function cpuAnswer(): string {
  return String(cpuUs()).padStart(MESSAGE.length)
}

/** Of this process. */
function cpuUs(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

async function ask(port: number): Promise<Echo> {
  const sockets = await Promise.all(Array.from({ length: SOCKETS }, () => opened(port)))
  await burstsOf(sockets, WARM_UP)
  const before = await cpuOfBoth(sockets)
  const times = await burstsOf(sockets, BURSTS)
  const after = await cpuOfBoth(sockets)
  for (const socket of sockets) socket.destroy()
  const middle = times.toSorted((one, other) => one - other)[BURSTS >> 1] ?? Number.NaN
  return { burstUs: middle, cpuUsPerMessage: (after - before) / (BURSTS * SOCKETS) }
}

async function opened(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  socket.on('error', fail).on('end', fail)
  await once(socket, 'connect')
  return socket
}

async function cpuOfBoth([socket]: readonly Socket[]): Promise<number> {
  socket?.write(CPU_QUESTION)
  const [bytes] = socket === undefined ? [] : await once(socket, 'data')
  return cpuUs() + Number(bytes)
}

/** How long each took, microseconds: from the first write to the last answer. */
async function burstsOf(sockets: readonly Socket[], count: number): Promise<number[]> {
  const times: number[] = []
  for (let burst = 0; burst < count; burst++) {
    await sleep(IDLE_MS)
    const startNs = nowNs()
    await Promise.all(sockets.map(echoed))
    times.push((nowNs() - startNs) / 1e3)
  }
  return times
}

function echoed(socket: Socket): Promise<unknown> {
  socket.write(MESSAGE)
  return once(socket, 'data')
}
