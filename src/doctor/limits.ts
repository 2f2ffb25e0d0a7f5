import { ceilingOf } from '../capacity/ceiling.ts'
import { RtbenchError } from '../error.ts'
import { formatGigabytes, formatWhole, roundedDown } from '../scenario/units.ts'
import { MOST_CLIENTS } from '../scenario/values.ts'
import {
  clientsPerPort,
  clientsPerProcess,
  filesText,
  planProcesses,
  portsText,
} from '../swarm/process-plan.ts'
import { counted } from '../text.ts'
import {
  bad,
  type Judgement,
  type Look,
  ok,
  raiseOpenFiles,
  setKernel,
  unknown,
} from './finding.ts'
import type { MachineReading } from './machine.ts'

/** A crowd of which a process should hold a good part, where nobody names one. */
const USUAL_CROWD = 10_000
/** Both ends of a connection are files of this machine. */
const FILES_PER_CLIENT = 2
/** Files left for all else that runs. */
const OTHER_FILES = 100_000

/** How many clients there can be: what a process and the system may open, ports, queues. */
export const LIMITS: readonly Look[] = [
  ['open-files', 'Open files', openFiles],
  ['system-files', 'Files of the system', systemFiles],
  ['local-ports', 'Local ports', localPorts],
  ['time-wait', 'Closed sockets', timeWait],
  ['listen-queue', 'Listen queue', listenQueue],
  ['clients', 'Clients', crowd],
]

function openFiles({ openFiles, container }: MachineReading, clients: number | null): Judgement {
  if (openFiles === null) return unknown('how many files a process may open is not told')
  const perProcess = clientsPerProcess(openFiles)
  const fix = raiseOpenFiles(container)
  if (perProcess < 1) return bad('fail', filesText(openFiles), fix)
  const crowd = clients ?? 10 * USUAL_CROWD
  const workers = Math.ceil(crowd / perProcess)
  const need = crowd === 1 ? 'needs at least' : 'need at least'
  const text = `${formatWhole(openFiles)} per process, ${formatWhole(perProcess)} clients in each: ${counted(crowd, 'client')} ${need} ${counted(workers, 'worker')} and as many server instances`
  const few = perProcess < Math.min(clients ?? USUAL_CROWD, USUAL_CROWD)
  return few ? bad('warn', text, fix) : ok(text)
}

function systemFiles(
  { systemFiles, container }: MachineReading,
  clients: number | null,
): Judgement {
  if (systemFiles === null) return unknown('how many files all may open is not told')
  const { used, most } = systemFiles
  if (most > Number.MAX_SAFE_INTEGER) {
    return ok(`no limit of all processes, ${formatWhole(used)} in use`)
  }
  const room = Math.max(0, Math.floor((most - used) / FILES_PER_CLIENT))
  const text = `${formatWhole(most)} of all processes, ${formatWhole(used)} in use: room for ${counted(room, 'client')}`
  if (room >= (clients ?? USUAL_CROWD)) return ok(text)
  const wanted = used + FILES_PER_CLIENT * (clients ?? USUAL_CROWD) + OTHER_FILES
  const fix = setKernel(container, 'fs.file-max', wanted)
  return bad(clients === null ? 'warn' : 'fail', text, fix)
}

function localPorts({ localPorts, container }: MachineReading, clients: number | null): Judgement {
  if (localPorts === null) return unknown('how many local ports there are is not told')
  const fix = setKernel(container, 'net.ipv4.ip_local_port_range', '1024 65535')
  const perPort = clientsPerPort(localPorts)
  if (perPort < 1) return bad('fail', portsText(perPort), fix)
  const text = `${portsText(perPort)}: an own server opens more ports as it needs them`
  const few = perPort < Math.min(clients ?? USUAL_CROWD, USUAL_CROWD)
  return few ? bad('warn', text, fix) : ok(text)
}

/** Closed sockets keep their ports for a minute; between loopback addresses Linux uses them again. */
function timeWait(reading: MachineReading): Judgement {
  const { timeWait, timeWaitReuse, localPorts, container } = reading
  if (timeWait === null) return unknown('how many wait for their end is not told')
  const waiting = `${formatWhole(timeWait)} in TIME_WAIT`
  if (localPorts === null || timeWait < localPorts / 2) {
    return ok(`${waiting}: they keep their ports for a minute`)
  }
  const fix = timeWaitReuse === 0 ? setKernel(container, 'net.ipv4.tcp_tw_reuse', 2) : 'sleep 60'
  const text = `${waiting} of a run that was here before: connecting is slower for a minute`
  return bad('warn', text, fix)
}

/** A burst of connects that the queue has no room for is tried again after a second. */
function listenQueue({ listenQueue, container }: MachineReading): Judgement {
  if (listenQueue === null) return unknown('how long a listen queue may be is not told')
  const text = `${formatWhole(listenQueue)} connections may wait to be accepted; what comes in a larger burst is tried again a second later`
  if (listenQueue >= 1024) return ok(text)
  const fix = setKernel(container, 'net.core.somaxconn', 4096)
  return bad('warn', text, fix)
}

/** What the planner of processes makes of it all, memory included. */
function crowd(reading: MachineReading, clients: number | null): Judgement {
  const plan = (wanted: number) =>
    planProcesses(
      {
        clients: wanted,
        instances: 'auto',
        workers: 'auto',
        openFilesLimit: reading.openFiles,
        ownServer: true,
      },
      reading,
    )
  try {
    if (clients !== null) return ok(plan(clients).explanation)
    const { clients: most, reason } = ceilingOf(plan, 1, MOST_CLIENTS)
    const bytes = reading.availableBytes
    const memory = bytes === null ? '' : `, with ${formatGigabytes(bytes)} of memory to spare`
    const text = `about ${formatWhole(roundedDown(most))} at the most, server and swarm together${memory}`
    return ok(reason === null ? `${text}, as a scenario may ask for` : text)
  } catch (error) {
    if (!(error instanceof RtbenchError)) throw error
    const [text = '', ...fixes] = error.message.split('; ')
    return bad('fail', text, fixes.join('; ') || null)
  }
}
