import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { nowNs } from '../measure/clock.ts'
import { readAvailableMemory, readLocalPorts } from '../measure/host.ts'
import { parseOpenFilesLimit } from '../result/environment.ts'
import { loadBetween, type ProcessorTime, processorTime } from './processor-time.ts'
import type { ClockReading, MachineReading } from './reading.ts'

/** How long other load is looked at. */
const LOOK_MS = 1000
const CLOCK_READINGS = 20_000

/** Reads this machine; takes about a second. */
export async function readMachine(): Promise<MachineReading> {
  const clock = readClock()
  const before = { time: readTime(), swapped: readSwapped() }
  await sleep(LOOK_MS)
  const after = { time: readTime(), swapped: readSwapped() }
  return {
    platform: process.platform,
    node: process.versions.node,
    openFiles: parseOpenFilesLimit(text('/proc/self/limits') ?? ''),
    systemFiles: parseSystemFiles(text('/proc/sys/fs/file-nr')),
    localPorts: readLocalPorts(),
    timeWait: parseTimeWait(text('/proc/net/sockstat')),
    timeWaitReuse: number('/proc/sys/net/ipv4/tcp_tw_reuse'),
    listenQueue: number('/proc/sys/net/core/somaxconn'),
    cores: availableParallelism(),
    hostCores: cpus().length,
    coreQuota: readCoreQuota(),
    memoryBytes: totalmem(),
    availableBytes: readAvailableMemory(),
    swappedPages:
      before.swapped === null || after.swapped === null ? null : after.swapped - before.swapped,
    swapUsedBytes: parseSwapUsed(text('/proc/meminfo')),
    clock,
    load: loadBetween(before.time, after.time),
    loadAverage: process.platform === 'win32' ? null : (loadavg()[0] ?? null),
    governor: text('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'),
    turbo: readTurbo(),
    container: readContainer(),
  }
}

/** `1609  0  2466170`: in use, free, the most. */
export function parseSystemFiles(fileNr: string | null): MachineReading['systemFiles'] {
  const [used = Number.NaN, , most = Number.NaN] = (fileNr ?? '').split(/\s+/).map(Number)
  return Number.isSafeInteger(used) && most > 0 ? { used, most } : null
}

/** `TCP: inuse 406 orphan 0 tw 99470 …` */
export function parseTimeWait(sockstat: string | null): number | null {
  const count = /^TCP:.* tw (\d+)/m.exec(sockstat ?? '')?.[1]
  return count === undefined ? null : Number(count)
}

export function parseSwapUsed(meminfo: string | null): number | null {
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(meminfo ?? '')?.[1] ?? Number.NaN)
  const used = kilobytes('SwapTotal') - kilobytes('SwapFree')
  return Number.isNaN(used) ? null : used * 1024
}

/** Version 2, `max 100000` or `150000 100000`, of a control group. */
export function parseCpuMax(cpuMax: string | null): number | null {
  const [quota = Number.NaN, period = Number.NaN] = (cpuMax ?? '').split(/\s+/).map(Number)
  return quota > 0 && period > 0 ? quota / period : null
}

/** Version 2: the folders of a control group and of those above it, whose limits hold for it, too. */
export function groupFolders(cgroup: string | null): readonly string[] {
  const names = (/^0::(\/.*)$/m.exec(cgroup ?? '')?.[1] ?? '').split('/').filter(Boolean)
  return ['', ...names.map((_, at) => `/${names.slice(0, at + 1).join('/')}`)]
}

function readClock(): ClockReading {
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
    source: text(`${folder}/current_clocksource`),
    sources: (text(`${folder}/available_clocksource`) ?? '').split(/\s+/).filter(Boolean),
  }
}

function readTime(): ProcessorTime {
  return processorTime(text('/proc/stat'), text('/proc/self/status'))
}

function readSwapped(): number | null {
  const vmstat = text('/proc/vmstat') ?? ''
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

function text(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return null
  }
}

function number(path: string): number | null {
  const value = Number(text(path) ?? Number.NaN)
  return Number.isNaN(value) ? null : value
}
