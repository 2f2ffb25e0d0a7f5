import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { ended, firstMessage, startModule } from '../child-process.ts'
import type { Echo, FromEcho, ToEcho } from './echo-process.ts'

/** Processor time of the whole machine since it booted, milliseconds. */
export interface HostTime {
  readonly busyMs: number
  readonly totalMs: number
}

export function readHostTime(): HostTime {
  let busyMs = 0
  let totalMs = 0
  for (const { times } of cpus()) {
    const busy = times.user + times.nice + times.sys + times.irq
    busyMs += busy
    totalMs += busy + times.idle
  }
  return { busyMs, totalMs }
}

/** Share of the machine that was busy between two readings, 0 to 1; null when no time went by. */
export function hostUtilisation(before: HostTime, after: HostTime): number | null {
  const totalMs = after.totalMs - before.totalMs
  return totalMs > 0 ? (after.busyMs - before.busyMs) / totalMs : null
}

/** Local ports for connections to one address and port; null where the system does not tell. */
export function readLocalPorts(file = '/proc/sys/net/ipv4/ip_local_port_range'): number | null {
  try {
    const [first = Number.NaN, last = Number.NaN] = readFileSync(file, 'utf8')
      .trim()
      .split(/\s+/)
      .map(Number)
    return last >= first ? last - first + 1 : null
  } catch {
    return null
  }
}

/**
 * Memory that can be had without swapping, bytes: what the kernel estimates, caches that it would
 * give up included, or what the control group leaves if that is less. Null where nobody tells.
 */
export function readAvailableMemory(): number | null {
  return process.availableMemory() || null
}

/** How long it may take; on a machine that is slower by an order of magnitude there is none. */
const PATIENCE_MS = 10_000
/** How long an end may take to go. */
const END_MS = 1_000

function isFromEcho(message: unknown): message is FromEcho {
  if (typeof message !== 'object' || message === null) return false
  const { port, burstUs, cpuUsPerMessage } = message as Partial<Record<string, unknown>>
  return Number.isInteger(port) || [burstUs, cpuUsPerMessage].every(Number.isFinite)
}

/**
 * Measures it by two fresh processes over loopback, in about three quarters of a second. Never throws:
 * null where that cannot be done, or is stopped.
 */
export async function measureEcho(signal?: AbortSignal): Promise<Echo | null> {
  const started: ReturnType<typeof startModule>[] = []
  const patience = AbortSignal.timeout(PATIENCE_MS)
  const over = signal === undefined ? patience : AbortSignal.any([signal, patience])
  const kill = (): void => {
    for (const child of started) child.kill('SIGKILL')
  }
  over.addEventListener('abort', kill)
  const say = (told: ToEcho): Promise<FromEcho> => {
    over.throwIfAborted()
    const child = startModule('echo-process', import.meta.url)
    started.push(child)
    child.send(told)
    return firstMessage(child, 'echo', isFromEcho)
  }
  try {
    const answering = await say({ role: 'answer' })
    if (!('port' in answering)) return null
    const echo = await say({ role: 'ask', port: answering.port })
    return 'port' in echo ? null : echo
  } catch {
    return null
  } finally {
    over.removeEventListener('abort', kill)
    for (const child of started) if (child.connected) child.disconnect()
    await Promise.all(started.map((child) => ended(child, END_MS)))
  }
}
