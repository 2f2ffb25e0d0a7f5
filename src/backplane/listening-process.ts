import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Ticks of a process's account in a second: the same on every Linux. */
const TICKS_PER_SECOND = 100
const LISTENING = '0A'

/** A connection's ends, as a socket names them. */
export interface Ends {
  readonly localAddress?: string | undefined
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
}

/**
 * The process at the other end of a connection, if it is on this machine, listens itself and its command
 * line is as expected (one in front of it would tell of itself); null where none such is found.
 */
export function processBehind(socket: Ends, expected: RegExp): number | null {
  const { localAddress, remoteAddress = '', remotePort = 0 } = socket
  const isHere =
    remoteAddress === localAddress || /^(?:127\.|::1$|::ffff:127\.)/.test(remoteAddress)
  if (!isHere) return null
  const sockets = new Set([...listening('tcp', remotePort), ...listening('tcp6', remotePort)])
  if (sockets.size === 0) return null
  const isOf = (pid: string): boolean =>
    expected.test(text(`/proc/${pid}/cmdline`)) &&
    listed(`/proc/${pid}/fd`).some((fd) => sockets.has(target(`/proc/${pid}/fd/${fd}`)))
  const pid = listed('/proc').find((name) => /^\d+$/.test(name) && isOf(name))
  return pid === undefined ? null : Number(pid)
}

/** Processor time since its start and memory of a process, as proc(5) has them; null when it is gone. */
export function readProcess(pid: number): { cpuUs: number; rssBytes: number } | null {
  // After the name, which may have anything in it, from the third field on.
  const fields = text(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ')
    .map(Number)
  const [userTicks, systemTicks] = [fields[11] ?? Number.NaN, fields[12] ?? Number.NaN]
  const rssKiB = Number(/^VmRSS:\s+(\d+) kB$/m.exec(text(`/proc/${pid}/status`))?.[1])
  if (!Number.isFinite(userTicks + systemTicks + rssKiB)) return null
  const cpuUs = ((userTicks + systemTicks) / TICKS_PER_SECOND) * 1e6
  return { cpuUs, rssBytes: rssKiB * 1024 }
}

/** The sockets that listen on a port, named as a process's descriptors are. */
function listening(table: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return text(`/proc/net/${table}`)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => local.endsWith(`:${hex}`) && state === LISTENING)
    .map((fields) => `socket:[${fields[9]}]`)
}

function text(file: string): string {
  return attempt(() => readFileSync(file, 'utf8'), '')
}

function listed(folder: string): string[] {
  return attempt(() => readdirSync(folder), [])
}

function target(link: string): string {
  return attempt(() => readlinkSync(link), '')
}

/** Processes end, and not every one of them is ours to look into. */
function attempt<Value>(read: () => Value, otherwise: Value): Value {
  try {
    return read()
  } catch {
    return otherwise
  }
}
