import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { nowNs } from '../measure/clock.ts'
import {
  hostUtilisation,
  readAvailableMemory,
  readHostTime,
  readLocalPorts,
} from '../measure/host.ts'
import { allowedProcessors } from '../process-settings.ts'
import { parseOpenFilesLimit } from '../result/environment.ts'

/** How long other load is looked at. */
const LOOK_MS = 1000
const CLOCK_READINGS = 20_000

export type MachineReading = Awaited<ReturnType<typeof readMachine>>

/**
 * Reads what this machine says about itself, in about a second. Null is what it does not say: /proc and
 * /sys are Linux's, and a container or a virtual machine hides some of them.
 */
export async function readMachine() {
  const clock = readClock()
  const before = { time: readTime(), swapped: readSwapped() }
  await sleep(LOOK_MS)
  const after = { time: readTime(), swapped: readSwapped() }
  return {
    platform: process.platform,
    node: process.versions.node,
    /** Open files of a process, as raised by Node, and of the whole system. */
    openFiles: parseOpenFilesLimit(text('/proc/self/limits')),
    systemFiles: parseSystemFiles(text('/proc/sys/fs/file-nr')),
    /** Local ports for connections to one address and port. */
    localPorts: readLocalPorts(),
    /** Sockets that were closed and keep their port for a minute. */
    timeWait: parseTimeWait(text('/proc/net/sockstat')),
    /** 0: never used again, 1: always, 2: on the loopback address. */
    timeWaitReuse: number('/proc/sys/net/ipv4/tcp_tw_reuse'),
    /** The longest queue of connections that nobody has accepted yet. */
    listenQueue: number('/proc/sys/net/core/somaxconn'),
    /** That this process may use, and all that the machine has. */
    cores: availableParallelism(),
    hostCores: cpus().length,
    /** CPU time of the control group, in cores. */
    coreQuota: readCoreQuota(),
    memoryBytes: totalmem(),
    /** That can be had without swapping. */
    availableBytes: readAvailableMemory(),
    /** Pages that went out to, or came in from, the swap during the look. */
    swappedPages:
      before.swapped === null || after.swapped === null ? null : after.swapped - before.swapped,
    swapUsedBytes: parseSwapUsed(text('/proc/meminfo')),
    clock,
    /** Processor time during the look. */
    load: loadBetween(before.time, after.time),
    /** Of the last minute, on all cores of the machine. */
    loadAverage: process.platform === 'win32' ? null : (loadavg()[0] ?? null),
    governor: text('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor') || null,
    turbo: readTurbo(),
    container: readContainer(),
  }
}

/** `1609  0  2466170`: in use, free, the most. */
export function parseSystemFiles(
  fileNr: string,
): { readonly used: number; readonly most: number } | null {
  const [used = Number.NaN, , most = Number.NaN] = fileNr.split(/\s+/).map(Number)
  return Number.isSafeInteger(used) && most > 0 ? { used, most } : null
}

/** `TCP: inuse 406 orphan 0 tw 99470 …` */
export function parseTimeWait(sockstat: string): number | null {
  const count = /^TCP:.* tw (\d+)/m.exec(sockstat)?.[1]
  return count === undefined ? null : Number(count)
}

export function parseSwapUsed(meminfo: string): number | null {
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(meminfo)?.[1] ?? Number.NaN)
  const used = kilobytes('SwapTotal') - kilobytes('SwapFree')
  return Number.isNaN(used) ? null : used * 1024
}

/** Version 2, `max 100000` or `150000 100000`, of a control group. */
export function parseCpuMax(cpuMax: string): number | null {
  const [quota = Number.NaN, period = Number.NaN] = cpuMax.split(/\s+/).map(Number)
  return quota > 0 && period > 0 ? quota / period : null
}

/** Version 2: the folders of a control group and of those above it, whose limits hold for it, too. */
export function groupFolders(cgroup: string): readonly string[] {
  const names = (/^0::(\/.*)$/m.exec(cgroup)?.[1] ?? '').split('/').filter(Boolean)
  return ['', ...names.map((_, at) => `/${names.slice(0, at + 1).join('/')}`)]
}

/** Its readings' mean cost, the least step that was seen, and what it is made of: `tsc`, `hpet`… */
function readClock() {
  let stepNs = Number.POSITIVE_INFINITY
  const startNs = nowNs()
  let lastNs = startNs
  for (let reading = 0; reading < CLOCK_READINGS; reading++) {
    const timeNs = nowNs()
    if (timeNs > lastNs) stepNs = Math.min(stepNs, timeNs - lastNs)
    lastNs = timeNs
  }
  const folder = '/sys/devices/system/clocksource/clocksource0'
  return {
    costNs: (lastNs - startNs) / CLOCK_READINGS,
    stepNs,
    source: text(`${folder}/current_clocksource`) || null,
    sources: text(`${folder}/available_clocksource`).split(/\s+/).filter(Boolean),
  }
}

function readTime(): ProcessorTime {
  return processorTime(text('/proc/stat'), text('/proc/self/status'))
}

function readSwapped(): number | null {
  const vmstat = text('/proc/vmstat')
  const pages = [...vmstat.matchAll(/^pswp(?:in|out) (\d+)$/gm)].map(([, count]) => Number(count))
  return pages.length === 0 ? null : pages.reduce((sum, one) => sum + one, 0)
}

function readCoreQuota(): number | null {
  const quotas = groupFolders(text('/proc/self/cgroup'))
    .map((folder) => parseCpuMax(text(`/sys/fs/cgroup${folder}/cpu.max`)))
    .filter((quota) => quota !== null)
  if (quotas.length > 0) return Math.min(...quotas)
  const first = '/sys/fs/cgroup/cpu'
  return parseCpuMax(
    `${number(`${first}/cpu.cfs_quota_us`)} ${number(`${first}/cpu.cfs_period_us`)}`,
  )
}

function readTurbo(): boolean | null {
  const off = number('/sys/devices/system/cpu/intel_pstate/no_turbo')
  if (off !== null) return off === 0
  const on = number('/sys/devices/system/cpu/cpufreq/boost')
  return on === null ? null : on === 1
}

function readContainer(): string | null {
  if (process.env['KUBERNETES_SERVICE_HOST'] !== undefined) return 'kubernetes'
  if (existsSync('/.dockerenv')) return 'docker'
  if (existsSync('/run/.containerenv')) return 'podman'
  return process.env['container'] === undefined ? null : 'container'
}

/** Empty where there is no such file. */
function text(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

function number(path: string): number | null {
  const value = Number(text(path) || Number.NaN)
  return Number.isNaN(value) ? null : value
}

/** Shares of the cores that this process may use, 0 to 1. */
interface LoadReading {
  readonly busy: number
  /** Taken by the hypervisor for others; null where it does not tell. */
  readonly stolen: number | null
}

type ProcessorTime = ReturnType<typeof processorTime>

/** What the processors have done up to a moment: those that this process may use, and all of the host. */
export function processorTime(stat: string, status: string) {
  const allowed = allowedProcessors(status)
  return { ticks: parseTicks(stat, allowed), host: readHostTime() }
}

/** The `cpu0`, `cpu1`… lines of proc(5) for these processors, or if none are named for all, in sum. */
export function parseTicks(stat: string, cpus: readonly number[]) {
  let [total, busy, stolen] = [0, 0, 0]
  for (const [, cpu, figures = ''] of stat.matchAll(/^cpu(\d+) +(.+)$/gm)) {
    if (cpus.length > 0 && !cpus.includes(Number(cpu))) continue
    // Guests' time, the ninth and tenth, is part of the users' already.
    const ticks = figures.split(/\s+/).slice(0, 8).map(Number)
    const [, , , idle = 0, waiting = 0, , , taken = 0] = ticks
    const all = ticks.reduce((sum, one) => sum + one, 0)
    total += all
    busy += all - idle - waiting - taken
    stolen += taken
  }
  return total > 0 ? { total, busy, stolen } : null
}

/** Null where no time went by. */
export function loadBetween(before: ProcessorTime, after: ProcessorTime): LoadReading | null {
  const total = (after.ticks?.total ?? 0) - (before.ticks?.total ?? 0)
  if (before.ticks !== null && after.ticks !== null && total > 0) {
    return {
      busy: (after.ticks.busy - before.ticks.busy) / total,
      stolen: (after.ticks.stolen - before.ticks.stolen) / total,
    }
  }
  const busy = hostUtilisation(before.host, after.host)
  return busy === null ? null : { busy, stolen: null }
}
