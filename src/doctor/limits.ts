import { ceilingOf } from '../capacity/ceiling.ts'
import { RtbenchError } from '../error.ts'
import { formatGigabytes, formatWhole, roundedDown } from '../scenario/units.ts'
import { MOST_CLIENTS } from '../scenario/values.ts'
import {
  clientsPerPort,
  clientsPerProcess,
  filesText,
  type Machine,
  planProcesses,
  portsText,
} from '../swarm/process-plan.ts'
import { counted } from '../text.ts'
import { bad, type Finding, ok, raiseOpenFiles, setKernel, unknown } from './finding.ts'
import type { MachineReading } from './machine.ts'

/** A crowd of which a process should hold a good part, where nobody names one. */
const USUAL_CROWD = 10_000
/** Both ends of a connection are files of this machine. */
const FILES_PER_CLIENT = 2
/** Files left for all else that runs. */
const OTHER_FILES = 100_000

/** How many clients there can be: what a process and the system may open, ports, queues. */
export function limitFindings(reading: MachineReading, clients: number | null): readonly Finding[] {
  return [
    openFiles(reading, clients),
    systemFiles(reading, clients),
    localPorts(reading, clients),
    timeWait(reading),
    listenQueue(reading),
    crowd(reading, clients),
  ]
}

function openFiles({ openFiles, container }: MachineReading, clients: number | null): Finding {
  const about = { code: 'open-files', title: 'Open files' }
  if (openFiles === null) return unknown(about, 'how many files a process may open is not told')
  const perProcess = clientsPerProcess(openFiles)
  const fix = raiseOpenFiles(container)
  if (perProcess < 1) {
    return bad(about, 'fail', filesText(openFiles), fix)
  }
  const crowd = clients ?? 10 * USUAL_CROWD
  const workers = Math.ceil(crowd / perProcess)
  const need = crowd === 1 ? 'needs at least' : 'need at least'
  const text = `${formatWhole(openFiles)} per process, ${formatWhole(perProcess)} clients in each: ${counted(crowd, 'client')} ${need} ${counted(workers, 'worker')} and as many server instances`
  const few = perProcess < Math.min(clients ?? USUAL_CROWD, USUAL_CROWD)
  return few ? bad(about, 'warn', text, fix) : ok(about, text)
}

function systemFiles({ systemFiles, container }: MachineReading, clients: number | null): Finding {
  const about = { code: 'system-files', title: 'Files of the system' }
  if (systemFiles === null) return unknown(about, 'how many files all may open is not told')
  const { used, most } = systemFiles
  if (most > Number.MAX_SAFE_INTEGER) {
    const text = `no limit of all processes, ${formatWhole(used)} in use`
    return ok(about, text)
  }
  const room = Math.max(0, Math.floor((most - used) / FILES_PER_CLIENT))
  const text = `${formatWhole(most)} of all processes, ${formatWhole(used)} in use: room for ${counted(room, 'client')}`
  if (room >= (clients ?? USUAL_CROWD)) return ok(about, text)
  const wanted = used + FILES_PER_CLIENT * (clients ?? USUAL_CROWD) + OTHER_FILES
  const fix = setKernel(container, 'fs.file-max', wanted)
  return bad(about, clients === null ? 'warn' : 'fail', text, fix)
}

function localPorts({ localPorts, container }: MachineReading, clients: number | null): Finding {
  const about = { code: 'local-ports', title: 'Local ports' }
  if (localPorts === null) return unknown(about, 'how many local ports there are is not told')
  const fix = setKernel(container, 'net.ipv4.ip_local_port_range', '1024 65535')
  const perPort = clientsPerPort(localPorts)
  if (perPort < 1) {
    return bad(about, 'fail', portsText(perPort), fix)
  }
  const text = `${portsText(perPort)}: an own server opens more ports as it needs them`
  const few = perPort < Math.min(clients ?? USUAL_CROWD, USUAL_CROWD)
  return few ? bad(about, 'warn', text, fix) : ok(about, text)
}

/** Closed sockets keep their ports for a minute; between loopback addresses Linux uses them again. */
function timeWait(reading: MachineReading): Finding {
  const { timeWait, timeWaitReuse, localPorts, container } = reading
  const about = { code: 'time-wait', title: 'Closed sockets' }
  if (timeWait === null) return unknown(about, 'how many wait for their end is not told')
  const waiting = `${formatWhole(timeWait)} in TIME_WAIT`
  if (localPorts === null || timeWait < localPorts / 2) {
    const text = `${waiting}: they keep their ports for a minute`
    return ok(about, text)
  }
  const fix = timeWaitReuse === 0 ? setKernel(container, 'net.ipv4.tcp_tw_reuse', 2) : 'sleep 60'
  const text = `${waiting} of a run that was here before: connecting is slower for a minute`
  return bad(about, 'warn', text, fix)
}

/** A burst of connects that the queue has no room for is tried again after a second. */
function listenQueue({ listenQueue, container }: MachineReading): Finding {
  const about = { code: 'listen-queue', title: 'Listen queue' }
  if (listenQueue === null) return unknown(about, 'how long a listen queue may be is not told')
  const text = `${formatWhole(listenQueue)} connections may wait to be accepted; what comes in a larger burst is tried again a second later`
  if (listenQueue >= 1024) return ok(about, text)
  const fix = setKernel(container, 'net.core.somaxconn', 4096)
  return bad(about, 'warn', text, fix)
}

/** What the planner of processes makes of it all, memory included. */
function crowd(reading: MachineReading, clients: number | null): Finding {
  const about = { code: 'clients', title: 'Clients' }
  const machine: Machine = reading
  const plan = (wanted: number) =>
    planProcesses(
      {
        clients: wanted,
        instances: 'auto',
        workers: 'auto',
        openFilesLimit: reading.openFiles,
        ownServer: true,
      },
      machine,
    )
  try {
    if (clients !== null) {
      return ok(about, plan(clients).explanation)
    }
    const { clients: most, reason } = ceilingOf(plan, 1, MOST_CLIENTS)
    const bytes = reading.availableBytes
    const memory = bytes === null ? '' : `, with ${formatGigabytes(bytes)} of memory to spare`
    const text = `about ${formatWhole(roundedDown(most))} at the most, server and swarm together${memory}`
    return ok(about, reason === null ? `${text}, as a scenario may ask for` : text)
  } catch (error) {
    if (!(error instanceof RtbenchError)) throw error
    const [text = '', ...fixes] = error.message.split('; ')
    return bad(about, 'fail', text, fixes.join('; ') || null)
  }
}
